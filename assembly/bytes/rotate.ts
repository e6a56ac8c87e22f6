/**
 * Rotations, as two shifts: optimising compilers make one instruction of them, while V8's baseline compiler, which makes a
 * process's first plan, calls a C function for the instruction of Wasm.
 */

/** By 1 to 63 bits. */
export function rotateLeft64(word: u64, bits: u64): u64 {
  return (word << bits) | (word >> (64 - bits));
}

/** By 1 to 31 bits. */
export function rotateLeft32(word: u32, bits: u32): u32 {
  return (word << bits) | (word >> (32 - bits));
}

/** By 1 to 31 bits. */
export function rotateRight32(word: u32, bits: u32): u32 {
  return (word >> bits) | (word << (32 - bits));
}
