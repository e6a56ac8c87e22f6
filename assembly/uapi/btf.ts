/** BTF as of include/uapi/linux/btf.h; offsets in bytes. */

export const BTF_MAGIC: u32 = 0xeb9f;

/** struct btf_header; all section offsets count from the end of the header. */
export const BTF_VERSION_OFF: u32 = 2;
export const BTF_FLAGS_OFF: u32 = 3;
export const BTF_HDR_LEN: u32 = 4;
export const BTF_TYPE_OFF: u32 = 8;
export const BTF_TYPE_LEN: u32 = 12;
export const BTF_STR_OFF: u32 = 16;
/** Since Linux 7.1: where the sizes of kinds are told, and how many bytes that takes. */
export const BTF_LAYOUT_OFF: u32 = 24;
export const BTF_LAYOUT_LEN: u32 = 28;
export const BTF_HDR_SIZE_LAYOUT: u32 = 32;
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
export const BTF_VAR_STATIC: u32 = 0;
export const BTF_VAR_GLOBAL_ALLOCATED: u32 = 1;
export const BTF_VAR_GLOBAL_EXTERN: u32 = 2;

export const BTF_INT_SIGNED: u32 = 1;
export const BTF_INT_BOOL: u32 = 4;

/** struct btf_type: name_off, info, size or type. */
export const BTF_TYPE_SIZE: u32 = 12;
export const BTF_MEMBER_SIZE: u32 = 12;
export const BTF_ENUM_SIZE: u32 = 8;
export const BTF_ENUM64_SIZE: u32 = 12;
export const BTF_PARAM_SIZE: u32 = 8;
export const BTF_VAR_SECINFO_SIZE: u32 = 12;

/** By kind, for all 128: bytes that a record always has, then bytes for each of its `vlen` parts; 0 for unknown kinds. */
const SHAPES: usize = memory.data<u8>([
  0, 0, 16, 0, 12, 0, 24, 0, 12, 12, 12, 12, 12, 8, 12, 0, 12, 0, 12, 0, 12, 0, 12, 0, 12, 0, 12, 8,
  16, 0, 12, 12, 12, 0, 16, 0, 12, 0, 12, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** Bit k set: records of kind k are a struct btf_type and nothing else. */
const BARE_KINDS: u32 =
  (1 << BTF_KIND_PTR) |
  (1 << BTF_KIND_FWD) |
  (1 << BTF_KIND_TYPEDEF) |
  (1 << BTF_KIND_VOLATILE) |
  (1 << BTF_KIND_CONST) |
  (1 << BTF_KIND_RESTRICT) |
  (1 << BTF_KIND_FUNC) |
  (1 << BTF_KIND_FLOAT) |
  (1 << BTF_KIND_TYPE_TAG);

/**
 * Whether a record of a kind below 32 has its least size, which most have. A processor guesses this and goes on to the next
 * record before it knows the size of this one: a walk over all takes two thirds of the time.
 */
export function isBare(info: u32): bool {
  return ((BARE_KINDS >> (info >> 24)) & 1) != 0;
}

/** Bytes of a record by its `info`, struct btf_type included; 0 for an unknown kind. */
export function recordSize(info: u32): u32 {
  const shape: u32 = load<u16>(SHAPES + ((info >> 23) & 0xfe));
  return (shape & 0xff) + (shape >> 8) * (info & 0xff_ffff);
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
