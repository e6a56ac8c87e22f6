import {RESOLVE_DEPTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {
  arrayElement,
  arrayLength,
  isModifierOrTypedef,
  kindOf,
  memberAt,
  memberBitfieldBits,
  memberOffsetBits,
  memberType,
  sizeOf,
  typeOf,
  vlenOf,
} from './btf_record';

/** Chains of modifiers in real files are some steps long; libbpf has no bound, a hostile file may have a cycle. */
const CHAIN_MAX: u32 = 256;

/**
 * The id behind TYPEDEF, VOLATILE, CONST, RESTRICT and TYPE_TAG, as `skip_mods_and_typedefs` of
 * libbpf. A cycle counts as void.
 */
export function skipModsAndTypedefs(btf: Btf, id: u32): u32 {
  for (let step: u32 = 0; step < CHAIN_MAX; step++) {
    const record = btf.record(id);
    if (!isModifierOrTypedef(kindOf(record))) return id;
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

/**
 * Alignment of a type in bytes, 0 when it has none (`btf__align_of` of libbpf): a struct whose members or size contradict
 * the natural alignment is packed.
 */
export function alignOf(btf: Btf, id: u32, depth: u32 = 0): u32 {
  if (depth >= RESOLVE_DEPTH_MAX) return 0;
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
      return alignOf(btf, arrayElement(record), depth + 1);
    case uapi.BTF_KIND_STRUCT:
    case uapi.BTF_KIND_UNION: {
      let widest: u32 = 1;
      for (let i: u32 = 0; i < vlenOf(record); i++) {
        const member = memberAt(record, i);
        const align = alignOf(btf, memberType(member), depth + 1);
        if (align == 0) return 0;
        widest = max(widest, align);
        if (
          memberBitfieldBits(record, member) == 0 &&
          memberOffsetBits(record, member) % (8 * align) != 0
        ) {
          return 1;
        }
      }
      return sizeOf(record) % widest != 0 ? 1 : widest;
    }
    default:
      return 0;
  }
}

/** `struct tcp_sock`, `u32`, `int *`: a type as a person would write it, for messages. */
export function kindText(btf: Btf, id: u32): string {
  return uapi.kindName(kindOf(btf.record(id)));
}
