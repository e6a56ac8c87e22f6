import {BtfExtBlock} from '../btf/btf_ext';
import {nameSteps, WorkBudget} from '../btf/work_budget';
import {nameLength} from '../bytes/c_string';
import {heapKeepRoom, heapMark, heapRelease} from '../bytes/heap';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {codeOf, INSN_SIZE} from '../insn/bpf_insn';
import {Target} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {CORE_STEPS_MAX, LOSSES_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {programAt} from '../object/programs';
import {BPF_CORE_TYPE_ID_LOCAL, CORE_RELO_INSN_OFF} from '../uapi/bpf';
import {CoreRelocation} from './core_relocation';
import {CoreSpec} from './core_spec';
import {accessSize, numberIn, Patched, patchInsn} from './patch_insn';
import {RelocationFaults} from './relocation_faults';
import {RelocationResolver} from './relocation_resolver';
import {specText} from './relocation_text';
import {RootTypes} from './root_types';

/**
 * The object's CO-RE relocations (`bpf_object__relocate_core` of libbpf), in two phases: `want` before the kernel's BTF is
 * read, `apply` when it is known which programs are loaded. Writes to the instructions of the object's programs.
 */
@final
export class CoreRelocations {
  /** In the order of the file, which decides: a relocation narrows the candidates of later ones. */
  readonly list: CoreRelocation[] = [];
  private readonly budget: WorkBudget;
  private readonly roots: RootTypes;
  private readonly refusals: RelocationFaults;
  private tooLarge: bool = false;
  /** For the plan's reader: what the kernel lacks and a loaded program uses. Not all when there are very many. */
  readonly losses: string[] = [];
  /** What each of them says, but for the place: it is said once, for the first. */
  private readonly told: string[] = [];

  constructor(
    private readonly object: BpfObject,
    private readonly faults: Faults,
  ) {
    // For a table by type.
    heapKeepRoom((<usize>object.btf.btf.endId) << 2);
    const budget = new WorkBudget(CORE_STEPS_MAX);
    this.budget = budget;
    this.roots = new RootTypes(object.btf.btf, budget);
    this.refusals = new RelocationFaults(object.btf.btf, faults);
  }

  /** Reads the records and asks for the name of each type that they start from. */
  want(wanted: WantedNames): void {
    const ext = this.object.ext;
    if (ext === null) return;
    for (let i = 0; i < ext.coreRelos.length && !this.tooLarge; i++) {
      this.wantBlock(ext.coreRelos[i], wanted);
    }
  }

  /** Changes the instructions. After a fault the next record is tried; all is refused when the work does not end. */
  apply(target: Target): void {
    heapKeepRoom();
    const btf = this.object.btf.btf;
    const resolver = new RelocationResolver(btf, this.roots, target, this.budget, this.refusals);
    for (let i = 0; i < this.list.length && !this.tooLarge && !this.refusals.full; i++) {
      heapKeepRoom();
      const relocation = this.list[i];
      const program = relocation.program;
      // Functions of .text are never skipped, called or not, as with libbpf.
      if (!program.autoload && !program.subprogram) continue;
      if (resolver.resolve(relocation)) this.patch(relocation, resolver);
      if (this.budget.exhausted) this.refuseWork();
    }
  }

  private wantBlock(block: BtfExtBlock, wanted: WantedNames): void {
    this.budget.spend(nameSteps(nameLength(block.section)));
    const section = this.object.elf.sectionNamed(block.section);
    if (load<u8>(block.section) == 0) {
      this.refuseBlock(block, 0, 'CO-RE relocations of .BTF.ext are for a section without a name');
      return;
    }
    if (section === null) return;
    for (let i: u32 = 0; i < block.count && !this.tooLarge; i++) {
      heapKeepRoom();
      const record = block.record(i);
      const offset = load<u32>(record + CORE_RELO_INSN_OFF);
      if (offset % INSN_SIZE != 0) {
        const what = `a CO-RE relocation of section ${section.text} is at offset ${offset}, not on an instruction`;
        this.refuseBlock(block, i, what);
        continue;
      }
      // Weak functions that a linker has replaced leave records without code: skipped, as in libbpf.
      const insn = offset / INSN_SIZE;
      const program = programAt(this.object.programs, section.index, insn);
      if (program === null) continue;
      const fileOffset = block.fileOffset + i * block.recordSize;
      const relocation = new CoreRelocation(program, insn - program.start, record, fileOffset);
      this.list.push(relocation);
      if (relocation.kind == BPF_CORE_TYPE_ID_LOCAL) continue;
      if (!this.roots.want(relocation.typeId, wanted)) this.refuseWork();
    }
    if (this.budget.exhausted) this.refuseWork();
  }

  private patch(relocation: CoreRelocation, resolver: RelocationResolver): void {
    const insn = relocation.at;
    const patch = resolver.patch;
    const local = resolver.local;
    switch (patchInsn(insn, relocation.left, patch)) {
      case Patched.Done:
        break;
      case Patched.Poisoned:
        this.lose(relocation, local, patch.poison);
        break;
      case Patched.OtherValue:
        this.refuseInsn(relocation, local, 'is not what its instruction holds').differs(
          `${<i64>patch.expected}`,
          `${numberIn(insn)}`,
        );
        break;
      case Patched.OtherSize:
        this.refuseInsn(relocation, local, 'is not of the size that its instruction has').differs(
          `${patch.localSize} bytes`,
          `${accessSize(insn)} bytes`,
        );
        break;
      case Patched.NoNumber: {
        const what = `stands at an instruction that holds no number, opcode ${codeOf(insn)}`;
        this.refuseInsn(relocation, local, what);
        break;
      }
      case Patched.OffsetRange:
        this.refusals
          .refuse(FaultCode.CORE_RANGE, relocation, local, 'is too far for a load or store')
          .differs('at most 32767', `${patch.value}`);
        break;
      case Patched.SizeRange:
        this.refusals
          .refuse(FaultCode.CORE_RANGE, relocation, local, 'is of a field that no load reads')
          .differs('1, 2, 4 or 8 bytes', `${patch.kernSize} bytes`);
        break;
    }
  }

  private lose(relocation: CoreRelocation, spec: CoreSpec, absent: bool): void {
    if (this.losses.length >= LOSSES_MAX) return;
    const mark = heapMark();
    const where = `instruction ${relocation.insn} of ${relocation.program.text}`;
    const what = specText(relocation.kind, spec);
    const why = absent
      ? 'which this kernel does not have'
      : 'which has another size in this kernel that the instruction cannot read';
    const told = `uses ${what}, ${why}`;
    if (this.told.includes(told)) {
      heapRelease(mark);
      return;
    }
    this.told.push(told);
    this.losses.push(`${where} ${told}: the verifier refuses the program if it can get there`);
  }

  private refuseInsn(relocation: CoreRelocation, spec: CoreSpec, what: string): Fault {
    return this.refusals.refuse(FaultCode.CORE_BAD_INSN, relocation, spec, what);
  }

  private refuseBlock(block: BtfExtBlock, record: u32, what: string): void {
    if (this.refusals.full) return;
    this.faults
      .add(FaultCode.CORE_BAD_RECORD, what)
      .ofSection('.BTF.ext')
      .at(<u64>block.fileOffset + record * block.recordSize);
  }

  private refuseWork(): void {
    if (!this.tooLarge) this.refusals.refuseWork();
    this.tooLarge = true;
  }
}
