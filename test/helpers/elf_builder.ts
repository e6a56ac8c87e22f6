/** Numbers of include/uapi/linux/elf.h. */
export const SHT = {PROGBITS: 1, SYMTAB: 2, STRTAB: 3, NOBITS: 8, REL: 9} as const;
export const SHF_EXECINSTR = 4;
export const STB_GLOBAL = 1;
export const STT = {NOTYPE: 0, OBJECT: 1, FUNC: 2} as const;

const EHDR_SIZE = 64;
const SHDR_SIZE = 64;
const SYM_SIZE = 24;
const REL_SIZE = 16;

export interface NewSection {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly content?: Uint8Array;
  /** Instead of the content of a NOBITS section. */
  readonly size?: number;
  /** The name of the section that relocations are for. */
  readonly of?: string;
}

export interface NewSymbol {
  /** Text, or where it is in the string table. */
  readonly name: string | number;
  readonly type: number;
  /** The name of its section; none: undefined. */
  readonly section?: string;
  readonly value?: number;
  readonly size?: number;
}

/** A BPF object from nothing. Symbols are global; the first has the number 1. */
export function buildElf(
  sections: readonly NewSection[],
  symbols: readonly NewSymbol[],
  /** Put before all other names, so that symbols can name parts of it: it begins at 1. */
  names = '',
): Buffer {
  const strings = new Strings(names);
  const all = [{name: ''}, ...sections, {name: '.strtab'}, {name: '.symtab'}] as NewSection[];
  const indices = new Map(all.map(({name}, index) => [name, index]));
  const [strtab, symtab] = [all.length - 2, all.length - 1];

  const table = Buffer.alloc((symbols.length + 1) * SYM_SIZE);
  symbols.forEach(({name, type, section, value = 0, size = 0}, i) => {
    const at = (i + 1) * SYM_SIZE;
    table.writeUInt32LE(typeof name === 'number' ? name : strings.add(name), at);
    table.writeUInt8((STB_GLOBAL << 4) | type, at + 4);
    table.writeUInt16LE(section === undefined ? 0 : (indices.get(section) ?? 0), at + 6);
    table.writeBigUInt64LE(BigInt(value), at + 8);
    table.writeBigUInt64LE(BigInt(size), at + 16);
  });
  const nameOffsets = all.map(({name}) => strings.add(name));

  const headers = Buffer.alloc(all.length * SHDR_SIZE);
  const contents: Uint8Array[] = [];
  let offset = EHDR_SIZE;
  all.forEach(({type = SHT.PROGBITS, flags = 0, content, size, of}, index) => {
    const isTable = index === strtab || index === symtab;
    const bytes =
      index === strtab ? strings.bytes : index === symtab ? table : (content ?? new Uint8Array());
    const at = index * SHDR_SIZE;
    const known = index === strtab ? SHT.STRTAB : index === symtab ? SHT.SYMTAB : type;
    headers.writeUInt32LE(nameOffsets[index] ?? 0, at);
    headers.writeUInt32LE(index === 0 ? 0 : known, at + 4);
    headers.writeBigUInt64LE(BigInt(flags), at + 8);
    headers.writeBigUInt64LE(BigInt(index === 0 ? 0 : offset), at + 24);
    headers.writeBigUInt64LE(BigInt(size ?? bytes.length), at + 32);
    headers.writeUInt32LE(index === symtab ? strtab : type === SHT.REL ? symtab : 0, at + 40);
    headers.writeUInt32LE(isTable || of === undefined ? 0 : (indices.get(of) ?? 0), at + 44);
    headers.writeBigUInt64LE(BigInt(index === symtab ? SYM_SIZE : REL_SIZE), at + 56);
    contents.push(bytes);
    offset += bytes.length;
  });

  const header = Buffer.alloc(EHDR_SIZE);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(247, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(offset), 40);
  header.writeUInt16LE(EHDR_SIZE, 52);
  header.writeUInt16LE(SHDR_SIZE, 58);
  header.writeUInt16LE(all.length, 60);
  header.writeUInt16LE(strtab, 62);
  return Buffer.concat([header, ...contents, headers]);
}

/** SHT_REL entries: where, and the number of the symbol. */
export function relocations(entries: readonly (readonly [offset: number, symbol: number])[]) {
  const bytes = Buffer.alloc(entries.length * REL_SIZE);
  entries.forEach(([offset, symbol], i) => {
    bytes.writeBigUInt64LE(BigInt(offset), i * REL_SIZE);
    bytes.writeUInt32LE(1, i * REL_SIZE + 8);
    bytes.writeUInt32LE(symbol, i * REL_SIZE + 12);
  });
  return bytes;
}

class Strings {
  readonly #parts: Buffer[];
  readonly #offsets = new Map<string, number>([['', 0]]);
  #size: number;

  constructor(first: string) {
    this.#parts = [Buffer.from(`\0${first}\0`, 'latin1')];
    this.#size = first.length + 2;
  }

  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#size;
    this.#offsets.set(text, offset);
    this.#parts.push(Buffer.from(`${text}\0`, 'latin1'));
    this.#size += text.length + 1;
    return offset;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
