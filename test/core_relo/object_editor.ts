/** A record of struct bpf_core_relo, and the instruction that it is for. */
export interface CoreRecord {
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly insnOffset: number;
  readonly typeId: number;
  readonly accessOffset: number;
  readonly kind: number;
}

interface Section {
  readonly name: string;
  /** Where its header is. */
  readonly header: number;
  readonly offset: number;
  readonly size: number;
}

const SECTION_HEADER_SIZE = 64;
const BTF_HEADER = {headerSize: 4, typesSize: 12, stringsOffset: 16, stringsSize: 20};
/** Of struct btf_ext_header. */
const CORE_RELO_OFFSET = 24;
const RECORD_SIZE = 16;
export const RECORD = {insn: 0, typeId: 4, accessOffset: 8, kind: 12};
/** An instruction that no object here has. */
const NOWHERE = 0xfff8;

/** Changes one place of an object and leaves the rest: what compilers do not write. */
export class ObjectEditor {
  bytes: Buffer;

  constructor(object: Uint8Array) {
    this.bytes = Buffer.from(object);
  }

  /** The relocations of the object, of all sections, in the order of the file. */
  get records(): readonly CoreRecord[] {
    const records: CoreRecord[] = [];
    for (const {section, offset, count} of this.#blocks()) {
      for (let i = 0; i < count; i++) {
        const at = offset + 8 + i * RECORD_SIZE;
        const field = (name: keyof typeof RECORD) => this.bytes.readUInt32LE(at + RECORD[name]);
        records.push({
          offset: at,
          insnOffset: this.section(section).offset + field('insn'),
          typeId: field('typeId'),
          accessOffset: field('accessOffset'),
          kind: field('kind'),
        });
      }
    }
    return records;
  }

  record(index: number): CoreRecord {
    const record = this.records[index];
    if (record === undefined) throw new RangeError(`no record ${index}`);
    return record;
  }

  set(index: number, field: keyof typeof RECORD, value: number): this {
    this.bytes.writeUInt32LE(value, this.record(index).offset + RECORD[field]);
    return this;
  }

  /** Points all other records at no instruction: loaders pass over them. */
  keepOnly(...indices: readonly number[]): this {
    this.records.forEach((_, index) => {
      if (!indices.includes(index)) this.set(index, 'insn', NOWHERE);
    });
    return this;
  }

  /** Gives a relocation an access string of any text. */
  setAccess(index: number, text: string): this {
    return this.set(index, 'accessOffset', this.#addString(text));
  }

  /** The instruction of a relocation, to be written to. */
  insn(index: number): Buffer {
    return this.bytes.subarray(this.record(index).insnOffset);
  }

  /** The section that the first block of records is for. */
  setSectionOfRecords(name: string): this {
    const offset = name === '' ? 0 : this.#addString(name);
    const [block] = this.#blocks();
    this.bytes.writeUInt32LE(offset, block?.offset ?? 0);
    return this;
  }

  /** Says one relocation many times over. */
  repeat(index: number, times: number): this {
    const {offset} = this.record(index);
    const record = Buffer.from(this.bytes.subarray(offset, offset + RECORD_SIZE));
    const ext = this.section('.BTF.ext');
    const start = ext.offset + this.bytes.readUInt32LE(ext.offset + BTF_HEADER.headerSize);
    const part = start + this.bytes.readUInt32LE(ext.offset + CORE_RELO_OFFSET);
    const head = Buffer.from(this.bytes.subarray(ext.offset, part + 12));
    head.writeUInt32LE(4 + 8 + times * RECORD_SIZE, CORE_RELO_OFFSET + 4);
    head.writeUInt32LE(times, head.length - 4);
    const records = Buffer.alloc(times * RECORD_SIZE, record);
    this.#replace(ext, Buffer.concat([head, records]));
    return this;
  }

  section(name: string): Section {
    const found = this.#sections().find(section => section.name === name);
    if (found === undefined) throw new RangeError(`no section ${name}`);
    return found;
  }

  contentOf(name: string): Buffer {
    const {offset, size} = this.section(name);
    return this.bytes.subarray(offset, offset + size);
  }

  /** More types at the end of .BTF: their records. */
  addTypes(records: Buffer): this {
    const btf = Buffer.from(this.contentOf('.BTF'));
    const strings = btf.readUInt32LE(BTF_HEADER.stringsOffset);
    const at = btf.readUInt32LE(BTF_HEADER.headerSize) + strings;
    for (const field of ['typesSize', 'stringsOffset'] as const) {
      btf.writeUInt32LE(btf.readUInt32LE(BTF_HEADER[field]) + records.length, BTF_HEADER[field]);
    }
    const content = Buffer.concat([btf.subarray(0, at), records, btf.subarray(at)]);
    this.#replace(this.section('.BTF'), content);
    return this;
  }

  /** One more string at the end of .BTF; its offset among the strings. */
  #addString(text: string): number {
    const section = this.section('.BTF');
    const btf = Buffer.concat([this.contentOf('.BTF'), Buffer.from(`${text}\0`)]);
    const offset = btf.readUInt32LE(BTF_HEADER.stringsSize);
    btf.writeUInt32LE(offset + text.length + 1, BTF_HEADER.stringsSize);
    this.#replace(section, btf);
    return offset;
  }

  /** Puts new bytes of a section at the end of the file. */
  #replace({header}: Section, content: Buffer): void {
    const aligned = Buffer.alloc(Math.ceil(this.bytes.length / 8) * 8);
    this.bytes.copy(aligned);
    aligned.writeBigUInt64LE(BigInt(aligned.length), header + 24);
    aligned.writeBigUInt64LE(BigInt(content.length), header + 32);
    this.bytes = Buffer.concat([aligned, content]);
  }

  /** The blocks of CO-RE records of .BTF.ext. */
  #blocks(): {section: string; offset: number; count: number}[] {
    const ext = this.section('.BTF.ext').offset;
    const part = ext + this.bytes.readUInt32LE(ext + BTF_HEADER.headerSize);
    const start = part + this.bytes.readUInt32LE(ext + CORE_RELO_OFFSET);
    const end = start + this.bytes.readUInt32LE(ext + CORE_RELO_OFFSET + 4);
    const blocks = [];
    // The size of a record comes first.
    for (let offset = start + 4; offset < end; ) {
      const count = this.bytes.readUInt32LE(offset + 4);
      const section = this.#btfString(this.bytes.readUInt32LE(offset));
      blocks.push({section, offset, count});
      offset += 8 + count * RECORD_SIZE;
    }
    return blocks;
  }

  #btfString(offset: number): string {
    const btf = this.contentOf('.BTF');
    const headerSize = btf.readUInt32LE(BTF_HEADER.headerSize);
    return stringAt(btf, headerSize + btf.readUInt32LE(BTF_HEADER.stringsOffset) + offset);
  }

  #sections(): Section[] {
    const bytes = this.bytes;
    const [first, count] = [Number(bytes.readBigUInt64LE(40)), bytes.readUInt16LE(60)];
    const headers = Array.from({length: count}, (_, i) => first + i * SECTION_HEADER_SIZE);
    const offsetIn = (header: number) => Number(bytes.readBigUInt64LE(header + 24));
    const names = offsetIn(headers[bytes.readUInt16LE(62)] ?? 0);
    return headers.map(header => ({
      name: stringAt(bytes, names + bytes.readUInt32LE(header)),
      header,
      offset: offsetIn(header),
      size: Number(bytes.readBigUInt64LE(header + 32)),
    }));
  }
}

function stringAt(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, bytes.indexOf(0, offset));
}
