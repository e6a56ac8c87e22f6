import {Btf} from '../btf/btf';
import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  arrayLength,
  enumeratorAt,
  intEncoding,
  isAnyEnum,
  kflagOf,
  kindOf,
  memberAt,
  memberNameOffset,
  memberType,
  nameOffsetOf,
  paramAt,
  sizeOf,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {Comparison} from '../btf/type_compat';
import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameLength} from '../bytes/c_string';
import {RESOLVE_DEPTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {essentialNameIs} from './name_match';

/**
 * Whether a type of the kernel has all that the object's has, by name (`__bpf_core_types_match` of libbpf): what
 * bpf_core_type_matches() asks for. Stricter than `compareTypes`, which ignores names.
 */
@final
export class TypeMatcher {
  private kern: Btf;

  constructor(
    private readonly local: Btf,
    private readonly budget: WorkBudget,
  ) {
    this.kern = local;
  }

  match(localId: u32, kern: Btf, kernId: u32): Comparison {
    this.kern = kern;
    return this.matchTypes(localId, kernId, false, RESOLVE_DEPTH_MAX);
  }

  /** `level` counts down members and parameters, `behindPointer` asks less of structs. */
  private matchTypes(localId: u32, kernId: u32, behindPointer: bool, level: u32): Comparison {
    if (level == 0) return Comparison.TooDeep;
    for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
      if (!this.budget.spend(1)) return Comparison.TooDeep;
      const ours = this.local.record(skipModsAndTypedefs(this.local, localId, this.budget));
      const theirs = this.kern.record(skipModsAndTypedefs(this.kern, kernId, this.budget));
      if (!this.namesMatch(ours, theirs)) return Comparison.No;
      const kind = kindOf(ours);
      switch (kind) {
        case uapi.BTF_KIND_VOID:
          return answer(theirs == 0);
        case uapi.BTF_KIND_FWD:
          return answer(matchForward(ours, theirs, behindPointer));
        case uapi.BTF_KIND_ENUM:
        case uapi.BTF_KIND_ENUM64:
          return isAnyEnum(theirs) ? this.matchEnums(ours, theirs) : Comparison.No;
        case uapi.BTF_KIND_STRUCT:
        case uapi.BTF_KIND_UNION:
          if (behindPointer) return answer(matchPointed(ours, theirs));
          if (kindOf(theirs) != kind) return Comparison.No;
          return this.matchMembers(ours, theirs, level);
        case uapi.BTF_KIND_INT:
          return answer(kindOf(theirs) == kind && sameInt(ours, theirs));
        case uapi.BTF_KIND_PTR:
          if (kindOf(theirs) != kind) return Comparison.No;
          behindPointer = true;
          localId = typeOf(ours);
          kernId = typeOf(theirs);
          break;
        case uapi.BTF_KIND_ARRAY:
          if (kindOf(theirs) != kind || arrayLength(ours) != arrayLength(theirs)) {
            return Comparison.No;
          }
          localId = arrayElement(ours);
          kernId = arrayElement(theirs);
          break;
        case uapi.BTF_KIND_FUNC_PROTO: {
          if (kindOf(theirs) != kind) return Comparison.No;
          const parameters = this.matchParameters(ours, theirs, behindPointer, level);
          if (parameters != Comparison.Yes) return parameters;
          localId = typeOf(ours);
          kernId = typeOf(theirs);
          break;
        }
        default:
          return Comparison.No;
      }
    }
    return Comparison.TooDeep;
  }

  private namesMatch(ours: usize, theirs: usize): bool {
    const name = this.local.nameOf(ours);
    this.budget.spend(nameSteps(nameLength(name)));
    return essentialNameIs(this.kern.nameOf(theirs), name, essentialLength(name), this.budget);
  }

  /** Every enumerator of ours is among theirs; values do not matter. */
  private matchEnums(ours: usize, theirs: usize): Comparison {
    if (sizeOf(ours) != sizeOf(theirs) || vlenOf(ours) > vlenOf(theirs)) return Comparison.No;
    for (let i: u32 = 0; i < vlenOf(ours); i++) {
      const name = this.local.nameAt(nameOffsetOf(enumeratorAt(ours, i)));
      const steps = nameSteps(nameLength(name));
      const length = essentialLength(name);
      let found = false;
      for (let j: u32 = 0; j < vlenOf(theirs) && !found; j++) {
        if (!this.budget.spend(steps)) return Comparison.TooDeep;
        const other = this.kern.nameAt(nameOffsetOf(enumeratorAt(theirs, j)));
        found = essentialNameIs(other, name, length, this.budget);
      }
      if (!found) return Comparison.No;
    }
    return Comparison.Yes;
  }

  /** Every member of ours is among theirs with a type that matches; unnamed members match any unnamed one that does. */
  private matchMembers(ours: usize, theirs: usize, level: u32): Comparison {
    if (vlenOf(ours) > vlenOf(theirs)) return Comparison.No;
    for (let i: u32 = 0; i < vlenOf(ours); i++) {
      const member = memberAt(ours, i);
      const name = this.local.nameAt(memberNameOffset(member));
      const steps = nameSteps(nameLength(name));
      const length = essentialLength(name);
      let result = Comparison.No;
      for (let j: u32 = 0; j < vlenOf(theirs) && result == Comparison.No; j++) {
        if (!this.budget.spend(steps)) return Comparison.TooDeep;
        const other = memberAt(theirs, j);
        const otherName = this.kern.nameAt(memberNameOffset(other));
        if (!essentialNameIs(otherName, name, length, this.budget)) continue;
        result = this.matchTypes(memberType(member), memberType(other), false, level - 1);
      }
      if (result != Comparison.Yes) return result;
    }
    return Comparison.Yes;
  }

  private matchParameters(ours: usize, theirs: usize, behindPointer: bool, level: u32): Comparison {
    const count = vlenOf(ours);
    if (count != vlenOf(theirs)) return Comparison.No;
    for (let i: u32 = 0; i < count; i++) {
      const localId = load<u32>(paramAt(ours, i), 4);
      const kernId = load<u32>(paramAt(theirs, i), 4);
      const result = this.matchTypes(localId, kernId, behindPointer, level - 1);
      if (result != Comparison.Yes) return result;
    }
    return Comparison.Yes;
  }
}

function answer(yes: bool): Comparison {
  return yes ? Comparison.Yes : Comparison.No;
}

function sameInt(ours: usize, theirs: usize): bool {
  return (
    sizeOf(ours) == sizeOf(theirs) &&
    (intEncoding(ours) & uapi.BTF_INT_SIGNED) == (intEncoding(theirs) & uapi.BTF_INT_SIGNED)
  );
}

/** A declaration of ours; the kind flag tells a union. */
function matchForward(ours: usize, theirs: usize, behindPointer: bool): bool {
  const union = kflagOf(ours);
  const kind = kindOf(theirs);
  if (kind == uapi.BTF_KIND_FWD) return union == kflagOf(theirs);
  return behindPointer && kind == (union ? uapi.BTF_KIND_UNION : uapi.BTF_KIND_STRUCT);
}

/** A struct or union of ours behind a pointer: theirs may be declared only. */
function matchPointed(ours: usize, theirs: usize): bool {
  const kind = kindOf(ours);
  if (kindOf(theirs) == kind) return true;
  if (kindOf(theirs) != uapi.BTF_KIND_FWD) return false;
  return (kind == uapi.BTF_KIND_UNION) == kflagOf(theirs);
}
