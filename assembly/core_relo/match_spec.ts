import {Btf} from '../btf/btf';
import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  arrayLength,
  enumeratorAt,
  intOffset,
  isAnyEnum,
  isComposite,
  kindOf,
  memberAt,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  nameOffsetOf,
  vlenOf,
} from '../btf/btf_record';
import {Comparison, compareTypes, sameCoreKind} from '../btf/type_compat';
import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameLength, namesEqual} from '../bytes/c_string';
import {ACCESS_SPEC_MAX, CANDIDATE_STEPS, RESOLVE_DEPTH_MAX} from '../limits';
import {BPF_CORE_TYPE_MATCHES} from '../uapi/bpf';
import * as uapi from '../uapi/btf';
import {CoreSpec} from './core_spec';
import {TypeMatcher} from './match_type';
import {essentialNameIs} from './name_match';
import {isEnumKind, isTypeKind} from './relocation_kind';

/** What searching a struct for a member came to. */
enum Search {
  NotFound,
  Found,
  /** There is one, of a kind that cannot be meant. No other is looked for: C allows a name once, unnamed structs included. */
  Incompatible,
  TooDeep,
}

/** Looks for what a spec of the object means in a type of the kernel (`bpf_core_spec_match` of libbpf). */
@final
export class SpecMatcher {
  /** The kernel's type of the member found last. */
  private foundType: u32 = 0;

  private readonly types: TypeMatcher;

  constructor(
    local: Btf,
    private readonly budget: WorkBudget,
  ) {
    this.types = new TypeMatcher(local, budget);
  }

  /** Fills `theirs` when the answer is Yes. */
  match(kind: u32, ours: CoreSpec, kern: Btf, kernId: u32, theirs: CoreSpec): Comparison {
    if (!this.budget.spend(CANDIDATE_STEPS)) return Comparison.TooDeep;
    theirs.reset(kern, kernId);
    if (isTypeKind(kind)) {
      if (kind == BPF_CORE_TYPE_MATCHES) {
        return this.types.match(ours.rootId, kern, kernId);
      }
      return compareTypes(ours.btf, ours.rootId, kern, kernId, this.budget);
    }
    if (isEnumKind(kind)) return this.matchEnumerator(ours, kern, kernId, theirs);
    return this.matchField(ours, kern, kernId, theirs);
  }

  /** The first enumerator of that name, flavours aside. */
  private matchEnumerator(ours: CoreSpec, kern: Btf, kernId: u32, theirs: CoreSpec): Comparison {
    const id = skipModsAndTypedefs(kern, kernId, this.budget);
    const record = kern.record(id);
    if (!isAnyEnum(record)) return Comparison.No;
    const name = ours.names[0];
    const length = ours.nameLengths[0];
    const steps = nameSteps(length);
    for (let i: u32 = 0; i < vlenOf(record); i++) {
      if (!this.budget.spend(steps)) return Comparison.TooDeep;
      const other = kern.nameAt(nameOffsetOf(enumeratorAt(record, i)));
      if (!essentialNameIs(other, name, length, this.budget)) continue;
      theirs.push(id, i, other, length);
      return Comparison.Yes;
    }
    return Comparison.No;
  }

  private matchField(ours: CoreSpec, kern: Btf, kernId: u32, theirs: CoreSpec): Comparison {
    let id = kernId;
    for (let i: u32 = 0; i < ours.length; i++) {
      id = skipModsAndTypedefs(kern, id, this.budget);
      if (ours.names[i] != 0) {
        const search = this.findMember(ours, i, kern, id, theirs);
        if (search == Search.TooDeep) return Comparison.TooDeep;
        if (search != Search.Found) return Comparison.No;
        id = this.foundType;
        continue;
      }
      const index = ours.indices[i];
      // The root itself is the element of `pointer[index]`.
      if (i > 0) {
        const record = kern.record(id);
        if (kindOf(record) != uapi.BTF_KIND_ARRAY) return Comparison.No;
        if (index >= arrayLength(record) && !theirs.endsInFlexible(record)) return Comparison.No;
        id = skipModsAndTypedefs(kern, arrayElement(record), this.budget);
      }
      const size = resolveSize(kern, id);
      if (theirs.depth == ACCESS_SPEC_MAX || size == NO_SIZE) return Comparison.TooDeep;
      theirs.depth++;
      theirs.push(id, index, 0, 0);
      theirs.bitOffset += index * size * 8;
    }
    return Comparison.Yes;
  }

  /**
   * Searches a struct or union in order, through unnamed ones within, for the member of accessor `accessor`
   * (`bpf_core_match_member` of libbpf). The recursion is bounded by the depth of specs.
   */
  private findMember(
    ours: CoreSpec,
    accessor: u32,
    kern: Btf,
    kernId: u32,
    theirs: CoreSpec,
  ): Search {
    const id = skipModsAndTypedefs(kern, kernId, this.budget);
    const record = kern.record(id);
    if (!isComposite(record)) return Search.NotFound;
    const name = ours.names[accessor];
    const steps = nameSteps(ours.nameLengths[accessor]);
    const count = vlenOf(record);
    if (count != 0 && theirs.depth == ACCESS_SPEC_MAX) return Search.TooDeep;
    for (let i: u32 = 0; i < count; i++) {
      if (!this.budget.spend(steps)) return Search.TooDeep;
      const member = memberAt(record, i);
      const other = kern.nameAt(memberNameOffset(member));
      const unnamed = load<u8>(other) == 0;
      if (!unnamed && !namesEqual(name, other)) continue;
      const bits = memberOffsetBits(record, member);
      theirs.bitOffset += bits;
      theirs.depth++;
      if (!unnamed) {
        theirs.push(id, i, other, ours.nameLengths[accessor]);
        this.foundType = memberType(member);
        return this.compareFields(ours, accessor, kern);
      }
      const search = this.findMember(ours, accessor, kern, memberType(member), theirs);
      if (search != Search.NotFound) return search;
      theirs.bitOffset -= bits;
      theirs.depth--;
    }
    return Search.NotFound;
  }

  /** Whether an access to the one field can become one to the other (`bpf_core_fields_are_compat` of libbpf). */
  private compareFields(ours: CoreSpec, accessor: u32, kern: Btf): Search {
    const local = ours.btf;
    const owner = local.record(ours.typeIds[accessor]);
    let localId = memberType(memberAt(owner, ours.indices[accessor]));
    let kernId = this.foundType;
    for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
      const our = local.record(skipModsAndTypedefs(local, localId, this.budget));
      const their = kern.record(skipModsAndTypedefs(kern, kernId, this.budget));
      if (isComposite(our) && isComposite(their)) return Search.Found;
      if (!sameCoreKind(our, their)) return Search.Incompatible;
      switch (kindOf(our)) {
        case uapi.BTF_KIND_PTR:
        case uapi.BTF_KIND_FLOAT:
          return Search.Found;
        case uapi.BTF_KIND_FWD:
        case uapi.BTF_KIND_ENUM:
        case uapi.BTF_KIND_ENUM64:
          return this.compareTags(local.nameOf(our), kern.nameOf(their));
        case uapi.BTF_KIND_INT:
          // Neither may be one of the bitfields of old compilers.
          return intOffset(our) == 0 && intOffset(their) == 0 ? Search.Found : Search.Incompatible;
        case uapi.BTF_KIND_ARRAY:
          localId = arrayElement(our);
          kernId = arrayElement(their);
          break;
        default:
          return Search.Incompatible;
      }
    }
    return Search.TooDeep;
  }

  /** Names of enums and declared types: the same but for flavours, or one has none. */
  private compareTags(local: usize, kern: usize): Search {
    if (load<u8>(local) == 0 || load<u8>(kern) == 0) return Search.Found;
    this.budget.spend(nameSteps(nameLength(local)));
    const same = essentialNameIs(kern, local, essentialLength(local), this.budget);
    return same ? Search.Found : Search.Incompatible;
  }
}
