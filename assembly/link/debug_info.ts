import {BtfExtBlock} from '../btf/btf_ext';
import {ByteWriter} from '../bytes/byte_writer';
import {ElfObject} from '../elf/elf_object';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import {Program} from '../object/program';

/**
 * The func_info or line_info records of the object, by section. Each begins with the offset of its instruction in bytes
 * from the start of its section; the kernel wants it in instructions from the start of the program.
 */
@final
export class DebugInfo {
  /** By section: the first block that is called after it. */
  private readonly blocks: StaticArray<BtfExtBlock | null>;

  constructor(
    object: ElfObject,
    blocks: BtfExtBlock[],
    /** Bytes of a record. */
    readonly recordSize: u32,
    private readonly what: string,
    private readonly faults: Faults,
  ) {
    this.blocks = new StaticArray<BtfExtBlock | null>(object.sections.length);
    for (let i = 0; i < blocks.length; i++) {
      const section = object.sectionNamed(blocks[i].section);
      if (section === null || this.blocks[section.index] !== null) continue;
      if (this.isSorted(blocks[i])) this.blocks[section.index] = blocks[i];
    }
  }

  /**
   * Appends the records of a function that now lies at `position` of a program, and gives their number
   * (`adjust_prog_btf_ext_info` of libbpf).
   */
  append(program: Program, position: u32, to: ByteWriter): u32 {
    const block = this.blocks[program.section.index];
    if (block === null) return 0;
    const first = firstFrom(block, program.start);
    const end = firstFrom(block, program.start + program.count);
    if (first == end) return 0;
    const size = this.recordSize;
    const from = to.size;
    to.bytes(block.record(first), (end - first) * size);
    const last = to.pointer + to.size;
    for (let record = to.pointer + from; record < last; record += size) {
      store<u32>(record, load<u32>(record) / INSN_SIZE - program.start + position);
    }
    return end - first;
  }

  /** The kernel refuses records that are not; libbpf hands them on. */
  private isSorted(block: BtfExtBlock): bool {
    for (let i: u32 = 1; i < block.count; i++) {
      const offset = load<u32>(block.record(i));
      if (offset >= load<u32>(block.record(i - 1))) continue;
      this.faults
        .add(FaultCode.BTF_EXT_BAD, `the ${this.what} records of .BTF.ext are not in order`)
        .ofSection('.BTF.ext')
        .at(<u64>block.fileOffset + i * this.recordSize);
      return false;
    }
    return true;
  }
}

/** Index of the first record of an instruction from `insn` of the section on. */
function firstFrom(block: BtfExtBlock, insn: u32): u32 {
  let low: u32 = 0;
  let high = block.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(block.record(middle)) / INSN_SIZE < insn) low = middle + 1;
    else high = middle;
  }
  return low;
}
