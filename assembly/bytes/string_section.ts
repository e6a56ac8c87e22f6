import {NAME_LENGTH_MAX} from '../limits';

/**
 * A section of NUL-terminated names, its last byte NUL. Names may overlap, so a small file can have any number of long
 * ones: those above NAME_LENGTH_MAX are told apart, for readers to refuse.
 */
@final
export class StringSection {
  /** Places where a run without NUL begins that is longer than a name may be, and where it ends, in turn. */
  private readonly longRuns: u32[] = [];

  constructor(
    private readonly start: usize,
    readonly size: u32,
  ) {
    // A window that is as long as a name may be, from its end back: nearly always a NUL is near, and no run is longer.
    let from: u32 = 0;
    while (size - from > NAME_LENGTH_MAX) {
      let end = from + NAME_LENGTH_MAX;
      while (end > from && load<u8>(start + end) != 0) end--;
      if (load<u8>(start + end) != 0) {
        end = from + NAME_LENGTH_MAX;
        while (load<u8>(start + end) != 0) end++;
        this.longRuns.push(from);
        this.longRuns.push(end);
      }
      from = end + 1;
    }
  }

  /** The name at that offset; 0 when it lies outside. */
  at(offset: u32): usize {
    return offset < this.size ? this.start + offset : 0;
  }

  /** Whether the name at that offset is longer than names may be. */
  isLong(offset: u32): bool {
    const runs = this.longRuns;
    let low = 0;
    let high = runs.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[2 * middle + 1] <= offset) low = middle + 1;
      else high = middle;
    }
    if (low == runs.length / 2 || runs[2 * low] > offset) return false;
    return runs[2 * low + 1] - offset > NAME_LENGTH_MAX;
  }
}
