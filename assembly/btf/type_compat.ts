import {PROTOTYPE_STEPS_MAX, RESOLVE_DEPTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {skipModsAndTypedefs} from './btf_algebra';
import {arrayElement, intOffset, isAnyEnum, kindOf, paramAt, typeOf, vlenOf} from './btf_record';
import {WorkBudget} from './work_budget';

/** What comparing two types came to. */
export enum Comparison {
  No = 0,
  Yes = 1,
  /** Nested too deeply, or the budget is spent: libbpf says EINVAL where it says anything. */
  TooDeep = 2,
}

/**
 * Whether a type of the object and one of the kernel (vmlinux or a module) can stand for each other, names ignored: for
 * kfuncs and variables. Types nested too deeply to tell count as incompatible, as with libbpf's callers. `all` pays for all
 * that are compared.
 */
export function typesAreCompatible(
  local: Btf,
  localId: u32,
  kern: Btf,
  kernId: u32,
  all: WorkBudget,
): bool {
  const budget = new WorkBudget(PROTOTYPE_STEPS_MAX);
  const comparison = compareTypes(local, localId, kern, kernId, budget);
  all.spend(PROTOTYPE_STEPS_MAX - budget.left);
  return comparison == Comparison.Yes;
}

/** The same with the reason, for CO-RE (`bpf_core_types_are_compat` of libbpf). */
export function compareTypes(
  local: Btf,
  localId: u32,
  kern: Btf,
  kernId: u32,
  budget: WorkBudget,
): Comparison {
  return compareNested(local, localId, kern, kernId, RESOLVE_DEPTH_MAX, budget);
}

/** ENUM and ENUM64 are one kind here (libbpf `btf_kind_core_compat`). */
export function sameCoreKind(a: usize, b: usize): bool {
  return kindOf(a) == kindOf(b) || (isAnyEnum(a) && isAnyEnum(b));
}

/** `__bpf_core_types_are_compat` of libbpf; `level` counts down prototypes within prototypes. */
function compareNested(
  local: Btf,
  localId: u32,
  kern: Btf,
  kernId: u32,
  level: u32,
  budget: WorkBudget,
): Comparison {
  // The kinds before modifiers must agree at the root: a typedef stands for a typedef.
  if (!sameCoreKind(local.record(localId), kern.record(kernId))) return Comparison.No;
  for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
    if (!budget.spend(1)) return Comparison.TooDeep;
    const ours = local.record(skipModsAndTypedefs(local, localId, budget));
    const theirs = kern.record(skipModsAndTypedefs(kern, kernId, budget));
    if (!sameCoreKind(ours, theirs)) return Comparison.No;
    switch (kindOf(ours)) {
      case uapi.BTF_KIND_VOID:
      case uapi.BTF_KIND_STRUCT:
      case uapi.BTF_KIND_UNION:
      case uapi.BTF_KIND_ENUM:
      case uapi.BTF_KIND_ENUM64:
      case uapi.BTF_KIND_FWD:
        return Comparison.Yes;
      case uapi.BTF_KIND_INT:
        return intOffset(ours) == 0 && intOffset(theirs) == 0 ? Comparison.Yes : Comparison.No;
      case uapi.BTF_KIND_PTR:
        localId = typeOf(ours);
        kernId = typeOf(theirs);
        break;
      case uapi.BTF_KIND_ARRAY:
        localId = arrayElement(ours);
        kernId = arrayElement(theirs);
        break;
      case uapi.BTF_KIND_FUNC_PROTO: {
        const parameters = compareParameters(local, ours, kern, theirs, level, budget);
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

function compareParameters(
  local: Btf,
  ours: usize,
  kern: Btf,
  theirs: usize,
  level: u32,
  budget: WorkBudget,
): Comparison {
  const count = vlenOf(ours);
  if (count != vlenOf(theirs)) return Comparison.No;
  if (count != 0 && level == 0) return Comparison.TooDeep;
  for (let i: u32 = 0; i < count; i++) {
    const localId = skipModsAndTypedefs(local, parameterType(ours, i), budget);
    const kernId = skipModsAndTypedefs(kern, parameterType(theirs, i), budget);
    const result = compareNested(local, localId, kern, kernId, level - 1, budget);
    if (result != Comparison.Yes) return result;
  }
  return Comparison.Yes;
}

function parameterType(proto: usize, index: u32): u32 {
  return load<u32>(paramAt(proto, index), 4);
}
