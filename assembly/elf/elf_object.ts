import {EMPTY_NAME, nameIs, nameText} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {StringSection} from '../bytes/string_section';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {NAME_LENGTH_MAX} from '../limits';
import * as elf from '../uapi/elf';

/** One entry of the section table, its bytes known to lie inside the file. */
@final
export class ElfSection {
  constructor(
    readonly index: u32,
    /** NUL-terminated, inside the file. */
    readonly name: usize,
    readonly type: u32,
    readonly executable: bool,
    /** Offset of its bytes in the file. */
    readonly offset: u32,
    /** Its size; for `SHT_NOBITS` no bytes are in the file. */
    readonly size: u32,
    readonly link: u32,
    readonly info: u32,
    readonly entrySize: u64,
    /** Where its bytes are in memory; 0 for `SHT_NOBITS`. */
    readonly data: usize,
  ) {}

  get text(): string {
    return nameText(this.name);
  }
}

/** One entry of the symbol table. */
@final
export class ElfSymbol {
  constructor(
    readonly index: u32,
    readonly name: usize,
    readonly bind: u32,
    readonly type: u32,
    readonly visibility: u32,
    readonly section: u32,
    readonly value: u64,
    readonly size: u64,
  ) {}

  /** Weak functions and variables count as global, as in libbpf. */
  get global(): bool {
    return this.bind == elf.STB_GLOBAL || this.bind == elf.STB_WEAK;
  }

  get local(): bool {
    return this.bind == elf.STB_LOCAL;
  }

  get hidden(): bool {
    return this.visibility == elf.STV_HIDDEN || this.visibility == elf.STV_INTERNAL;
  }

  get text(): string {
    return nameText(this.name);
  }
}

/**
 * A little-endian ELF64 relocatable for BPF, read in place: sections and symbols, nothing of what they mean.
 * Mirrors `bpf_object__elf_init` and the first half of `bpf_object__elf_collect` in libbpf.
 */
@final
export class ElfObject {
  readonly sections: ElfSection[] = [];
  readonly symbols: ElfSymbol[] = [];
  private sectionNames: NameIndex = new NameIndex(0);
  /** Of global and weak variables. */
  private variableNames: NameIndex = new NameIndex(0);
  /** Of all sections that have bytes in the file. */
  private sectionBytes: u64 = 0;

  private constructor(
    readonly file: usize,
    readonly size: u32,
    private readonly faults: Faults,
  ) {}

  /** Null when there is a fault. */
  static parse(file: usize, fileSize: u32, faults: Faults): ElfObject | null {
    const object = new ElfObject(file, fileSize, faults);
    if (!object.checkHeader()) return null;
    if (!object.readSections()) return null;
    if (!object.readSymbols()) return null;
    return object.indexNames() ? object : null;
  }

  private checkHeader(): bool {
    const file = this.file;
    const faults = this.faults;
    if (this.size < 4 || load<u32>(file) != 0x464c457f) {
      faults
        .add(FaultCode.ELF_NOT_ELF, 'the file does not start with the ELF magic')
        .at(0)
        .differs('7f 45 4c 46', this.size < 4 ? `${this.size} bytes` : 'other bytes');
      return false;
    }
    if (this.size < elf.EHDR_SIZE) return this.truncated('the ELF header', 0, elf.EHDR_SIZE);
    if (load<u8>(file, 4) != elf.ELFCLASS64) {
      faults
        .add(FaultCode.ELF_NOT_64BIT, 'the ELF file is not of the 64-bit class')
        .at(4)
        .differs('class 2', `class ${load<u8>(file, 4)}`);
      return false;
    }
    const data: u32 = load<u8>(file, 5);
    if (data != elf.ELFDATA2LSB) {
      const found = data == elf.ELFDATA2MSB ? 'big-endian' : `byte order ${data}`;
      faults
        .add(FaultCode.ELF_FOREIGN_ENDIAN, 'the object has another byte order than its target')
        .at(5)
        .differs('little-endian', found);
      return false;
    }
    const machine: u32 = load<u16>(file, elf.E_MACHINE);
    if (machine != elf.EM_BPF && machine != elf.EM_NONE) {
      faults
        .add(FaultCode.ELF_NOT_BPF, 'the ELF file is for another machine than BPF')
        .at(elf.E_MACHINE)
        .differs(`machine ${elf.EM_BPF}`, `machine ${machine}`);
      return false;
    }
    const type: u32 = load<u16>(file, elf.E_TYPE);
    if (type != elf.ET_REL) {
      faults
        .add(FaultCode.ELF_NOT_RELOCATABLE, 'the ELF file is not a relocatable object')
        .at(elf.E_TYPE)
        .differs(`type ${elf.ET_REL}`, `type ${type}`);
      return false;
    }
    return true;
  }

  private readSections(): bool {
    const file = this.file;
    const tableOffset = load<u64>(file, elf.E_SHOFF);
    const entrySize: u32 = load<u16>(file, elf.E_SHENTSIZE);
    const count: u32 = load<u16>(file, elf.E_SHNUM);
    const namesIndex: u32 = load<u16>(file, elf.E_SHSTRNDX);
    if (entrySize != elf.SHDR_SIZE || count == 0 || namesIndex >= count) {
      this.faults
        .add(FaultCode.ELF_BAD_SECTION, 'the ELF header describes no usable section table')
        .at(elf.E_SHENTSIZE)
        .differs(
          `entries of ${elf.SHDR_SIZE} bytes with the names in one of them`,
          `${count} entries of ${entrySize} bytes, names in ${namesIndex}`,
        );
      return false;
    }
    if (!this.holds(tableOffset, count * elf.SHDR_SIZE)) {
      return this.truncated('the section table', tableOffset, count * elf.SHDR_SIZE);
    }
    const table = file + <usize>tableOffset;
    const names = this.stringTable(table + namesIndex * elf.SHDR_SIZE, namesIndex);
    if (names === null) return false;
    for (let i: u32 = 0; i < count; i++) {
      if (!this.readSection(table + i * elf.SHDR_SIZE, i, names)) return false;
    }
    return true;
  }

  private readSection(header: usize, index: u32, names: StringSection): bool {
    const type = load<u32>(header, elf.SH_TYPE);
    const offset = load<u64>(header, elf.SH_OFFSET);
    const size = load<u64>(header, elf.SH_SIZE);
    // The first entry is the null section, whatever its fields say.
    const nameOffset: u32 = index == 0 ? 0 : load<u32>(header, elf.SH_NAME);
    const name = index == 0 ? EMPTY_NAME : names.at(nameOffset);
    const inFile = type != elf.SHT_NOBITS;
    if (name == 0) {
      return this.badSection(header, `section ${index} has its name beyond the string table`);
    }
    if (names.isLong(nameOffset)) {
      return this.badSection(
        header,
        `section ${index} has a name of more than ${NAME_LENGTH_MAX} bytes`,
      );
    }
    if (inFile && index != 0 && !this.holds(offset, size)) {
      return this.truncated(`section ${nameText(name)}`, offset, size, nameText(name));
    }
    if (size > u32.MAX_VALUE) {
      return this.badSection(header, `section ${nameText(name)} is larger than 4 GiB`, name);
    }
    if (inFile && index != 0) this.sectionBytes += size;
    // Whoever reads all sections then reads no more than the file.
    if (this.sectionBytes > this.size) {
      return this.badSection(header, `section ${nameText(name)} overlaps other sections`, name);
    }
    this.sections.push(
      new ElfSection(
        index,
        name,
        index == 0 ? 0 : type,
        (load<u64>(header, elf.SH_FLAGS) & elf.SHF_EXECINSTR) != 0,
        inFile ? <u32>offset : 0,
        index == 0 ? 0 : <u32>size,
        load<u32>(header, elf.SH_LINK),
        load<u32>(header, elf.SH_INFO),
        load<u64>(header, elf.SH_ENTSIZE),
        inFile && index != 0 ? this.file + <usize>offset : 0,
      ),
    );
    return true;
  }

  private readSymbols(): bool {
    let table: ElfSection | null = null;
    for (let i = 0; i < this.sections.length; i++) {
      const section = this.sections[i];
      if (section.type != elf.SHT_SYMTAB) continue;
      if (table !== null) {
        const header = this.file + this.headerOffset(section.index);
        return this.badSection(header, 'the object has two symbol tables', section.name);
      }
      table = section;
    }
    if (table === null) {
      this.faults.add(FaultCode.ELF_NO_SYMTAB, 'the object has no symbol table');
      return false;
    }
    const header = this.file + this.headerOffset(table.index);
    if (table.entrySize != elf.SYM_SIZE) {
      return this.badSection(header, 'the symbol table has entries of another size', table.name);
    }
    if (table.link >= <u32>this.sections.length || table.link == 0) {
      return this.badSection(header, 'the symbol table names no string table', table.name);
    }
    const namesHeader = this.file + this.headerOffset(table.link);
    const names = this.stringTable(namesHeader, table.link);
    if (names === null) return false;
    const count = table.size / elf.SYM_SIZE;
    for (let i: u32 = 0; i < count; i++) {
      heapKeepRoom();
      const at = table.data + i * elf.SYM_SIZE;
      const info: u32 = load<u8>(at, elf.ST_INFO);
      const shndx: u32 = load<u16>(at, elf.ST_SHNDX);
      const type = info & 15;
      const nameOffset = load<u32>(at, elf.ST_NAME);
      let name = names.at(nameOffset);
      if (name == 0) {
        return this.badSymbol(table, at, `symbol ${i} has its name beyond the string table`);
      }
      if (names.isLong(nameOffset)) {
        return this.badSymbol(
          table,
          at,
          `symbol ${i} has a name of more than ${NAME_LENGTH_MAX} bytes`,
        );
      }
      // Section symbols have no name of their own.
      if (type == elf.STT_SECTION && load<u8>(name) == 0 && shndx < <u32>this.sections.length) {
        name = this.sections[shndx].name;
      }
      this.symbols.push(
        new ElfSymbol(
          i,
          name,
          info >> 4,
          type,
          load<u8>(at, elf.ST_OTHER) & 3,
          shndx,
          load<u64>(at, elf.ST_VALUE),
          load<u64>(at, elf.ST_SIZE),
        ),
      );
    }
    return true;
  }

  private indexNames(): bool {
    const sections = this.sections;
    const symbols = this.symbols;
    this.sectionNames = new NameIndex(sections.length);
    this.variableNames = new NameIndex(symbols.length);
    for (let i = sections.length - 1; i > 0; i--) this.sectionNames.add(i, sections[i].name);
    for (let i = symbols.length - 1; i >= 0; i--) {
      const symbol = symbols[i];
      if (symbol.type == elf.STT_OBJECT && symbol.global) this.variableNames.add(i, symbol.name);
    }
    if (!this.sectionNames.crowded && !this.variableNames.crowded) return true;
    this.faults.add(
      this.sectionNames.crowded ? FaultCode.ELF_BAD_SECTION : FaultCode.ELF_BAD_SYMBOL,
      'the names in the object collide so often that they were made to',
    );
    return false;
  }

  /** First section of that name, or null (libbpf ties BTF.ext blocks to sections so). */
  sectionNamed(name: usize): ElfSection | null {
    const index = this.sectionNames.find(name);
    return index == NOT_FOUND ? null : this.sections[index];
  }

  /** Last section of that name that libbpf does not pass over by its type, or null: of two it reads the last. */
  sectionCalled(text: string): ElfSection | null {
    for (let i = this.sections.length - 1; i > 0; i--) {
      const section = this.sections[i];
      const passed = section.type == elf.SHT_STRTAB || section.type == elf.SHT_LLVM_ADDRSIG;
      if (!passed && nameIs(section.name, text)) return section;
    }
    return null;
  }

  /** First global or weak variable of that name, or null (`find_elf_var_sym` of libbpf). */
  variableNamed(name: usize): ElfSymbol | null {
    const index = this.variableNames.find(name);
    return index == NOT_FOUND ? null : this.symbols[index];
  }

  /** Where a section's entry of the section table is in the file. */
  headerOffset(section: u32): u32 {
    return <u32>load<u64>(this.file, elf.E_SHOFF) + section * elf.SHDR_SIZE;
  }

  private holds(offset: u64, size: u64): bool {
    return offset <= this.size && size <= this.size - offset;
  }

  private stringTable(header: usize, index: u32): StringSection | null {
    const offset = load<u64>(header, elf.SH_OFFSET);
    const size = load<u64>(header, elf.SH_SIZE);
    if (load<u32>(header, elf.SH_TYPE) != elf.SHT_STRTAB) {
      this.badSection(header, `section ${index} should be a string table and is not`);
      return null;
    }
    if (!this.holds(offset, size)) {
      this.truncated('a string table', offset, size);
      return null;
    }
    if (size == 0 || load<u8>(this.file + <usize>(offset + size - 1)) != 0) {
      this.faults
        .add(FaultCode.ELF_BAD_SECTION, `the string table in section ${index} does not end in NUL`)
        .at(offset + size);
      return null;
    }
    return new StringSection(this.file + <usize>offset, <u32>size);
  }

  private badSymbol(table: ElfSection, at: usize, message: string): bool {
    this.faults
      .add(FaultCode.ELF_BAD_SYMBOL, message)
      .ofSection(table.text)
      .at(<u64>(at - this.file));
    return false;
  }

  private badSection(header: usize, message: string, name: usize = EMPTY_NAME): bool {
    this.faults
      .add(FaultCode.ELF_BAD_SECTION, message)
      .ofSection(nameText(name))
      .at(<u64>(header - this.file));
    return false;
  }

  private truncated(what: string, offset: u64, size: u64, section: string = ''): bool {
    this.faults
      .add(FaultCode.ELF_TRUNCATED, `${what} lies beyond the end of the file`)
      .ofSection(section)
      .at(offset)
      .differs(`${size} bytes at ${offset}`, `a file of ${this.size} bytes`);
    return false;
  }
}
