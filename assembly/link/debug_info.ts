import {BtfExtBlock} from '../btf/btf_ext';
import {ByteWriter} from '../bytes/byte_writer';
import {ElfObject} from '../elf/elf_object';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import {Program} from '../object/program';

const UNKNOWN: u32 = u32.MAX_VALUE;

/**
 * The func_info or line_info records of the object, by section. Each begins with the offset of its instruction in bytes
 * from the start of its section; the kernel wants it in instructions from the start of the program.
 */
@final
export class DebugInfo {
  /** By section: the first block that is called after it. */
  private readonly blocks: StaticArray<BtfExtBlock | null>;
  /** By function: its first record, and how many it has; UNKNOWN until somebody asks. */
  private readonly firsts: StaticArray<u32>;
  private readonly counts: StaticArray<u32>;

  constructor(
    object: ElfObject,
    programCount: u32,
    blocks: BtfExtBlock[],
    /** Bytes of a record. */
    readonly recordSize: u32,
    private readonly what: string,
    private readonly faults: Faults,
  ) {
    this.blocks = new StaticArray<BtfExtBlock | null>(object.sections.length);
    this.firsts = new StaticArray<u32>(programCount);
    this.counts = new StaticArray<u32>(programCount);
    this.counts.fill(UNKNOWN);
    for (let i = 0; i < blocks.length; i++) {
      const section = object.sectionNamed(blocks[i].section);
      if (section === null || this.blocks[section.index] !== null) continue;
      if (this.isSorted(blocks[i])) this.blocks[section.index] = blocks[i];
    }
  }

  /** How many records a function has. */
  count(program: Program): u32 {
    const known = this.counts[program.index];
    if (known != UNKNOWN) return known;
    const block = this.blocks[program.section.index];
    let first: u32 = 0;
    let count: u32 = 0;
    if (block !== null) {
      first = firstFrom(block, program.start);
      count = firstFrom(block, program.start + program.count) - first;
    }
    this.firsts[program.index] = first;
    this.counts[program.index] = count;
    return count;
  }

  /** Writes the records of a function that lies at `position` of a program (`adjust_prog_btf_ext_info` of libbpf). */
  write(program: Program, position: u32, to: ByteWriter): void {
    const count = this.count(program);
    if (count == 0) return;
    const block = this.blocks[program.section.index]!;
    const size = this.recordSize;
    const from = to.size;
    to.bytes(block.record(this.firsts[program.index]), count * size);
    const last = to.pointer + to.size;
    for (let record = to.pointer + from; record < last; record += size) {
      store<u32>(record, load<u32>(record) / INSN_SIZE - program.start + position);
    }
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
