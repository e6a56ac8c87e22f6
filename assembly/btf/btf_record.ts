import * as btf from '../uapi/btf';

/*
 * One type record in place, and its parts. A record is a pointer to its struct btf_type:
 *
 *   0  u32 name_off
 *   4  u32 info       bits 0-23 vlen, 24-30 kind, 31 kind flag
 *   8  u32 size or type
 *   12 what the kind adds
 *
 * The kernel's header of 7.2 widens vlen to 24 and kind to 7 bits; older files have zeros there.
 * 0 stands for void, which has no record.
 */

export function kindOf(record: usize): u32 {
  return record == 0 ? btf.BTF_KIND_VOID : (load<u32>(record, 4) >> 24) & 0x7f;
}

export function vlenOf(record: usize): u32 {
  return load<u32>(record, 4) & 0xff_ffff;
}

export function kflagOf(record: usize): bool {
  return load<u32>(record, 4) >> 31 != 0;
}

export function nameOffsetOf(record: usize): u32 {
  return load<u32>(record);
}

/** For INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC. */
export function sizeOf(record: usize): u32 {
  return load<u32>(record, 8);
}

/** For the kinds that refer to one other type. */
export function typeOf(record: usize): u32 {
  return load<u32>(record, 8);
}

export function setInfo(record: usize, kind: u32, vlen: u32, kflag: bool): void {
  store<u32>(record, (kflag ? 0x8000_0000 : 0) | (kind << 24) | vlen, 4);
}

/** With what else stands beside it as it is. */
export function setVlen(record: usize, vlen: u32): void {
  store<u32>(record, (load<u32>(record, 4) & 0xffff_0000) | vlen, 4);
}

// INT: bits 0-7 bits, 16-23 bit offset, 24-27 encoding.
export function intBits(record: usize): u32 {
  return load<u32>(record, 12) & 0xff;
}

export function intOffset(record: usize): u32 {
  return (load<u32>(record, 12) >> 16) & 0xff;
}

export function intEncoding(record: usize): u32 {
  return (load<u32>(record, 12) >> 24) & 15;
}

// ARRAY: element type, index type, number of elements.
export function arrayElement(record: usize): u32 {
  return load<u32>(record, 12);
}

export function arrayLength(record: usize): u32 {
  return load<u32>(record, 20);
}

// STRUCT, UNION: members of name_off, type, offset.
export function memberAt(record: usize, index: u32): usize {
  return record + btf.BTF_TYPE_SIZE + index * btf.BTF_MEMBER_SIZE;
}

export function memberNameOffset(member: usize): u32 {
  return load<u32>(member);
}

export function memberType(member: usize): u32 {
  return load<u32>(member, 4);
}

/** With the kind flag the upper 8 bits are the size of a bitfield. */
export function memberOffsetBits(record: usize, member: usize): u32 {
  const offset = load<u32>(member, 8);
  return kflagOf(record) ? offset & 0xff_ffff : offset;
}

/** 0 for a member that is no bitfield (old-style INT bitfields are seen as plain, as in libbpf). */
export function memberBitfieldBits(record: usize, member: usize): u32 {
  return kflagOf(record) ? load<u32>(member, 8) >> 24 : 0;
}

// FUNC_PROTO: parameters of name_off, type.
export function paramAt(record: usize, index: u32): usize {
  return record + btf.BTF_TYPE_SIZE + index * btf.BTF_PARAM_SIZE;
}

// VAR: linkage. FUNC keeps its linkage in vlen.
export function varLinkage(record: usize): u32 {
  return load<u32>(record, 12);
}

export function setVarLinkage(record: usize, linkage: u32): void {
  store<u32>(record, linkage, 12);
}

// DATASEC: entries of type, offset, size.
export function secinfoAt(record: usize, index: u32): usize {
  return record + btf.BTF_TYPE_SIZE + index * btf.BTF_VAR_SECINFO_SIZE;
}

export function secinfoType(entry: usize): u32 {
  return load<u32>(entry);
}

export function secinfoOffset(entry: usize): u32 {
  return load<u32>(entry, 4);
}

export function secinfoSize(entry: usize): u32 {
  return load<u32>(entry, 8);
}

// ENUM, ENUM64: enumerators of name_off, value (low, then high half).
export function enumeratorAt(record: usize, index: u32): usize {
  const size = kindOf(record) == btf.BTF_KIND_ENUM ? btf.BTF_ENUM_SIZE : btf.BTF_ENUM64_SIZE;
  return record + btf.BTF_TYPE_SIZE + index * size;
}

/** ENUM values are sign-extended, also those of unsigned enums (libbpf `bpf_core_calc_enumval_relo`). */
export function enumeratorValue(record: usize, enumerator: usize): u64 {
  if (kindOf(record) == btf.BTF_KIND_ENUM) return <u64>(<i64>load<i32>(enumerator, 4));
  return <u64>load<u32>(enumerator, 4) | ((<u64>load<u32>(enumerator, 8)) << 32);
}

export function isComposite(record: usize): bool {
  const kind = kindOf(record);
  return kind == btf.BTF_KIND_STRUCT || kind == btf.BTF_KIND_UNION;
}

export function isAnyEnum(record: usize): bool {
  const kind = kindOf(record);
  return kind == btf.BTF_KIND_ENUM || kind == btf.BTF_KIND_ENUM64;
}

/** TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG: what libbpf calls modifiers and typedefs. */
export function isModifierOrTypedef(kind: u32): bool {
  return (
    (kind >= btf.BTF_KIND_TYPEDEF && kind <= btf.BTF_KIND_RESTRICT) || kind == btf.BTF_KIND_TYPE_TAG
  );
}
