import {ByteWriter} from './byte_writer';

/** Twenty digits and a sign, the longest that there is. */
const DIGITS_MAX: u32 = 21;
const ZERO: u32 = 0x30;
const MINUS: u32 = 0x2d;
const digits: usize = memory.data(24);

/** Appends `value` in decimal. No string is made of it: nothing frees one, and a plan may have millions of numbers. */
export function writeDecimal(value: i64, out: ByteWriter): void {
  const isNegative = value < 0;
  let rest: u64 = isNegative ? -value : value;
  let at = DIGITS_MAX;
  do {
    store<u8>(digits + --at, ZERO + <u32>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (isNegative) store<u8>(digits + --at, MINUS);
  out.bytes(digits + at, DIGITS_MAX - at);
}

/** Appends `0x` and the digits of `value`. */
export function writeHex(value: u64, out: ByteWriter): void {
  out.u16(0x7830);
  let at = DIGITS_MAX;
  let rest = value;
  do {
    const nibble = <u32>(rest & 15);
    store<u8>(digits + --at, nibble < 10 ? ZERO + nibble : 0x57 + nibble);
    rest >>= 4;
  } while (rest != 0);
  out.bytes(digits + at, DIGITS_MAX - at);
}
