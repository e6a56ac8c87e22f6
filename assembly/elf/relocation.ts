import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as elf from '../uapi/elf';
import {ElfObject, ElfSection, ElfSymbol} from './elf_object';

/** The entries of one SHT_REL section, with what they apply to. */
@final
export class RelocationReader {
  readonly count: u32;

  constructor(
    private readonly object: ElfObject,
    /** The section of relocations; its target index is checked. */
    readonly section: ElfSection,
    private readonly faults: Faults,
  ) {
    this.count = section.size / elf.REL_SIZE;
  }

  get target(): ElfSection {
    return this.object.sections[this.section.info];
  }

  /** Bytes from the start of the target section. */
  offset(index: u32): u64 {
    return load<u64>(this.section.data + index * elf.REL_SIZE);
  }

  /** The symbol, or null and a fault. The relocation's type means nothing here: the instruction decides, as in libbpf. */
  symbol(index: u32): ElfSymbol | null {
    const symbol = <u32>(load<u64>(this.section.data + index * elf.REL_SIZE, 8) >> 32);
    const offset = this.offset(index);
    if (symbol < <u32>this.object.symbols.length && offset < this.target.size) {
      return this.object.symbols[symbol];
    }
    this.faults
      .add(
        FaultCode.ELF_BAD_RELOCATION,
        `relocation ${index} of ${this.section.text} is out of range`,
      )
      .ofSection(this.section.text)
      .at(<u64>this.section.offset + index * elf.REL_SIZE)
      .differs(
        `an offset below ${this.target.size} and a symbol below ${this.object.symbols.length}`,
        `offset ${offset}, symbol ${symbol}`,
      );
    return null;
  }
}
