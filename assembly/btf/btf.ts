import {EMPTY_NAME} from '../bytes/c_string';
import {recordSize} from '../uapi/btf';
import {BtfPages} from './btf_pages';

/**
 * A parsed BTF: ids to records, offsets to names. Every record is known to lie inside the type section, and the string
 * section to end in NUL. Ids and name offsets inside records are checked where they are followed: an id that is out of
 * range has no record (as void has none), a bad name offset gives the empty name.
 *
 * The kernel's BTF has 100,000 types and a plan follows few: offsets are kept for one id of
 * `1 << shift`, the others are reached by walking.
 */
@final
export class Btf {
  constructor(
    /** For a module's BTF the vmlinux BTF that its ids and names continue. */
    readonly base: Btf | null,
    readonly types: usize,
    readonly typesSize: u32,
    readonly strings: usize,
    readonly stringsSize: u32,
    /** u32 offsets into the type section of the ids firstId, firstId + (1 << shift), … */
    readonly checkpoints: usize,
    readonly shift: u32,
    readonly firstId: u32,
    /** One more than the last id. */
    readonly endId: u32,
    /** Offset of its first own string. */
    readonly firstString: u32,
    /** Instead of all types and strings, of a BTF that is not in memory. */
    readonly pages: BtfPages | null = null,
  ) {}

  /** Whether something was looked for that is not in memory yet. */
  get misses(): bool {
    const pages = this.pages;
    return pages !== null && (pages.missed || pages.needsWhole);
  }

  /** Whether its types can be walked; else it is told that somebody wants to. */
  get isWhole(): bool {
    const pages = this.pages;
    if (pages !== null) pages.needsWhole = true;
    return pages === null;
  }

  /** The record of a type; 0 for void and for ids that do not exist. */
  record(id: u32): usize {
    if (id < this.firstId) {
      const base = this.base;
      return base === null ? 0 : base.record(id);
    }
    if (id >= this.endId) return 0;
    const index = id - this.firstId;
    const pages = this.pages;
    if (pages !== null) return pages.record(index);
    let at = this.types + load<u32>(this.checkpoints + ((index >> this.shift) << 2));
    for (let left = index & ((1 << this.shift) - 1); left != 0; left--) {
      at += recordSize(load<u32>(at, 4));
    }
    return at;
  }

  exists(id: u32): bool {
    return id == 0 || this.record(id) != 0;
  }

  /** A NUL-terminated name. */
  nameAt(offset: u32): usize {
    if (offset < this.firstString) {
      const base = this.base;
      return base === null ? EMPTY_NAME : base.nameAt(offset);
    }
    const own = offset - this.firstString;
    if (own >= this.stringsSize) return EMPTY_NAME;
    const pages = this.pages;
    if (pages === null) return this.strings + own;
    const name = pages.name(own);
    return name == 0 ? EMPTY_NAME : name;
  }

  /** The name of a record. */
  nameOf(record: usize): usize {
    return record == 0 ? EMPTY_NAME : this.nameAt(load<u32>(record));
  }
}
