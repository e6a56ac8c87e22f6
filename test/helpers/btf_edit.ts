/** Offsets in struct btf_header and struct btf_type. */
export const BTF_HEADER = {
  magic: 0,
  version: 2,
  hdr_len: 4,
  type_off: 8,
  type_len: 12,
  str_off: 16,
  str_len: 20,
} as const;

export const BTF_TYPE = {name_off: 0, info: 4, size_or_type: 8, more: 12} as const;

/** enum of include/uapi/linux/btf.h, by number. */
export const BTF_KINDS = [
  ...['void', 'INT', 'PTR', 'ARRAY', 'STRUCT', 'UNION', 'ENUM', 'FWD', 'TYPEDEF', 'VOLATILE'],
  ...['CONST', 'RESTRICT', 'FUNC', 'FUNC_PROTO', 'VAR', 'DATASEC', 'FLOAT', 'DECL_TAG'],
  ...['TYPE_TAG', 'ENUM64'],
];

const TYPE_SIZE = 12;
/** Bytes after struct btf_type, and for each of its `vlen` parts. */
const FIXED: Readonly<Record<string, number>> = {INT: 4, ARRAY: 12, VAR: 4, DECL_TAG: 4};
const PER_PART: Readonly<Record<string, number>> = {
  ...{STRUCT: 12, UNION: 12, ENUM: 8, FUNC_PROTO: 8, DATASEC: 12, ENUM64: 12},
};

export interface BtfType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly vlen: number;
  /** Where its record is in the BTF. */
  readonly at: number;
}

/** A good BTF whose fields a test finds by name and overwrites, in place. */
export class BtfEdit {
  /** As they were at first; the first one has id 1. */
  readonly types: readonly BtfType[];

  constructor(
    readonly bytes: Buffer,
    /** Where it begins in its file. */
    readonly fileOffset = 0,
  ) {
    this.types = this.#readTypes();
  }

  get typesAt(): number {
    return this.header('hdr_len') + this.header('type_off');
  }

  get stringsAt(): number {
    return this.header('hdr_len') + this.header('str_off');
  }

  header(field: Exclude<keyof typeof BTF_HEADER, 'magic' | 'version'>): number {
    return this.bytes.readUInt32LE(BTF_HEADER[field]);
  }

  type(kind: string, name: string): BtfType {
    const type = this.types.find(one => one.kind === kind && one.name === name);
    if (type === undefined) throw new Error(`there is no ${kind} ${name}`);
    return type;
  }

  /** Where the `index`th member, parameter, variable or enumerator of a type is in the BTF. */
  part(type: BtfType, index: number): number {
    return type.at + TYPE_SIZE + (FIXED[type.kind] ?? 0) + index * (PER_PART[type.kind] ?? 0);
  }

  u32(at: number, value: number): this {
    this.bytes.writeUInt32LE(value, at);
    return this;
  }

  setInfo(type: BtfType, kind: number, vlen: number, kindFlag = false): this {
    return this.u32(type.at + BTF_TYPE.info, ((kind << 24) | vlen | (+kindFlag << 31)) >>> 0);
  }

  name(offset: number): string {
    const at = this.stringsAt + offset;
    return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at));
  }

  #readTypes(): BtfType[] {
    const types: BtfType[] = [];
    const end = this.typesAt + this.header('type_len');
    for (let at = this.typesAt; at < end; ) {
      const info = this.bytes.readUInt32LE(at + BTF_TYPE.info);
      const kind = BTF_KINDS[(info >>> 24) & 0x7f] ?? 'unknown';
      const vlen = info & 0xff_ffff;
      const name = this.name(this.bytes.readUInt32LE(at + BTF_TYPE.name_off));
      types.push({id: types.length + 1, kind, name, vlen, at});
      at += TYPE_SIZE + (FIXED[kind] ?? 0) + vlen * (PER_PART[kind] ?? 0);
    }
    return types;
  }
}
