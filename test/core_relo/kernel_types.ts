import {join} from 'node:path';
import {execa} from 'execa';
import {getBpftool} from '../rig/bpftool.js';

/** As `bpftool -j btf dump` shows a type, as far as it is used here. */
interface BtfType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly type_id?: number;
  readonly size?: number;
  readonly nr_elems?: number;
  readonly encoding?: string;
  readonly members?: readonly Member[];
  /** Of enums; the numbers as text, since some have 64 bits. */
  readonly values?: readonly {readonly name: string; readonly val: string}[];
}

interface Member {
  readonly name: string;
  readonly type_id: number;
  readonly bits_offset: number;
  readonly bitfield_size?: number;
}

/** A place in a struct. */
export interface Field {
  /** Bits from the start of the struct. */
  readonly bits: number;
  /** 0: no bitfield. */
  readonly bitfield: number;
  readonly size: number;
  readonly signed: boolean;
}

/** Has the first id, and no record. */
const VOID: BtfType = {id: 0, kind: 'VOID', name: ''};
const MODIFIERS = ['TYPEDEF', 'CONST', 'VOLATILE', 'RESTRICT', 'TYPE_TAG'];

/** The types of a kernel as bpftool reads them: what relocated numbers are checked against. */
export class KernelTypes {
  private constructor(private readonly types: readonly BtfType[]) {}

  /**
   * @param btf path of raw BTF
   * @param base of a module: path of its kernel's, whose types are there as well
   */
  static async read(btf: string, base?: string): Promise<KernelTypes> {
    const vmlinux = base === undefined ? [VOID] : (await KernelTypes.read(base)).types;
    const bpftool = join(await getBpftool(), 'bin/bpftool');
    const args = ['--json', ...(base ? ['--base-btf', base] : []), 'btf', 'dump', 'file', btf];
    const {stdout} = await execa(bpftool, args, {maxBuffer: 2 ** 30});
    const exact = stdout.replace(/"val":(-?\d+)/g, '"val":"$1"');
    const {types} = JSON.parse(exact) as {types: readonly BtfType[]};
    return new KernelTypes([...vmlinux, ...types]);
  }

  /** 0: there is none. */
  idOf(kind: string, name: string): number {
    return Math.max(
      0,
      this.types.findIndex(one => one.kind === kind && one.name === name),
    );
  }

  has(kind: string, name: string): boolean {
    return this.types.some(type => type.kind === kind && type.name === name);
  }

  sizeOfStruct(name: string): number {
    return this.#named('STRUCT', name).size ?? 0;
  }

  hasField(struct: string, field: string): boolean {
    return this.#find(this.#named('STRUCT', struct), field) !== undefined;
  }

  /** @param path such as `__sk_common.skc_dport` or `comm[5]` */
  field(struct: string, path: string): Field {
    let type = this.#named('STRUCT', struct);
    let field: Field = {bits: 0, bitfield: 0, size: type.size ?? 0, signed: false};
    for (const [, name, index] of path.matchAll(/\.?(\w+)|\[(\d+)\]/g)) {
      let next: number;
      let bits: number;
      let bitfield = 0;
      if (index === undefined) {
        const member = this.#find(type, name ?? '');
        if (member === undefined) throw new Error(`struct ${struct} has no ${path}`);
        ({type_id: next, bits_offset: bits, bitfield_size: bitfield = 0} = member);
      } else {
        next = type.type_id ?? 0;
        bits = Number(index) * this.#sizeOf(next) * 8;
      }
      type = this.#bare(next);
      const signed = type.encoding === 'SIGNED';
      field = {bits: field.bits + bits, bitfield, size: this.#sizeOf(next), signed};
    }
    return field;
  }

  /** Of the ENUM or ENUM64 of that name; undefined: it has no such enumerator, or there is none. */
  enumValue(enumName: string, name: string): bigint | undefined {
    const type = this.types.find(
      one => (one.kind === 'ENUM' || one.kind === 'ENUM64') && one.name === enumName,
    );
    const value = type?.values?.find(one => one.name === name)?.val;
    return value === undefined ? undefined : BigInt(value);
  }

  #named(kind: string, name: string): BtfType {
    return this.#type(this.idOf(kind, name));
  }

  #type(id: number): BtfType {
    const type = this.types[id];
    if (type === undefined) throw new RangeError(`no type ${id}`);
    return type;
  }

  #bare(id: number): BtfType {
    const type = this.#type(id);
    return MODIFIERS.includes(type.kind) ? this.#bare(type.type_id ?? 0) : type;
  }

  #sizeOf(id: number): number {
    const type = this.#bare(id);
    if (type.kind === 'PTR') return 8;
    if (type.kind === 'ARRAY') return (type.nr_elems ?? 0) * this.#sizeOf(type.type_id ?? 0);
    return type.size ?? 0;
  }

  /** A member, also of unnamed structs and unions within. */
  #find(type: BtfType, name: string): Member | undefined {
    for (const member of type.members ?? []) {
      if (member.name === name) return member;
      if (member.name !== '(anon)') continue;
      const inner = this.#find(this.#bare(member.type_id), name);
      if (inner !== undefined) {
        return {...inner, bits_offset: inner.bits_offset + member.bits_offset};
      }
    }
    return undefined;
  }
}
