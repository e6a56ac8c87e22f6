/** BTF as of include/uapi/linux/btf.h; offsets in bytes. */

export const BTF_MAGIC: u32 = 0xeb9f;

/** struct btf_header; all section offsets count from the end of the header. */
export const BTF_VERSION_OFF: u32 = 2;
export const BTF_FLAGS_OFF: u32 = 3;
export const BTF_HDR_LEN: u32 = 4;
export const BTF_TYPE_OFF: u32 = 8;
export const BTF_TYPE_LEN: u32 = 12;
export const BTF_STR_OFF: u32 = 16;
export const BTF_STR_LEN: u32 = 20;
export const BTF_HDR_SIZE_MIN: u32 = 24;

export const BTF_KIND_VOID: u32 = 0;
export const BTF_KIND_INT: u32 = 1;
export const BTF_KIND_PTR: u32 = 2;
export const BTF_KIND_ARRAY: u32 = 3;
export const BTF_KIND_STRUCT: u32 = 4;
export const BTF_KIND_UNION: u32 = 5;
export const BTF_KIND_ENUM: u32 = 6;
export const BTF_KIND_FWD: u32 = 7;
export const BTF_KIND_TYPEDEF: u32 = 8;
export const BTF_KIND_VOLATILE: u32 = 9;
export const BTF_KIND_CONST: u32 = 10;
export const BTF_KIND_RESTRICT: u32 = 11;
export const BTF_KIND_FUNC: u32 = 12;
export const BTF_KIND_FUNC_PROTO: u32 = 13;
export const BTF_KIND_VAR: u32 = 14;
export const BTF_KIND_DATASEC: u32 = 15;
export const BTF_KIND_FLOAT: u32 = 16;
export const BTF_KIND_DECL_TAG: u32 = 17;
export const BTF_KIND_TYPE_TAG: u32 = 18;
export const BTF_KIND_ENUM64: u32 = 19;
export const BTF_KIND_MAX: u32 = 19;

/** Linkage of FUNC (in vlen) and VAR. */
export const BTF_FUNC_STATIC: u32 = 0;
export const BTF_FUNC_GLOBAL: u32 = 1;
export const BTF_FUNC_EXTERN: u32 = 2;
export const BTF_VAR_STATIC: u32 = 0;
export const BTF_VAR_GLOBAL_ALLOCATED: u32 = 1;
export const BTF_VAR_GLOBAL_EXTERN: u32 = 2;

export const BTF_INT_SIGNED: u32 = 1;
export const BTF_INT_CHAR: u32 = 2;
export const BTF_INT_BOOL: u32 = 4;

/** struct btf_type: name_off, info, size or type. */
export const BTF_TYPE_SIZE: u32 = 12;
export const BTF_ARRAY_SIZE: u32 = 12;
export const BTF_MEMBER_SIZE: u32 = 12;
export const BTF_ENUM_SIZE: u32 = 8;
export const BTF_ENUM64_SIZE: u32 = 12;
export const BTF_PARAM_SIZE: u32 = 8;
export const BTF_VAR_SECINFO_SIZE: u32 = 12;

/** Bytes after struct btf_type that a kind always has, by kind. */
const FIXED: usize = memory.data<u8>([0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0]);
/** Bytes for each of its `vlen` parts, by kind. */
const PER_PART: usize = memory.data<u8>([
  0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12,
]);

/** Bytes of a record of a known kind, struct btf_type included. */
export function recordSize(kind: u32, vlen: u32): u32 {
  return BTF_TYPE_SIZE + load<u8>(FIXED + kind) + load<u8>(PER_PART + kind) * vlen;
}

/** The kind's name as bpftool prints it. */
export function kindName(kind: u32): string {
  const names: StaticArray<string> = [
    'void',
    'INT',
    'PTR',
    'ARRAY',
    'STRUCT',
    'UNION',
    'ENUM',
    'FWD',
    'TYPEDEF',
    'VOLATILE',
    'CONST',
    'RESTRICT',
    'FUNC',
    'FUNC_PROTO',
    'VAR',
    'DATASEC',
    'FLOAT',
    'DECL_TAG',
    'TYPE_TAG',
    'ENUM64',
  ];
  return kind <= BTF_KIND_MAX ? names[kind] : `kind ${kind}`;
}

/** struct btf_ext_header: after the first 8 bytes three pairs of offset and length. */
export const BTF_EXT_HDR_SIZE_MIN: u32 = 24;
export const BTF_EXT_HDR_SIZE_CORE: u32 = 32;
export const FUNC_INFO_OFF: u32 = 8;
export const LINE_INFO_OFF: u32 = 16;
export const CORE_RELO_OFF: u32 = 24;
