import {ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {INSN_SIZE, setImm, setOff, setSrc} from '../insn/bpf_insn';
import {STEPS_MAX} from '../limits';
import {CodeRelocation, TABLE_ENTRY_SIZE} from '../object/code_relocation';
import {Program} from '../object/program';
import {BPF_PSEUDO_MAP_VALUE} from '../uapi/bpf';
import {InsnValue, JumpTable, LinkedProgram} from './linked_program';

/** Gives linked programs the tables that their indirect jumps go through. */
@final
export class JumpTableRelocator {
  private readonly data: usize;
  /** Of all tables of the plan: each entry is a step. Tables may overlap, and every program has its own. */
  private entriesLeft: u32 = STEPS_MAX;
  /** Of the program at hand, by offset: the index of its table. */
  private readonly places: Map<u32, u32> = new Map<u32, u32>();
  private linked: LinkedProgram | null = null;

  constructor(sections: ElfSection[]) {
    let data: usize = 0;
    for (let i = 1; i < sections.length; i++) {
      if (roleOf(sections[i]) == SectionRole.JumpTables) data = sections[i].data;
    }
    this.data = data;
  }

  /** Whether there was no room for a table. */
  get full(): bool {
    return this.entriesLeft == 0;
  }

  /**
   * `position`: the instruction in the linked program; `base`: that of the function that it belongs to. Entries of a table
   * are places in that function's section. False: one leads out of the function, or there are more than a plan can have.
   */
  collect(
    linked: LinkedProgram,
    position: u32,
    relocation: CodeRelocation,
    program: Program,
    base: u32,
  ): bool {
    const places = this.places;
    if (this.linked !== linked) places.clear();
    this.linked = linked;
    if (!places.has(relocation.value)) {
      const table = this.read(relocation, program, base);
      if (table === null) return false;
      places.set(relocation.value, linked.jumpTables.length);
      linked.jumpTables.push(table);
    }
    linked.patch(InsnValue.JumpTable, position, places.get(relocation.value));
    return true;
  }

  /** Writes what the executor does not. */
  static write(insn: usize): void {
    setSrc(insn, BPF_PSEUDO_MAP_VALUE);
    setOff(insn, 0);
    setImm(insn, 0);
  }

  private read(relocation: CodeRelocation, program: Program, base: u32): JumpTable | null {
    const count = relocation.target / TABLE_ENTRY_SIZE;
    if (count >= this.entriesLeft) {
      this.entriesLeft = 0;
      return null;
    }
    this.entriesLeft -= count;
    const targets = new StaticArray<u32>(count);
    for (let i: u32 = 0; i < count; i++) {
      const place = load<u64>(this.data + relocation.value + i * TABLE_ENTRY_SIZE) / INSN_SIZE;
      if (place > u32.MAX_VALUE || !program.holds(<u32>place)) return null;
      targets[i] = <u32>place - program.start + base;
    }
    return new JumpTable(relocation.value, targets);
  }
}
