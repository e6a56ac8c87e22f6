import {ObjectMap} from './object_map';

/** Finds maps by where they lie, for relocations: a file may have a million of both. */
@final
export class MapIndex {
  private readonly sorted: ObjectMap[];

  constructor(maps: ObjectMap[]) {
    this.sorted = maps.slice();
    this.sorted.sort((a, b) => {
      if (a.section.index != b.section.index) return a.section.index < b.section.index ? -1 : 1;
      return a.offset == b.offset ? 0 : a.offset < b.offset ? -1 : 1;
    });
  }

  /** The last map of a section that begins at `offset` or before, or null. */
  find(section: u32, offset: u32): ObjectMap | null {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const map = this.sorted[middle];
      const before =
        map.section.index < section || (map.section.index == section && map.offset <= offset);
      if (before) low = middle + 1;
      else high = middle;
    }
    if (low == 0 || this.sorted[low - 1].section.index != section) return null;
    return this.sorted[low - 1];
  }
}
