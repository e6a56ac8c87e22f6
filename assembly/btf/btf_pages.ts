import {BTF_TYPE_SIZE, recordSize} from '../uapi/btf';

/** Types of a page of the type section: as many as lie between two checkpoints. */
const TYPES_SHIFT: u32 = 4;
/** Bytes of the string section whose names are on one page. A page has as many again, for the ends of names. */
const STRINGS_SHIFT: u32 = 8;
/** In front of a page of strings: how many of its bytes are names with their ends. */
const PAGE_HEAD: usize = 4;
/** Behind it: zeros, for whoever reads words. */
const PAGE_TAIL: usize = 8;

/** Instead of the place of a page. */
const ABSENT: u32 = 0;
const WANTED: u32 = 1;

/** So many are fetched in one go; what else is wanted is so again in the next. */
const WANTED_MAX: u32 = 4096;
/** Bytes of all pages. What wants more is better off with the whole BTF. */
const PAGES_SIZE_MAX: u32 = 384 << 10;

/**
 * The parts of a BTF that were looked at, of one that is not in memory. What is not there yet is void, or the empty name, and
 * is wanted: whoever looked has to look again when it is there.
 *
 * Pages have numbers: those of types, then those of strings, in the order of the file.
 */
@final
export class BtfPages {
  /** Whether something was looked for since the last fetch that is not there. */
  missed: bool = false;
  /** Pages to fetch. */
  queueLength: u32 = 0;
  /** Whether it wants what pages cannot give: all types, a very long name, or too many pages. */
  needsWhole: bool = false;
  private readonly typePages: u32;
  /** u32 a page: its place, or ABSENT or WANTED. */
  private readonly places: usize;
  private readonly queue: Uint32Array = new Uint32Array(WANTED_MAX);
  private pagesSize: u32 = 0;

  constructor(
    private readonly typeCount: u32,
    private readonly typesSize: u32,
    private readonly stringsSize: u32,
    /** u32 a page of types: its offset in the type section. */
    private readonly checkpoints: usize,
  ) {
    this.typePages = (typeCount + (1 << TYPES_SHIFT) - 1) >> TYPES_SHIFT;
    const size = (<usize>this.typePages + (stringsSize >> STRINGS_SHIFT) + 1) << 2;
    this.places = heap.alloc(size);
    memory.fill(this.places, 0, size);
  }

  /** The record of the type with that index, or 0. */
  record(index: u32): usize {
    let at: usize = this.place(index >> TYPES_SHIFT);
    if (at == ABSENT) return 0;
    for (let left = index & ((1 << TYPES_SHIFT) - 1); left != 0; left--) {
      at += recordSize(load<u32>(at, 4));
    }
    return at;
  }

  /** The name at an offset of the string section; 0 if it is not there yet. */
  name(offset: u32): usize {
    const page: usize = this.place(this.typePages + (offset >> STRINGS_SHIFT));
    if (page == ABSENT) return 0;
    const within = offset & ((1 << STRINGS_SHIFT) - 1);
    if (within < load<u32>(page)) return page + PAGE_HEAD + within;
    this.needsWhole = true;
    return 0;
  }

  /** Queues the page of a type beforehand. */
  want(index: u32): void {
    this.place(index >> TYPES_SHIFT);
  }

  /** Puts the queue into the order of the file. */
  sort(): void {
    this.queue.subarray(0, this.queueLength).sort();
  }

  queued(position: u32): u32 {
    return this.queue[position];
  }

  isString(page: u32): bool {
    return page >= this.typePages;
  }

  /** Where a page begins in its section, and where it ends. */
  start(page: u32): u32 {
    if (this.isString(page)) return (page - this.typePages) << STRINGS_SHIFT;
    return load<u32>(this.checkpoints + ((<usize>page) << 2));
  }

  end(page: u32): u32 {
    if (this.isString(page)) return min(this.start(page) + (2 << STRINGS_SHIFT), this.stringsSize);
    return page + 1 < this.typePages ? this.start(page + 1) : this.typesSize;
  }

  /** Takes the bytes of a page that was wanted: those that the walk and the search have seen. */
  put(page: u32, from: usize): void {
    const size = this.end(page) - this.start(page);
    this.pagesSize += size;
    if (this.pagesSize > PAGES_SIZE_MAX) this.needsWhole = true;
    // Of a file that is no longer the one that was walked.
    if (!this.isString(page) && !this.areRecords(page, from, size)) this.needsWhole = true;
    if (this.needsWhole) return;
    const head: usize = this.isString(page) ? PAGE_HEAD : 0;
    const at = heap.alloc(head + size + PAGE_TAIL);
    memory.copy(at + head, from, size);
    memory.fill(at + head + size, 0, PAGE_TAIL);
    if (head != 0) {
      let ended = size;
      while (ended > 0 && load<u8>(at + head + ended - 1) != 0) ended--;
      store<u32>(at, ended);
    }
    store<u32>(this.places + ((<usize>page) << 2), <u32>at);
  }

  /** All of the queue was put. */
  fetched(): void {
    this.missed = false;
    this.queueLength = 0;
  }

  /** The place of a page; ABSENT, and it is wanted. */
  private place(page: u32): u32 {
    const entry = this.places + ((<usize>page) << 2);
    const at = load<u32>(entry);
    if (at > WANTED) return at;
    this.missed = true;
    if (at == ABSENT && this.queueLength < WANTED_MAX) {
      store<u32>(entry, WANTED);
      this.queue[this.queueLength++] = page;
    }
    return ABSENT;
  }

  /** Whether bytes are the records of a page, one behind the other. */
  private areRecords(page: u32, from: usize, size: u32): bool {
    let left = min(this.typeCount - (page << TYPES_SHIFT), 1 << TYPES_SHIFT);
    let at: u32 = 0;
    for (; left != 0; left--) {
      if (size - at < BTF_TYPE_SIZE) return false;
      const bytes = recordSize(load<u32>(from + at, 4));
      if (bytes == 0 || bytes > size - at) return false;
      at += bytes;
    }
    return at == size;
  }
}
