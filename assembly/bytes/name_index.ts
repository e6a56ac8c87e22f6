import {namesEqual} from './c_string';

/** No entry. */
export const NOT_FOUND: u32 = u32.MAX_VALUE;

/**
 * Finds positions by name: `add` positions in any order, `find` gives the one that was added last. So whoever wants the
 * lowest adds from the end.
 */
@final
export class NameIndex {
  private readonly mask: u32;
  private readonly heads: Uint32Array;
  private readonly names: StaticArray<usize>;
  private readonly next: Uint32Array;

  /** For positions 0 to `size` - 1. */
  constructor(size: u32) {
    let buckets: u32 = 16;
    while (buckets < size) buckets <<= 1;
    this.mask = buckets - 1;
    this.heads = new Uint32Array(buckets);
    this.names = new StaticArray<usize>(size);
    this.next = new Uint32Array(size);
  }

  add(position: u32, name: usize): void {
    const bucket = hash(name) & this.mask;
    this.names[position] = name;
    this.next[position] = this.heads[bucket];
    this.heads[bucket] = position + 1;
  }

  find(name: usize): u32 {
    return this.search(name, this.heads[hash(name) & this.mask]);
  }

  /** The entry of that name that was added before `position`. */
  findAfter(name: usize, position: u32): u32 {
    return this.search(name, this.next[position]);
  }

  private search(name: usize, entry: u32): u32 {
    for (; entry != 0; entry = this.next[entry - 1]) {
      if (namesEqual(this.names[entry - 1], name)) return entry - 1;
    }
    return NOT_FOUND;
  }
}

/** FNV-1a over the first 64 bytes: long names of hostile files must not cost more. */
function hash(name: usize): u32 {
  let sum: u32 = 0x811c9dc5;
  for (let i = 0; i < 64; i++) {
    const byte = load<u8>(name + i);
    if (byte == 0) break;
    sum = (sum ^ byte) * 0x01000193;
  }
  return sum ^ (sum >> 15);
}
