import {INSN_SIZE} from '../insn/bpf_insn';
import {Program} from '../object/program';
import {CORE_RELO_ACCESS_STR_OFF, CORE_RELO_KIND, CORE_RELO_TYPE_ID} from '../uapi/bpf';

/**
 * One record of .BTF.ext, struct bpf_core_relo:
 *
 *   0  u32 insn_off        in bytes, from the start of the section
 *   4  u32 type_id         of the object's BTF
 *   8  u32 access_str_off  in the object's BTF strings
 *   12 u32 kind
 */
@final
export class CoreRelocation {
  constructor(
    readonly program: Program,
    /** Index of the instruction in the program. */
    readonly insn: u32,
    private readonly record: usize,
    /** Where the record is in the object file. */
    readonly fileOffset: u32,
  ) {}

  get typeId(): u32 {
    return load<u32>(this.record + CORE_RELO_TYPE_ID);
  }

  get accessOffset(): u32 {
    return load<u32>(this.record + CORE_RELO_ACCESS_STR_OFF);
  }

  get kind(): u32 {
    return load<u32>(this.record + CORE_RELO_KIND);
  }

  /** The instruction to change. */
  get at(): usize {
    return this.program.insns + this.insn * INSN_SIZE;
  }

  /** Instructions from this one to the end of the program. */
  get left(): u32 {
    return this.program.count - this.insn;
  }
}
