import {BTF_KINDS} from './btf_edit.js';

/** What a member or a variable is: its name, its type's id, its offset (of members in bits). */
export interface BtfPart {
  readonly name: string | number;
  readonly type: number;
  readonly offset?: number;
  readonly size?: number;
}

/** A BTF from nothing, of any size. Names are text, or offsets into the strings. */
export class BtfBuilder {
  readonly #records: Buffer[] = [];
  readonly #strings: Buffer[] = [Buffer.from('\0')];
  readonly #offsets = new Map<string, number>([['', 0]]);
  #stringsSize: number;
  #count: number;

  /** Split BTF goes on behind the types and strings of this one. */
  constructor(base: {readonly types: number; readonly strings: number} = {types: 0, strings: 0}) {
    this.#stringsSize = base.strings + 1;
    this.#count = base.types;
  }

  /** The offset of a name, which is written once. */
  string(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringsSize;
    this.#offsets.set(text, offset);
    this.#strings.push(Buffer.from(`${text}\0`, 'latin1'));
    this.#stringsSize += text.length + 1;
    return offset;
  }

  int(name: string, size: number): number {
    return this.#add('INT', name, 0, size, [size * 8]);
  }

  pointer(type: number): number {
    return this.#add('PTR', '', 0, type);
  }

  constant(type: number): number {
    return this.#add('CONST', '', 0, type);
  }

  array(type: number, length: number): number {
    return this.#add('ARRAY', '', 0, 0, [type, type, length]);
  }

  struct(name: string | number, size: number, members: readonly BtfPart[]): number {
    const words = members.flatMap(({name, type, offset = 0}) => [this.#name(name), type, offset]);
    return this.#add('STRUCT', name, members.length, size, words);
  }

  /** Enumerators have their numbers as values. */
  enum64(name: string, size: number, enumerators: readonly string[]): number {
    const words = enumerators.flatMap((enumerator, i) => [this.#name(enumerator), i, 0]);
    return this.#add('ENUM64', name, enumerators.length, size, words);
  }

  /** Parameters without a name are types alone; those of functions that a kernel loads have one. */
  prototype(returns: number, parameters: readonly (number | BtfPart)[] = []): number {
    const words = parameters.flatMap(one =>
      typeof one === 'number' ? [0, one] : [this.#name(one.name), one.type],
    );
    return this.#add('FUNC_PROTO', '', parameters.length, returns, words);
  }

  /** `linkage`: 0 static, 1 global, 2 extern. */
  function(name: string | number, prototype: number, linkage = 1): number {
    return this.#add('FUNC', name, linkage, prototype);
  }

  variable(name: string | number, type: number, linkage = 1): number {
    return this.#add('VAR', name, 0, type, [linkage]);
  }

  section(name: string, size: number, parts: readonly Omit<BtfPart, 'name'>[]): number {
    const words = parts.flatMap(({type, offset = 0, size: bytes = 0}) => [type, offset, bytes]);
    return this.#add('DATASEC', name, parts.length, size, words);
  }

  /** Of a whole function or type, or of one parameter. */
  declTag(text: string, type: number, parameter = 0xffff_ffff): number {
    return this.#add('DECL_TAG', text, 0, type, [parameter]);
  }

  build(): Buffer {
    const types = Buffer.concat(this.#records);
    const strings = Buffer.concat(this.#strings);
    const header = Buffer.alloc(24);
    header.writeUInt16LE(0xeb9f, 0);
    header.writeUInt8(1, 2);
    header.writeUInt32LE(24, 4);
    header.writeUInt32LE(types.length, 12);
    header.writeUInt32LE(types.length, 16);
    header.writeUInt32LE(strings.length, 20);
    return Buffer.concat([header, types, strings]);
  }

  #name(name: string | number): number {
    return typeof name === 'number' ? name : this.string(name);
  }

  /** `more`: the words after struct btf_type. */
  #add(
    kind: string,
    name: string | number,
    vlen: number,
    sizeOrType: number,
    more: readonly number[] = [],
  ): number {
    const record = Buffer.alloc(12 + 4 * more.length);
    record.writeUInt32LE(this.#name(name), 0);
    record.writeUInt32LE(((BTF_KINDS.indexOf(kind) << 24) | vlen) >>> 0, 4);
    record.writeUInt32LE(sizeOrType, 8);
    more.forEach((word, i) => {
      record.writeUInt32LE(word, 12 + 4 * i);
    });
    this.#records.push(record);
    this.#count++;
    return this.#count;
  }
}

/** Where the header of `.BTF.ext` has the length of a part (struct btf_ext_header). */
const PART_LENGTH_AT = {funcInfo: 12, lineInfo: 20, coreRelo: 28} as const;

/** A `.BTF.ext` of one part, given as its words: the size of a record, then the blocks. */
export function btfExt(part: keyof typeof PART_LENGTH_AT, words: readonly number[]): Buffer {
  const records = Buffer.from(Uint32Array.from(words).buffer);
  const header = Buffer.alloc(32);
  header.writeUInt16LE(0xeb9f, 0);
  header.writeUInt8(1, 2);
  header.writeUInt32LE(header.length, 4);
  header.writeUInt32LE(records.length, PART_LENGTH_AT[part]);
  return Buffer.concat([header, records]);
}
