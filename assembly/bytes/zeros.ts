/** Whether all bytes are zero: eight at a time, since data sections have megabytes. */
export function isZero(from: usize, size: u32): bool {
  const words = from + (size & ~7);
  let at = from;
  for (; at < words; at += 8) {
    if (load<u64>(at) != 0) return false;
  }
  for (const end = from + size; at < end; at++) {
    if (load<u8>(at) != 0) return false;
  }
  return true;
}
