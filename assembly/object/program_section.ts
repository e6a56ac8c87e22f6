import {EMPTY_NAME, nameStartsWith} from '../bytes/c_string';

const SLASH: u8 = 0x2f;
const SLEEPABLE = '.s';

// What a section's name may have beside the name of its kind, and what that means: bits of `form`.
/** `kind/…` is meant as well. */
export const TARGET: u32 = 1;
/** `kind.s` is a program that may sleep. */
export const SLEEP: u32 = 2;
/** It is attached to a type of the kernel's BTF, whose name follows the slash. */
export const BTF: u32 = 4;
/** It is attached to functions of vmlinux, or of the module that is named before a colon. */
export const MODULE: u32 = 8;
/** A static tracepoint of user space: attached as many uprobes at once, where the kernel can. */
export const USDT: u32 = 16;

/** A kind of program, by the names of its sections (libbpf `struct bpf_sec_def`). */
@final
export class ProgramSection {
  constructor(
    readonly name: string,
    readonly type: u32,
    readonly attachType: u32,
    /** Bits from above. */
    readonly form: u32,
    /** prog_flags, beside that of programs that may sleep. */
    readonly flags: u32,
  ) {}

  has(form: u32): bool {
    return (this.form & form) != 0;
  }

  /** libbpf `sec_def_matches` */
  matches(section: usize): bool {
    if (!nameStartsWith(section, this.name)) return false;
    const rest = this.afterSleepable(section);
    const end = load<u8>(rest);
    return end == 0 || (end == SLASH && this.has(TARGET));
  }

  /** Whether a section that matches is one of programs that may sleep. */
  isSleepable(section: usize): bool {
    return this.afterSleepable(section) != section + this.name.length;
  }

  /** What follows the slash; empty without one. */
  target(section: usize): usize {
    const at = this.afterSleepable(section);
    return load<u8>(at) == SLASH ? at + 1 : EMPTY_NAME;
  }

  private afterSleepable(section: usize): usize {
    const end = section + this.name.length;
    if (!this.has(SLEEP) || !nameStartsWith(end, SLEEPABLE)) return end;
    const rest = end + SLEEPABLE.length;
    return load<u8>(rest) == 0 || load<u8>(rest) == SLASH ? rest : end;
  }
}
