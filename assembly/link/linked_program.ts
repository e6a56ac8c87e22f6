import {ByteWriter} from '../bytes/byte_writer';
import {INSN_SIZE} from '../insn/bpf_insn';
import {Program} from '../object/program';

/** An fd that an instruction holds in its imm. */
@final
export class InsnFd {
  constructor(
    /** Bytes from the start of the instructions. */
    readonly offset: u32,
    /** A map's index in the object, or a module's number. */
    readonly source: u32,
    readonly isModule: bool,
  ) {}
}

/** A program as BPF_PROG_LOAD wants it: its own instructions, then those of the functions that it calls. */
@final
export class LinkedProgram {
  readonly insns: ByteWriter;
  readonly fds: InsnFd[] = [];
  /** Modules whose BTF fds `fd_array` holds from index 1 on; kfunc calls give the index. */
  readonly fdArray: u32[] = [];
  readonly funcInfo: ByteWriter = new ByteWriter();
  funcInfoCount: u32 = 0;
  readonly lineInfo: ByteWriter = new ByteWriter();
  lineInfoCount: u32 = 0;

  constructor(readonly program: Program) {
    this.insns = new ByteWriter(program.count * INSN_SIZE);
  }

  get count(): u32 {
    return this.insns.size / INSN_SIZE;
  }

  at(insn: u32): usize {
    return this.insns.pointer + insn * INSN_SIZE;
  }

  /** The index of a module in `fd_array`. */
  moduleIndex(module: u32): u32 {
    for (let i = 0; i < this.fdArray.length; i++) {
      if (this.fdArray[i] == module) return i + 1;
    }
    this.fdArray.push(module);
    return this.fdArray.length;
  }
}
