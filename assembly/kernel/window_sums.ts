import {rotateLeft64} from '../bytes/rotate';

/** Bytes that have a sum. */
const BLOCK_SIZE: u32 = 512;
const PRIME: u64 = 0x9e3779b185ebca87;
const UNKNOWN: u32 = 0;

/** What blocks of a file summed up to when they were seen first: so that it is noticed when a file is another one by now. */
@final
export class WindowSums {
  /** u32 a block. */
  private readonly sums: usize;

  constructor(private readonly size: u32) {
    const bytes = (<usize>size / BLOCK_SIZE + 1) << 2;
    this.sums = heap.alloc(bytes);
    memory.fill(this.sums, 0, bytes);
  }

  blockStart(offset: u32): u32 {
    return offset & ~(BLOCK_SIZE - 1);
  }

  /** The end of the block that ends at `offset` or behind it, or of the file. */
  blockEnd(offset: u32): u32 {
    return min(this.size, (offset + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1));
  }

  /** Whether a window has what was there before. It begins with a block, ends with one, and eight zeros lie behind it. */
  fit(at: usize, offset: u32, length: u32): bool {
    const end = at + length;
    let entry = this.sums + ((offset / BLOCK_SIZE) << 2);
    for (; at < end; at += BLOCK_SIZE) {
      const sum = sumOf(at, min(end, at + BLOCK_SIZE));
      const before = load<u32>(entry);
      if (before != UNKNOWN && before != sum) return false;
      store<u32>(entry, sum);
      entry += 4;
    }
    return true;
  }
}

function sumOf(at: usize, end: usize): u32 {
  let sum: u64 = PRIME;
  for (; at < end; at += 8) sum = rotateLeft64(sum ^ load<u64>(at), 29) * PRIME;
  return <u32>(sum >> 32) | 1;
}
