import {Btf} from '../btf/btf';
import {intEncoding, kindOf} from '../btf/btf_record';
import {Comparison} from '../btf/type_compat';
import {WorkBudget} from '../btf/work_budget';
import {nameText} from '../bytes/c_string';
import {FaultCode} from '../fault/fault_code';
import {Target} from '../kernel/target';
import {BPF_CORE_TYPE_ID_LOCAL} from '../uapi/bpf';
import {BTF_INT_SIGNED, BTF_KIND_INT, BTF_KIND_PTR} from '../uapi/btf';
import {CoreRelocation} from './core_relocation';
import {CoreSpec} from './core_spec';
import {SpecMatcher} from './match_spec';
import {AccessParser} from './parse_access';
import {Patch} from './patch_insn';
import {RelocationFaults} from './relocation_faults';
import {isFieldKind, isKnownKind} from './relocation_kind';
import {RelocationValue} from './relocation_value';
import {Candidate, RootType, RootTypes} from './root_types';

/** Finds out what one relocation after the other comes to in a kernel (`bpf_core_calc_relo_insn` of libbpf). */
@final
export class RelocationResolver {
  /** The object's side of the relocation at hand. */
  readonly local: CoreSpec;
  readonly patch: Patch = new Patch();
  private readonly kern: CoreSpec;
  private readonly localValue: RelocationValue = new RelocationValue();
  private readonly kernValue: RelocationValue = new RelocationValue();
  private readonly parser: AccessParser;
  private readonly matcher: SpecMatcher;
  /** The candidates that match the relocation at hand. */
  private readonly matching: Candidate[] = [];
  private matchCount: i32 = 0;
  private bitOffset: u32 = 0;

  constructor(
    private readonly btf: Btf,
    private readonly roots: RootTypes,
    private readonly target: Target,
    private readonly budget: WorkBudget,
    private readonly faults: RelocationFaults,
  ) {
    this.local = new CoreSpec(btf);
    this.kern = new CoreSpec(btf);
    this.parser = new AccessParser(btf, budget);
    this.matcher = new SpecMatcher(btf, budget);
  }

  /** Fills `patch`; false after a fault, or when the budget is spent. */
  resolve(relocation: CoreRelocation): bool {
    if (!this.parse(relocation)) return false;
    const patch = this.patch;
    patch.poison = false;
    patch.localSize = 0;
    patch.kernSize = 0;
    patch.resizable = true;
    if (relocation.kind == BPF_CORE_TYPE_ID_LOCAL) {
      // Linking renumbers types and leaves the instruction as it was.
      patch.validate = false;
      patch.value = relocation.typeId;
      return true;
    }
    const root = this.roots.of(relocation.typeId);
    if (root === null) {
      this.faults
        .refuseRaw(FaultCode.CORE_UNSUPPORTED, relocation, 'is of a type that has no name')
        .advise('give the struct, union or enum a name: the kernel is searched for it');
      return false;
    }
    const why = this.localValue.compute(relocation.kind, this.local);
    if (why.length != 0) {
      this.faults.refuse(FaultCode.CORE_BAD_ACCESS, relocation, this.local, why);
      return false;
    }
    patch.validate = this.localValue.validate;
    patch.expected = this.localValue.value;
    patch.localSize = this.localValue.fieldSize;
    return this.search(relocation, root);
  }

  /** Reads the record against the object's types. */
  parse(relocation: CoreRelocation): bool {
    const typeId = relocation.typeId;
    if (!isKnownKind(relocation.kind)) {
      const what = 'is of a kind that this version does not know';
      this.faults.refuseRaw(FaultCode.CORE_UNSUPPORTED, relocation, what);
      return false;
    }
    if (typeId >= this.btf.endId) {
      const what = `is of type ${typeId}, which does not exist`;
      this.faults
        .refuseRaw(FaultCode.CORE_BAD_RECORD, relocation, what)
        .differs(`an id below ${this.btf.endId}`, `${typeId}`);
      return false;
    }
    const text = this.btf.nameAt(relocation.accessOffset);
    const why = this.parser.parse(relocation.kind, typeId, text, this.local);
    if (why.length == 0) return true;
    this.faults.refuseRaw(FaultCode.CORE_BAD_ACCESS, relocation, why);
    return false;
  }

  private search(relocation: CoreRelocation, root: RootType): bool {
    const known = root.candidates;
    const candidates = known === null ? root.find(this.target, this.budget) : known;
    this.matchCount = 0;
    for (let i = 0; i < candidates.length; i++) {
      if (!this.tryCandidate(relocation, candidates[i])) return false;
    }
    if (this.budget.exhausted) return false;
    if (this.matchCount == 0) {
      this.takeAbsent(relocation.kind);
    } else if (this.matchCount < candidates.length) {
      // As libbpf: what did not match here is no candidate for later relocations of this type.
      root.candidates = this.matching.slice(0, this.matchCount);
    }
    return true;
  }

  private tryCandidate(relocation: CoreRelocation, candidate: Candidate): bool {
    const kern = this.target.btf(candidate.module).btf;
    const kind = relocation.kind;
    const match = this.matcher.match(kind, this.local, kern, candidate.id, this.kern);
    if (match == Comparison.No) return true;
    if (match == Comparison.TooDeep) {
      if (this.budget.exhausted) return false;
      const what = `cannot be looked for in ${this.placeOf(candidate)}: it is nested too deeply, or has a part without a size`;
      this.faults.refuse(FaultCode.CORE_UNSUPPORTED, relocation, this.local, what);
      return false;
    }
    const why = this.kernValue.compute(kind, this.kern);
    if (why.length != 0) {
      const code = isFieldKind(kind) ? FaultCode.CORE_RANGE : FaultCode.CORE_UNSUPPORTED;
      const what = `${why} in ${this.placeOf(candidate)}`;
      this.faults.refuse(code, relocation, this.local, what);
      return false;
    }
    if (this.matchCount == 0) this.take(candidate);
    else if (!this.agrees(relocation, candidate)) return false;
    if (this.matchCount < this.matching.length) this.matching[this.matchCount] = candidate;
    else this.matching.push(candidate);
    this.matchCount++;
    return true;
  }

  /** The first match gives the value. */
  private take(candidate: Candidate): void {
    this.target.btf(candidate.module).used = true;
    this.bitOffset = this.kern.bitOffset;
    this.patch.value = this.kernValue.value;
    this.patch.kernSize = this.kernValue.fieldSize;
    if (this.patch.kernSize != this.patch.localSize) {
      const ours = this.btf.record(this.localValue.fieldType);
      const theirs = this.kern.btf.record(this.kernValue.fieldType);
      this.patch.resizable = canResize(ours, theirs);
    }
  }

  /** All others must come to the same, or it would be chance which is meant. */
  private agrees(relocation: CoreRelocation, candidate: Candidate): bool {
    const sameOffset = this.kern.bitOffset == this.bitOffset;
    if (sameOffset && this.kernValue.value == this.patch.value) return true;
    const first = sameOffset ? `${this.patch.value}` : `bit ${this.bitOffset}`;
    const other = sameOffset ? `${this.kernValue.value}` : `bit ${this.kern.bitOffset}`;
    this.faults
      .refuse(
        FaultCode.CORE_AMBIGUOUS,
        relocation,
        this.local,
        'is not the same in all types of that name in this kernel',
      )
      .differs(
        `${first}, as in ${this.placeOf(this.matching[0])}`,
        `${other} in ${this.placeOf(candidate)}`,
      )
      .advise(
        'ask bpf_core_field_exists() for a member that only the meant type has, earlier in the object and with the same struct: that leaves it alone',
      );
    return false;
  }

  private takeAbsent(kind: u32): void {
    this.patch.poison = !this.kernValue.computeAbsent(kind);
    this.patch.value = this.kernValue.value;
    this.patch.kernSize = this.patch.localSize;
  }

  private placeOf(candidate: Candidate): string {
    const kern = this.target.btf(candidate.module);
    const where = candidate.module == 0 ? 'vmlinux' : `module ${nameText(kern.moduleName)}`;
    return `${nameText(kern.btf.nameOf(kern.btf.record(candidate.id)))} (type ${candidate.id} of ${where})`;
  }
}

/**
 * Whether a load of another size reads the same number: pointers, which BPF widens with zeros, and integers that are not
 * signed. Those whose encoding says more than "signed" count as unsigned, as with libbpf.
 */
function canResize(ours: usize, theirs: usize): bool {
  const kind = kindOf(ours);
  if (kind != kindOf(theirs)) return false;
  if (kind == BTF_KIND_PTR) return true;
  return (
    kind == BTF_KIND_INT &&
    intEncoding(ours) != BTF_INT_SIGNED &&
    intEncoding(theirs) != BTF_INT_SIGNED
  );
}
