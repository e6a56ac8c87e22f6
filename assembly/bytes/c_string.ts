/**
 * Names as the files hold them: a pointer to bytes that end in NUL. Who hands one out has made
 * sure that the NUL is there. Comparing in place costs no allocation.
 */

/** An empty name to point at. */
export const EMPTY_NAME: usize = memory.data<u8>([0, 0, 0, 0]);

export function nameLength(name: usize): u32 {
  let end = name;
  while (load<u8>(end) != 0) end++;
  return <u32>(end - name);
}

/** The same of what may not end within `most` bytes. */
export function nameLengthWithin(name: usize, most: u32): u32 {
  let length: u32 = 0;
  while (length < most && load<u8>(name + length) != 0) length++;
  return length;
}

/** The place of the first such byte, or -1. */
export function indexInName(name: usize, wanted: u8): i32 {
  let at = name;
  while (load<u8>(at) != 0 && load<u8>(at) != wanted) at++;
  return load<u8>(at) == wanted ? <i32>(at - name) : -1;
}

export function namesEqual(a: usize, b: usize): bool {
  return a == b || compareNames(a, b) == 0;
}

/** Whether the first `length` bytes of both are equal and neither ends before. */
export function prefixesEqual(a: usize, b: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(a + i);
    if (byte == 0 || byte != load<u8>(b + i)) return false;
  }
  return true;
}

/** Whether `name` is exactly the ASCII `text`. */
export function nameIs(name: usize, text: string): bool {
  return nameStartsWith(name, text) && load<u8>(name + text.length) == 0;
}

export function nameStartsWith(name: usize, text: string): bool {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(name + i);
    if (byte == 0 || <i32>byte != text.charCodeAt(i)) return false;
  }
  return true;
}

/** As `strcmp`: below, at or above zero. */
export function compareNames(a: usize, b: usize): i32 {
  let byte = load<u8>(a);
  while (byte != 0 && byte == load<u8>(b)) {
    a++;
    b++;
    byte = load<u8>(a);
  }
  return <i32>byte - <i32>load<u8>(b);
}

/**
 * Bytes of the name before its flavour: `task_struct___old` gives 11. The last `___` with other characters on both
 * sides counts (libbpf `bpf_core_essential_name_len`).
 */
export function essentialLength(name: usize): u32 {
  const length = nameLength(name);
  for (let i = <i32>length - 5; i >= 0; i--) {
    const at = name + i;
    if (
      load<u8>(at) != 0x5f &&
      load<u8>(at, 1) == 0x5f &&
      load<u8>(at, 2) == 0x5f &&
      load<u8>(at, 3) == 0x5f &&
      load<u8>(at, 4) != 0x5f
    ) {
      return i + 1;
    }
  }
  return length;
}

/** A copy of `length` bytes of text that ends in NUL. */
export function copyName(from: usize, length: u32): usize {
  const to = heap.alloc(<usize>length + 1);
  memory.copy(to, from, length);
  store<u8>(to + length, 0);
  return to;
}

/** ASCII text as a name; with a name behind it. */
export function nameFrom(text: string, name: usize = EMPTY_NAME): usize {
  const length = text.length;
  const more = nameLength(name);
  const to = heap.alloc(<usize>length + more + 1);
  for (let i = 0; i < length; i++) store<u8>(to + i, <u8>text.charCodeAt(i));
  memory.copy(to + length, name, <usize>more + 1);
  return to;
}

/** Bytes of a name that messages show, and room for the text of them: UTF-16, four characters a byte at most. */
const TEXT_MAX: u32 = 128;
const textRoom: usize = memory.data(128 * 4 * 2 + 2, 2);

/** For messages: printable ASCII as it is, other bytes as `\xNN`, at most 128 bytes. */
export function nameText(name: usize): string {
  let to = textRoom;
  let from = name;
  for (let left = TEXT_MAX; left > 0; left--) {
    const byte = load<u8>(from++);
    if (byte == 0) return decode(to);
    if (byte >= 0x20 && byte < 0x7f) {
      store<u16>(to, byte);
      to += 2;
    } else {
      store<u32>(to, 0x0078_005c);
      store<u16>(to, hexDigit(byte >> 4), 4);
      store<u16>(to, hexDigit(byte & 15), 6);
      to += 8;
    }
  }
  store<u16>(to, 0x2026);
  return decode(to + 2);
}

/** What lies in the room for text, up to `end`. */
function decode(end: usize): string {
  return String.UTF16.decodeUnsafe(textRoom, end - textRoom);
}

function hexDigit(value: u8): u16 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

export function hexByte(byte: u8): string {
  const digits = '0123456789abcdef';
  return digits.charAt(byte >> 4) + digits.charAt(byte & 15);
}
