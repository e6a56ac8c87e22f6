import {ByteWriter} from '../bytes/byte_writer';
import {INSN_SIZE} from '../insn/bpf_insn';
import {Program} from '../object/program';

/** What only the executor can write into an instruction. */
export enum InsnValue {
  /** The fd of a map; `source` is its index in the object. */
  MapFd,
  /** The fd of a module's BTF; `source` is the module's number. */
  ModuleFd,
  /** Half of the address of a kernel symbol; `source` is the index of the extern. */
  AddressLow,
  AddressHigh,
  /** The fd of a jump table's map; `source` is the table's index in the program. */
  JumpTable,
}

/** Where it is written: an imm. */
@final
export class InsnPatch {
  constructor(
    readonly value: InsnValue,
    /** Bytes from the start of the instructions. */
    readonly offset: u32,
    readonly source: u32,
  ) {}
}

/** A jump table of a linked program, which is a map of its own (libbpf `create_jt_map`). */
@final
export class JumpTable {
  constructor(
    /** Where it lies in `.jumptables`. */
    readonly offset: u32,
    /** Where each entry leads to, in instructions of the linked program. */
    readonly targets: StaticArray<u32>,
  ) {}

  /** Of the plan, once it has one. */
  slot: u32 = 0;
}

/**
 * A program as BPF_PROG_LOAD wants it: its own instructions, then those of the functions that it calls. What it is made of,
 * that is: its bytes are written when the plan is, so that they are in memory once (ProgramWriter).
 */
@final
export class LinkedProgram {
  readonly patches: InsnPatch[] = [];
  readonly jumpTables: JumpTable[] = [];
  /** Of its instructions. */
  count: u32 = 0;
  funcInfoCount: u32 = 0;
  lineInfoCount: u32 = 0;
  /** Itself and what it calls, one behind the other. */
  functions: Program[] = [];
  /** Its func_info, if that is not what the object has. */
  funcInfo: ByteWriter | null = null;

  constructor(readonly program: Program) {}

  /** A value for the imm of the instruction at that index. */
  patch(value: InsnValue, insn: u32, source: u32): void {
    this.patches.push(new InsnPatch(value, insn * INSN_SIZE + 4, source));
  }
}
