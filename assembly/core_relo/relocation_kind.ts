import * as bpf from '../uapi/bpf';

/** Relocations of an access to a field: where it is, how large, whether there is one. */
export function isFieldKind(kind: u32): bool {
  return kind <= bpf.BPF_CORE_FIELD_RSHIFT_U64;
}

/** Relocations of a type as a whole. */
export function isTypeKind(kind: u32): bool {
  return (
    (kind >= bpf.BPF_CORE_TYPE_ID_LOCAL && kind <= bpf.BPF_CORE_TYPE_SIZE) ||
    kind == bpf.BPF_CORE_TYPE_MATCHES
  );
}

/** Relocations of one enumerator. */
export function isEnumKind(kind: u32): bool {
  return kind == bpf.BPF_CORE_ENUMVAL_EXISTS || kind == bpf.BPF_CORE_ENUMVAL_VALUE;
}

export function isKnownKind(kind: u32): bool {
  return kind <= bpf.BPF_CORE_TYPE_MATCHES;
}

/** The name in enum bpf_core_relo_kind without its prefix, in lower case. */
export function relocationKindText(kind: u32): string {
  const names: StaticArray<string> = [
    'byte_offset',
    'byte_size',
    'field_exists',
    'signed',
    'lshift_u64',
    'rshift_u64',
    'type_id_local',
    'type_id_target',
    'type_exists',
    'type_size',
    'enumval_exists',
    'enumval_value',
    'type_matches',
  ];
  return isKnownKind(kind) ? names[kind] : `kind ${kind}`;
}
