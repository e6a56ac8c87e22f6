import {NAME_CROWD_MAX, NAME_LENGTH_MAX} from '../limits';
import {namesEqual} from './c_string';
import {heapReserve} from './heap';

/** No entry. */
export const NOT_FOUND: u32 = u32.MAX_VALUE;

/** Bytes of a position in all tables. */
const ENTRY_SIZE: usize = 17;

/**
 * Finds positions by name: `add` positions in any order, `find` gives the one that was added last. So whoever wants the
 * lowest adds from the end. A name can have a kind, and is then found by both.
 */
@final
export class NameIndex {
  /** Whether names collide so often that looking them up would take time; not all are in the index then. */
  crowded: bool = false;
  private readonly mask: u32;
  /** By bucket: the first of a list of different names, one entry each. Entries are positions plus one. */
  private readonly heads: StaticArray<u32>;
  private next: StaticArray<u32>;
  /** By position: the one of the same name and kind that was added before. */
  private same: StaticArray<u32>;
  private names: StaticArray<usize>;
  private hashes: StaticArray<u32>;
  private kinds: StaticArray<u8>;

  /** For positions 0 to `size` - 1. */
  constructor(size: u32) {
    let buckets: u32 = 16;
    while (buckets < size) buckets <<= 1;
    this.mask = buckets - 1;
    heapReserve(((<usize>buckets) << 2) + <usize>size * ENTRY_SIZE);
    this.heads = new StaticArray<u32>(buckets);
    this.next = new StaticArray<u32>(size);
    this.same = new StaticArray<u32>(size);
    this.names = new StaticArray<usize>(size);
    this.hashes = new StaticArray<u32>(size);
    this.kinds = new StaticArray<u8>(size);
  }

  /** From now on for positions 0 to `size` - 1; all names lie so many bytes behind where they were. */
  extend(size: u32, moved: isize): void {
    const more = <i32>size - this.names.length;
    if (more > 0) {
      const zeros = new StaticArray<u32>(more);
      this.next = this.next.concat<StaticArray<u32>>(zeros);
      this.same = this.same.concat<StaticArray<u32>>(zeros);
      this.names = this.names.concat<StaticArray<usize>>(new StaticArray<usize>(more));
      this.hashes = this.hashes.concat<StaticArray<u32>>(zeros);
      this.kinds = this.kinds.concat<StaticArray<u8>>(new StaticArray<u8>(more));
    }
    for (let i = 0; i < this.names.length; i++) this.names[i] += moved;
  }

  add(position: u32, name: usize, kind: u32 = 0): void {
    const code = hash(name, kind);
    const bucket = code & this.mask;
    this.names[position] = name;
    this.hashes[position] = code;
    this.kinds[position] = <u8>kind;
    let before: u32 = 0;
    let length: u32 = 0;
    for (let entry = this.heads[bucket]; entry != 0; entry = this.next[entry - 1]) {
      if (this.matches(entry - 1, name, kind, code)) {
        // Takes the place of the one of the same name.
        this.same[position] = entry;
        this.next[position] = this.next[entry - 1];
        this.link(bucket, before, position + 1);
        return;
      }
      before = entry;
      length++;
    }
    if (length >= NAME_CROWD_MAX) {
      this.crowded = true;
      return;
    }
    this.next[position] = this.heads[bucket];
    this.heads[bucket] = position + 1;
  }

  find(name: usize, kind: u32 = 0): u32 {
    const code = hash(name, kind);
    for (let entry = this.heads[code & this.mask]; entry != 0; entry = this.next[entry - 1]) {
      if (this.matches(entry - 1, name, kind, code)) return entry - 1;
    }
    return NOT_FOUND;
  }

  /** The entry of the same name and kind that was added before `position`. */
  findAfter(position: u32): u32 {
    return this.same[position] - 1;
  }

  private link(bucket: u32, before: u32, entry: u32): void {
    if (before == 0) this.heads[bucket] = entry;
    else this.next[before - 1] = entry;
  }

  private matches(position: u32, name: usize, kind: u32, code: u32): bool {
    return (
      this.hashes[position] == code &&
      <u32>this.kinds[position] == kind &&
      namesEqual(this.names[position], name)
    );
  }
}

/** FNV-1a. */
function hash(name: usize, kind: u32): u32 {
  let sum: u32 = 0x811c9dc5 ^ kind;
  for (let i: u32 = 0; i < NAME_LENGTH_MAX; i++) {
    const byte = load<u8>(name + i);
    if (byte == 0) break;
    sum = (sum ^ byte) * 0x01000193;
  }
  return sum ^ (sum >> 15);
}
