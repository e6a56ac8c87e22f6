import {BTF_TYPE, type BtfEdit, type BtfType} from '../../helpers/btf_edit.js';

/** Kinds whose third word is a type. */
const REFERS = [
  ...['PTR', 'TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'FUNC', 'FUNC_PROTO', 'VAR'],
  ...['DECL_TAG', 'TYPE_TAG'],
];
/** What a pointer goes through on its way to a struct. */
const PASSED = ['TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'TYPE_TAG'];
/** Where the parts of a kind have a name and a type, in words. */
const PARTS: Readonly<Record<string, {words: number; name?: number; type?: number}>> = {
  STRUCT: {words: 3, name: 0, type: 1},
  UNION: {words: 3, name: 0, type: 1},
  ENUM: {words: 2, name: 0},
  FUNC_PROTO: {words: 2, name: 0, type: 1},
  DATASEC: {words: 3, type: 0},
  ENUM64: {words: 3, name: 0},
};
const BTF_KIND_FWD = 7;
const KIND_FLAG = 0x8000_0000;
const HEADER_SIZE = 24;

/**
 * A part of a BTF that is a whole one: the types that are wanted, and what they are made of. Of a struct that they only
 * point to there is a forward declaration. With a base it is split BTF: what has a name there is not there again.
 */
export function cutBtf(btf: BtfEdit, wanted: (type: BtfType) => boolean, base?: BtfEdit): Buffer {
  return new Cut(btf, wanted, base).bytes();
}

class Cut {
  readonly #records: Buffer[] = [];
  readonly #ids = new Map<string, number>();
  readonly #strings: Buffer[] = [Buffer.from('\0')];
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #baseIds: ReadonlyMap<string, number>;
  readonly #baseCount: number;
  readonly #baseStrings: number;
  #stringsSize: number;

  constructor(
    private readonly btf: BtfEdit,
    private readonly wanted: (type: BtfType) => boolean,
    base?: BtfEdit,
  ) {
    const named = (base?.types ?? []).filter(({name}) => name !== '');
    this.#baseIds = new Map(named.map(({kind, name, id}) => [`${kind} ${name}`, id]));
    this.#baseCount = base?.types.length ?? 0;
    this.#baseStrings = base?.header('str_len') ?? 0;
    this.#stringsSize = this.#baseStrings + 1;
    for (const type of btf.types) if (wanted(type)) this.#take(type.id, false);
  }

  bytes(): Buffer {
    const types = Buffer.concat(this.#records);
    const header = Buffer.alloc(HEADER_SIZE);
    header.writeUInt16LE(0xeb9f);
    header.writeUInt8(1, 2);
    for (const [i, value] of [HEADER_SIZE, 0, types.length, types.length].entries()) {
      header.writeUInt32LE(value, 4 + 4 * i);
    }
    header.writeUInt32LE(this.#stringsSize - this.#baseStrings, 20);
    return Buffer.concat([header, types, ...this.#strings]);
  }

  /** The new id of a type. */
  #take(id: number, isPointedTo: boolean): number {
    const type = this.btf.types[id - 1];
    if (type === undefined) return 0;
    const inBase = this.#baseIds.get(`${type.kind} ${type.name}`);
    if (inBase !== undefined) return inBase;
    const isStruct = type.kind === 'STRUCT' || type.kind === 'UNION';
    const isForward = isPointedTo && isStruct && type.name !== '' && !this.wanted(type);
    const key = isForward ? `fwd ${type.kind} ${type.name}` : `${id} ${isPointedTo && !isStruct}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    // Before what it refers to, which may refer to it.
    const index = this.#records.push(Buffer.alloc(0)) - 1;
    const newId = this.#baseCount + index + 1;
    this.#ids.set(key, newId);
    this.#records[index] = isForward ? this.#forward(type) : this.#copy(type, isPointedTo);
    return newId;
  }

  #forward({kind, name}: BtfType): Buffer {
    const record = Buffer.alloc(12);
    record.writeUInt32LE(this.#string(name), BTF_TYPE.name_off);
    const flag = kind === 'UNION' ? KIND_FLAG : 0;
    record.writeUInt32LE(((BTF_KIND_FWD << 24) | flag) >>> 0, BTF_TYPE.info);
    return record;
  }

  #copy(type: BtfType, isPointedTo: boolean): Buffer {
    const end = this.btf.types[type.id]?.at ?? this.btf.typesAt + this.btf.header('type_len');
    const record = Buffer.from(this.btf.bytes.subarray(type.at, end));
    const rename = (at: number) =>
      record.writeUInt32LE(this.#string(this.btf.name(record.readUInt32LE(at))), at);
    const retarget = (at: number, pointed: boolean) =>
      record.writeUInt32LE(this.#take(record.readUInt32LE(at), pointed), at);
    rename(BTF_TYPE.name_off);
    if (REFERS.includes(type.kind)) {
      const passes = isPointedTo && PASSED.includes(type.kind);
      retarget(BTF_TYPE.size_or_type, type.kind === 'PTR' || passes);
    }
    if (type.kind === 'ARRAY') {
      retarget(BTF_TYPE.more, false);
      retarget(BTF_TYPE.more + 4, false);
    }
    const layout = PARTS[type.kind];
    for (let i = 0; layout !== undefined && i < type.vlen; i++) {
      const at = BTF_TYPE.more + i * 4 * layout.words;
      if (layout.name !== undefined) rename(at + 4 * layout.name);
      if (layout.type !== undefined) retarget(at + 4 * layout.type, false);
    }
    return record;
  }

  #string(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringsSize;
    this.#offsets.set(text, offset);
    this.#strings.push(Buffer.from(`${text}\0`, 'latin1'));
    this.#stringsSize += text.length + 1;
    return offset;
  }
}
