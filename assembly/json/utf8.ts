/** What stands for bytes, or half a surrogate pair, that mean no character. */
export const REPLACEMENT: u32 = 0xfffd;

/**
 * Bytes of the well-formed UTF-8 sequence of two to four bytes that begins at `at`, or, negated, of the part of one that
 * is to be replaced by one U+FFFD: the longest beginning of a right sequence, at least one byte (Unicode 3.9, table 3-7;
 * what TextDecoder does). `at` is below `end` and does not hold ASCII.
 */
export function sequenceLength(at: usize, end: usize): i32 {
  const first = load<u8>(at);
  if (first < 0xc2 || first > 0xf4) return -1;
  const wanted: i32 = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte excludes overlong forms, surrogates and what lies above U+10FFFF.
  let least: u8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  let most: u8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < wanted; i++) {
    if (at + i >= end) return -i;
    const byte = load<u8>(at + i);
    if (byte < least || byte > most) return -i;
    least = 0x80;
    most = 0xbf;
  }
  return wanted;
}
