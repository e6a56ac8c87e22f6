import {EMPTY_NAME, nameText} from '../bytes/c_string';
import {heapTake} from '../bytes/heap';
import {ElfSection} from '../elf/elf_object';
import {INSN_SIZE} from '../insn/bpf_insn';
import * as bpf from '../uapi/bpf';
import {CodeRelocation, RelocationKind} from './code_relocation';
import {ProgramSection} from './program_section';

/** One function symbol of an executable section: a program to load, or in `.text` a subprogram of others. */
@final
export class Program {
  /** enum bpf_prog_type; BPF_PROG_TYPE_UNSPEC when the section's name does not say. */
  type: u32 = bpf.BPF_PROG_TYPE_UNSPEC;
  /** What its section's name says; null when it says nothing that is known. */
  kind: ProgramSection | null = null;
  /** prog_flags */
  flags: u32 = 0;
  /** From a `?` section: loaded only when something asks for it. */
  optional: bool = false;
  /** Its place among the object's programs. */
  index: u32 = 0;
  autoload: bool = true;
  /** Its instructions, a copy that CO-RE relocations are written to. */
  readonly insns: usize;
  /** The function of `.text` that ends it after bpf_throw(), and how many it was given. */
  exceptionCallback: Program | null = null;
  exceptionCallbacks: u32 = 0;
  /** Sorted by instruction. */
  relocations: CodeRelocation[] = [];
  /** Those, and calls within a section, which have none; null until it is linked. */
  references: CodeRelocation[] | null = null;

  /** While a program is linked: where it lies in that, plus one; 0 when it is not in it (libbpf `sub_insn_off`). */
  linkedAt: u32 = 0;

  // What it is attached to, from the struct_ops variables that name it (libbpf `bpf_map__init_kern_struct_ops`).
  attachBtfId: u32 = 0;
  expectedAttachType: u32 = 0;
  /** 0 vmlinux, else the number of a module BTF. */
  attachModule: u32 = 0;
  /** For messages: `struct tcp_congestion_ops` and `ssthresh` of the first use. */
  attachStruct: string = '';
  attachMember: string = '';

  constructor(
    readonly name: usize,
    readonly section: ElfSection,
    /** The section's name without `?`. */
    readonly sectionName: usize,
    /** In `.text`: never loaded alone. */
    readonly subprogram: bool,
    readonly global: bool,
    /** Global and hidden or internal: its BTF FUNC becomes static. */
    readonly hidden: bool,
    /** Index of its first instruction in its section. */
    readonly start: u32,
    readonly count: u32,
  ) {
    const bytes = count * INSN_SIZE;
    const insns = heapTake(bytes);
    memory.copy(insns, section.data + start * INSN_SIZE, bytes);
    this.insns = insns;
  }

  get text(): string {
    return nameText(this.name);
  }

  /** Whether the plan loads it. */
  get loaded(): bool {
    return this.autoload && !this.subprogram;
  }

  get sleepable(): bool {
    return (this.flags & bpf.BPF_F_SLEEPABLE) != 0;
  }

  get usesJumpTable(): bool {
    for (let i = 0; i < this.relocations.length; i++) {
      if (this.relocations[i].kind == RelocationKind.JumpTable) return true;
    }
    return false;
  }

  /** Whether its section's name has one of these forms. */
  isOf(form: u32): bool {
    const kind = this.kind;
    if (kind === null) return false;
    return kind.has(form);
  }

  /** What follows the slash in its section's name: a type of the kernel's BTF, `module:name` too; empty without. */
  get attachTarget(): usize {
    const kind = this.kind;
    return kind === null ? EMPTY_NAME : kind.target(this.sectionName);
  }

  /** Whether the instruction at that index of the section is one of its own. */
  holds(index: u32): bool {
    return index >= this.start && index - this.start < this.count;
  }
}
