import {BPF_PSEUDO_CALL, OPCODE_CALL, OPCODE_LDIMM64} from '../uapi/bpf';

/*
 * One instruction in place, struct bpf_insn:
 *
 *   0  u8  code
 *   1  u4  dst_reg (low half), u4 src_reg (high half)
 *   2  s16 off
 *   4  s32 imm
 *
 * ldimm64 takes two; the second has only an imm, the upper half.
 */

export const INSN_SIZE: u32 = 8;

export function codeOf(insn: usize): u32 {
  return load<u8>(insn);
}

export function dstOf(insn: usize): u32 {
  return load<u8>(insn, 1) & 15;
}

export function srcOf(insn: usize): u32 {
  return load<u8>(insn, 1) >> 4;
}

export function offOf(insn: usize): i32 {
  return load<i16>(insn, 2);
}

export function immOf(insn: usize): i32 {
  return load<i32>(insn, 4);
}

export function setSrc(insn: usize, src: u32): void {
  store<u8>(insn, (load<u8>(insn, 1) & 15) | <u8>(src << 4), 1);
}

export function setOff(insn: usize, off: i32): void {
  store<i16>(insn, <i16>off, 2);
}

export function setImm(insn: usize, imm: i32): void {
  store<i32>(insn, imm, 4);
}

/** Both halves of the constant of an ldimm64. */
export function setImm64(insn: usize, value: u64): void {
  store<u32>(insn, <u32>value, 4);
  store<u32>(insn, <u32>(value >> 32), 12);
}

export function imm64Of(insn: usize): u64 {
  return <u64>load<u32>(insn, 4) | ((<u64>load<u32>(insn, 12)) << 32);
}

export function isLdimm64(insn: usize): bool {
  return codeOf(insn) == OPCODE_LDIMM64;
}

export function isCall(insn: usize): bool {
  return codeOf(insn) == OPCODE_CALL;
}

/** A call of a function of the same program (libbpf `is_call_insn` and `insn_is_subprog_call`). */
export function isSubprogramCall(insn: usize): bool {
  return isCall(insn) && srcOf(insn) == BPF_PSEUDO_CALL && dstOf(insn) == 0 && offOf(insn) == 0;
}

/** A call of a helper that does not exist: the verifier refuses it where it can be reached. */
export function poison(insn: usize, imm: i32): void {
  store<u64>(insn, OPCODE_CALL);
  setImm(insn, imm);
}
