import {BtfEdit} from './btf_edit.js';

/** Offsets in an ELF64 header (EHDR), a section header (SHDR) and a symbol (SYM). */
export const EHDR = {
  class: 4,
  data: 5,
  type: 16,
  machine: 18,
  shoff: 40,
  shentsize: 58,
  shnum: 60,
  shstrndx: 62,
  size: 64,
} as const;

export const SHDR = {
  name: 0,
  type: 4,
  flags: 8,
  offset: 24,
  size: 32,
  link: 40,
  info: 44,
  entsize: 56,
} as const;

export const SYM = {name: 0, info: 4, shndx: 6, value: 8, size: 16} as const;

const SHT_SYMTAB = 2;
const SHDR_SIZE = 64;
const SYM_SIZE = 24;
const REL_SIZE = 16;

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  /** Where its header is in the file. */
  readonly header: number;
  readonly offset: number;
  readonly size: number;
}

export interface Symbol {
  readonly index: number;
  readonly name: string;
  /** Where its entry is in the file. */
  readonly at: number;
}

/**
 * A copy of a good object whose fields a test finds by name and overwrites. It parses on its own,
 * knowing nothing of the core, and believes every field.
 */
export class ElfEdit {
  readonly bytes: Buffer;
  /** As they were at first. */
  readonly sections: readonly Section[];
  readonly symbols: readonly Symbol[];

  constructor(object: Uint8Array) {
    this.bytes = Buffer.from(object);
    this.sections = this.#readSections();
    this.symbols = this.#readSymbols();
  }

  section(name: string): Section {
    return found(
      this.sections.find(section => section.name === name),
      name,
    );
  }

  symbol(name: string): Symbol {
    return found(
      this.symbols.find(symbol => symbol.name === name),
      name,
    );
  }

  /** The places of a relocation section's entries in the file. */
  relocations(section: string): number[] {
    const {offset, size} = this.section(section);
    return Array.from({length: size / REL_SIZE}, (_, i) => offset + i * REL_SIZE);
  }

  /** A view of the object's BTF: what it writes is written here. */
  get btf(): BtfEdit {
    const {offset, size} = this.section('.BTF');
    return new BtfEdit(this.bytes.subarray(offset, offset + size), offset);
  }

  u16(at: number, value: number): this {
    this.bytes.writeUInt16LE(value, at);
    return this;
  }

  u32(at: number, value: number): this {
    this.bytes.writeUInt32LE(value, at);
    return this;
  }

  u64(at: number, value: number | bigint): this {
    this.bytes.writeBigUInt64LE(BigInt(value), at);
    return this;
  }

  #readSections(): Section[] {
    const {bytes} = this;
    const table = Number(bytes.readBigUInt64LE(EHDR.shoff));
    const read = (index: number) => {
      const header = table + index * SHDR_SIZE;
      return {
        index,
        header,
        nameOffset: bytes.readUInt32LE(header + SHDR.name),
        type: bytes.readUInt32LE(header + SHDR.type),
        offset: Number(bytes.readBigUInt64LE(header + SHDR.offset)),
        size: Number(bytes.readBigUInt64LE(header + SHDR.size)),
      };
    };
    const names = read(bytes.readUInt16LE(EHDR.shstrndx));
    return Array.from({length: bytes.readUInt16LE(EHDR.shnum)}, (_, index) => {
      const {nameOffset, ...section} = read(index);
      return {...section, name: textAt(bytes, names.offset + nameOffset)};
    });
  }

  #readSymbols(): Symbol[] {
    const {bytes} = this;
    const table = found(
      this.sections.find(({type}) => type === SHT_SYMTAB),
      'symbol table',
    );
    const link = bytes.readUInt32LE(table.header + SHDR.link);
    const names = found(this.sections[link], 'names of symbols').offset;
    return Array.from({length: table.size / SYM_SIZE}, (_, index) => {
      const at = table.offset + index * SYM_SIZE;
      return {index, at, name: textAt(bytes, names + bytes.readUInt32LE(at + SYM.name))};
    });
  }
}

/** Up to a NUL. */
function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}

export function found<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new Error(`there is no ${what}`);
  return thing;
}
