import {memberAt, memberOffsetBits, vlenOf} from '../btf/btf_record';

/** Finds members of a struct by where they begin. */
@final
export class MemberOffsets {
  /** Offsets in bits in the upper halves, indices in the lower ones. */
  private readonly sorted: StaticArray<u64>;

  constructor(type: usize) {
    const count = vlenOf(type);
    const sorted = new StaticArray<u64>(count);
    for (let i: u32 = 0; i < count; i++) {
      sorted[i] = ((<u64>memberOffsetBits(type, memberAt(type, i))) << 32) | i;
    }
    sorted.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.sorted = sorted;
  }

  /** Index of the first member that begins there, or -1: top-level members only, as in libbpf. */
  find(bits: u64): i32 {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] >> 32 < bits) low = middle + 1;
      else high = middle;
    }
    if (low == this.sorted.length || this.sorted[low] >> 32 != bits) return -1;
    return <i32>(this.sorted[low] & 0xffff_ffff);
  }
}
