import {CHAIN_MAX, RESOLVE_DEPTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {arrayElement, arrayLength, isModifierOrTypedef, kindOf, sizeOf, typeOf} from './btf_record';
import {WorkBudget} from './work_budget';

/**
 * The id behind TYPEDEF, VOLATILE, CONST, RESTRICT and TYPE_TAG, as `skip_mods_and_typedefs` of
 * libbpf. A cycle counts as void. A budget pays for each of them: a hostile file goes through long chains again and again.
 */
export function skipModsAndTypedefs(btf: Btf, id: u32, budget: WorkBudget | null = null): u32 {
  for (let step: u32 = 0; step < CHAIN_MAX; step++) {
    const record = btf.record(id);
    if (!isModifierOrTypedef(kindOf(record))) return id;
    if (budget !== null) budget.spend(1);
    id = typeOf(record);
  }
  return 0;
}

/** A size that does not exist: void, FWD, FUNC, a cycle, or beyond 32 bits. */
export const NO_SIZE: u32 = u32.MAX_VALUE;

/** Bytes of a type, or NO_SIZE (`btf__resolve_size` of libbpf; pointers have 8 bytes). */
export function resolveSize(btf: Btf, id: u32): u32 {
  let elements: u64 = 1;
  for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
    const record = btf.record(id);
    let size: u32 = 0;
    switch (kindOf(record)) {
      case uapi.BTF_KIND_INT:
      case uapi.BTF_KIND_STRUCT:
      case uapi.BTF_KIND_UNION:
      case uapi.BTF_KIND_ENUM:
      case uapi.BTF_KIND_ENUM64:
      case uapi.BTF_KIND_DATASEC:
      case uapi.BTF_KIND_FLOAT:
        size = sizeOf(record);
        break;
      case uapi.BTF_KIND_PTR:
        size = 8;
        break;
      case uapi.BTF_KIND_ARRAY:
        elements *= arrayLength(record);
        if (elements > u32.MAX_VALUE) return NO_SIZE;
        id = arrayElement(record);
        continue;
      case uapi.BTF_KIND_TYPEDEF:
      case uapi.BTF_KIND_VOLATILE:
      case uapi.BTF_KIND_CONST:
      case uapi.BTF_KIND_RESTRICT:
      case uapi.BTF_KIND_VAR:
      case uapi.BTF_KIND_DECL_TAG:
      case uapi.BTF_KIND_TYPE_TAG:
        id = typeOf(record);
        continue;
      default:
        return NO_SIZE;
    }
    const bytes = elements * size;
    return bytes < NO_SIZE ? <u32>bytes : NO_SIZE;
  }
  return NO_SIZE;
}

/** Alignment in bytes of a number, an enum, a pointer, or an array of those; 0 of anything else (`btf__align_of` of libbpf). */
export function alignOf(btf: Btf, id: u32): u32 {
  for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
    const record = btf.record(skipModsAndTypedefs(btf, id));
    switch (kindOf(record)) {
      case uapi.BTF_KIND_INT:
      case uapi.BTF_KIND_ENUM:
      case uapi.BTF_KIND_ENUM64:
      case uapi.BTF_KIND_FLOAT:
        return min<u32>(8, sizeOf(record));
      case uapi.BTF_KIND_PTR:
        return 8;
      case uapi.BTF_KIND_ARRAY:
        id = arrayElement(record);
        break;
      default:
        return 0;
    }
  }
  return 0;
}

/** The kind of a type, such as `STRUCT`, for messages. */
export function kindText(btf: Btf, id: u32): string {
  return uapi.kindName(kindOf(btf.record(id)));
}
