/** A number of 64 bits that a text has; null where it has none. */
@final
export class ParsedInteger {
  constructor(
    /** In two's complement. */
    readonly value: u64,
    readonly negative: bool,
  ) {}
}

/** As `strtoull(text, &end, 0)` over the whole text: decimal, 0x…, 0…, with a sign. */
export function parseInteger(text: usize): ParsedInteger | null {
  let at = text;
  const negative = load<u8>(at) == 0x2d;
  if (negative || load<u8>(at) == 0x2b) at++;
  let base: u64 = 10;
  if (load<u8>(at) == 0x30 && (load<u8>(at, 1) | 0x20) == 0x78 && digitOf(load<u8>(at, 2)) < 16) {
    base = 16;
    at += 2;
  } else if (load<u8>(at) == 0x30) {
    base = 8;
  }
  let value: u64 = 0;
  let count = 0;
  while (load<u8>(at) != 0) {
    const digit: u64 = digitOf(load<u8>(at));
    if (digit >= base || value > (u64.MAX_VALUE - digit) / base) return null;
    value = value * base + digit;
    count++;
    at++;
  }
  return count == 0
    ? null
    : new ParsedInteger(negative ? 0 - value : value, negative && value != 0);
}

/** 255 for what is no digit of any base. */
function digitOf(byte: u8): u8 {
  if (byte >= 0x30 && byte < 0x3a) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter < 0x67 ? letter - 0x61 + 10 : 255;
}
