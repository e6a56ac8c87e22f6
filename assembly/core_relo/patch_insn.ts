import {
  codeOf,
  INSN_SIZE,
  imm64Of,
  immOf,
  isLdimm64,
  offOf,
  poison,
  setImm,
  setImm64,
  setOff,
} from '../insn/bpf_insn';
import * as bpf from '../uapi/bpf';

/** "bad relo": the verifier says `invalid func unknown#195896080` where such an instruction can be reached. */
const POISON_IMM: i32 = 0x0bad2310;

/** What becomes of an instruction. */
@final
export class Patch {
  /** What it must hold when `validate` is set: the object's value. */
  expected: u64 = 0;
  value: u64 = 0;
  validate: bool = true;
  /** Nothing in the kernel can be meant. */
  poison: bool = false;
  /** Bytes that a load or store reaches here and there. */
  localSize: u32 = 0;
  kernSize: u32 = 0;
  /** Whether a load of the other size gives the same number. */
  resizable: bool = true;
}

export enum Patched {
  Done,
  /** Put out of use: the field is absent, or of a size that the instruction cannot read. */
  Poisoned,
  /** Not the instruction of this record: it holds another value. */
  OtherValue,
  /** Not the instruction of this record: it reaches another number of bytes. */
  OtherSize,
  /** The kernel's offset does not fit into 16 bits. */
  OffsetRange,
  /** The kernel's field has a size that no instruction can load. */
  SizeRange,
  /** An instruction that holds no number to change. */
  NoNumber,
}

/** Writes a value into the instruction (`bpf_core_patch_insn` of libbpf); `left` counts those up to the program's end. */
export function patchInsn(insn: usize, left: u32, patch: Patch): Patched {
  if (patch.poison) return poisonInsn(insn, left);
  switch (codeOf(insn) & bpf.BPF_CLASS_MASK) {
    case bpf.BPF_ALU:
    case bpf.BPF_ALU64:
      if ((codeOf(insn) & bpf.BPF_X) != 0) return Patched.NoNumber;
      if (patch.validate && <u64>(<i64>immOf(insn)) != patch.expected) return Patched.OtherValue;
      setImm(insn, <i32>patch.value);
      return Patched.Done;
    case bpf.BPF_LDX:
    case bpf.BPF_ST:
    case bpf.BPF_STX:
      return patchAccess(insn, left, patch);
    case bpf.BPF_LD:
      if (!isPlainLdimm64(insn, left)) return Patched.NoNumber;
      if (patch.validate && imm64Of(insn) != patch.expected) return Patched.OtherValue;
      setImm64(insn, patch.value);
      return Patched.Done;
    default:
      return Patched.NoNumber;
  }
}

/** What an instruction holds that can be relocated, for messages. */
export function numberIn(insn: usize): i64 {
  const kind = codeOf(insn) & bpf.BPF_CLASS_MASK;
  const access = kind == bpf.BPF_LDX || kind == bpf.BPF_ST || kind == bpf.BPF_STX;
  if (isLdimm64(insn)) return <i64>imm64Of(insn);
  return access ? offOf(insn) : immOf(insn);
}

/** Bytes that a load or store reaches. */
export function accessSize(insn: usize): u32 {
  const bits = codeOf(insn) & bpf.BPF_SIZE_MASK;
  return bits == bpf.BPF_DW ? 8 : bits == bpf.BPF_W ? 4 : bits == bpf.BPF_H ? 2 : 1;
}

function patchAccess(insn: usize, left: u32, patch: Patch): Patched {
  if (patch.validate && <u64>(<i64>offOf(insn)) != patch.expected) return Patched.OtherValue;
  if (patch.value > <u64>i16.MAX_VALUE) return Patched.OffsetRange;
  const resized = patch.kernSize != patch.localSize;
  if (resized && !patch.resizable) return poisonInsn(insn, left);
  if (resized) {
    const size = patch.kernSize;
    if (accessSize(insn) != patch.localSize) return Patched.OtherSize;
    if (size > 8 || popcnt(size) != 1) return Patched.SizeRange;
    store<u8>(insn, <u8>((codeOf(insn) & ~bpf.BPF_SIZE_MASK) | sizeBits(size)));
  }
  setOff(insn, <i32>patch.value);
  return Patched.Done;
}

function sizeBits(bytes: u32): u32 {
  return bytes == 8 ? bpf.BPF_DW : bytes == 4 ? bpf.BPF_W : bytes == 2 ? bpf.BPF_H : bpf.BPF_B;
}

/** One that loads a number: not an fd, not an address, and whole. */
function isPlainLdimm64(insn: usize, left: u32): bool {
  return (
    left >= 2 &&
    isLdimm64(insn) &&
    (load<u32>(insn) & 0xffff_f000) == 0 &&
    load<u32>(insn + INSN_SIZE) == 0
  );
}

/** The second half as well: the verifier would stumble over it first. */
function poisonInsn(insn: usize, left: u32): Patched {
  if (isLdimm64(insn) && left >= 2) poison(insn + INSN_SIZE, POISON_IMM);
  poison(insn, POISON_IMM);
  return Patched.Poisoned;
}
