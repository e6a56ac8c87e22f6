const UNDERSCORE: u8 = 0x5f;

/** Bytes that the last call of flavourlessHash() looked at. */
let hashed: u32 = 0;

export function hashedBytes(): u32 {
  return hashed;
}

/** FNV-1a of a name of at most `length` bytes, up to its first `___`: all flavours of it have one hash. */
export function flavourlessHash(name: usize, length: u32): u32 {
  let sum: u32 = 0x811c9dc5;
  /** Underscores before this byte, and the hash before them. */
  let run: u32 = 0;
  let before: u32 = 0;
  let i: u32 = 0;
  for (; i < length; i++) {
    const byte = load<u8>(name + i);
    if (byte == 0) break;
    if (byte != UNDERSCORE) {
      if (run == 3 && i > 3) {
        sum = before;
        break;
      }
      run = 0;
    } else if (run++ == 0) {
      before = sum;
    }
    sum = (sum ^ byte) * 0x01000193;
  }
  hashed = i + 1;
  return sum ^ (sum >> 15);
}
