import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {BtfPages} from '../btf/btf_pages';
import {EMPTY_NAME} from '../bytes/c_string';
import {heapKeepRoom, heapMark, heapRelease} from '../bytes/heap';
import {Xxh64} from '../bytes/xxh64';
import {Input} from '../fault/fault';
import {Faults} from '../fault/faults';
import {BtfInput} from './btf_input';
import {KernBtf} from './kern_btf';
import {MATCH_SIZE, MATCHES_MAX, NAME_ROOM, NameSearch} from './name_search';
import {CHECKPOINT_SHIFT, TypePlaces} from './type_places';
import {WantedNames} from './wanted_names';
import {WindowSums} from './window_sums';

/** A multiple of the blocks of WindowSums. */
const WINDOW_SIZE: u32 = 64 << 10;
/** Zeros behind it, for whoever reads words. */
const PADDING: u32 = 16;
/** Pages with so few bytes between them come in one window. */
const GAP_MAX: u32 = 4096;
/** Of planning and fetching what was missed. Real objects need up to ten. */
const ROUNDS_MAX: u32 = 64;

/** What comes next. */
export enum WindowStep {
  /** The host fills the window. */
  Fill,
  /** `searchFor` is called with the names that the object asks for. */
  Search,
  /** A plan is tried with `kernBtf`, then `tried` is called. */
  Try,
  /** It cannot be done in windows: the BTF is wanted in one piece. */
  Whole,
}

enum Phase {
  Start,
  Header,
  Names,
  Strings,
  File,
  Pages,
  Ready,
  Failed,
}

/**
 * The kernel's BTF when the host hands it over in windows, so that it need not be in memory. First all strings come by, to find
 * the names that are wanted, then all of the file, to find their types and for its digest, then the few parts that a plan
 * looks at. Whatever is unusual ends in `Whole`, and faults come of the whole BTF alone: so they are the same.
 */
@final
export class BtfWindows {
  /** The window that the host fills: its place in memory, its place in the file, and bytes. */
  readonly at: usize = heap.alloc(WINDOW_SIZE + PADDING);
  offset: u32 = 0;
  length: u32 = 0;
  private phase: Phase = Phase.Start;
  private readonly sums: WindowSums;
  private readonly hash: Xxh64 = new Xxh64();
  /** Bytes of the file that are hashed. */
  private hashed: u32 = 0;
  private digest: u64 = 0;
  private matches: usize = 0;
  private matchCount: u32 = 0;
  private typeCount: u32 = 0;
  private header: BtfHeader | null = null;
  private readonly places: TypePlaces = new TypePlaces();
  private search: NameSearch | null = null;
  /** Where in the file the search goes on. */
  private next: u32 = 0;
  private pages: BtfPages | null = null;
  /** Of the queue of pages: the first of the window, and the first of the next one. */
  private firstPage: u32 = 0;
  private endPage: u32 = 0;
  private rounds: u32 = 0;
  /** Before all that the search makes. */
  private searchMark: usize = 0;
  /** Behind all that stays between calls. */
  private mark: usize = 0;

  constructor(readonly size: u32) {
    this.sums = new WindowSums(size);
  }

  /** Whether the host was asked for anything yet. */
  get started(): bool {
    return this.phase != Phase.Start;
  }

  /** Goes on with what the host has filled in. */
  take(): WindowStep {
    switch (this.phase) {
      case Phase.Start:
        this.phase = Phase.Header;
        return this.ask(0, min(this.size, WINDOW_SIZE));
      case Phase.Names:
        return WindowStep.Search;
      case Phase.Ready:
        return WindowStep.Try;
      case Phase.Failed:
        return WindowStep.Whole;
    }
    memory.fill(this.at + this.length, 0, PADDING);
    if (!this.sums.fit(this.at, this.offset, this.length)) return this.fail();
    heapKeepRoom();
    switch (this.phase) {
      case Phase.Header:
        return this.takeHeader();
      case Phase.Strings:
        return this.takeStrings();
      case Phase.File:
        return this.takeFile();
      default:
        return this.takePages();
    }
  }

  searchFor(wanted: WantedNames): WindowStep {
    heapKeepRoom();
    const search = new NameSearch(wanted, this.places.at, this.matches);
    if (search.failed) return this.fail();
    this.search = search;
    this.phase = Phase.Strings;
    this.next = this.header!.stringsOffset;
    return this.askFrom(this.next, this.stringsEnd);
  }

  /** Forgets the plan that was tried before. */
  release(): void {
    heapRelease(this.mark);
  }

  /** The kernel as far as it is known, for `count` wanted names. */
  kernBtf(count: i32): KernBtf {
    const found = new StaticArray<u32[] | null>(count);
    for (let i: u32 = 0; i < this.matchCount; i++) {
      const number = this.matchAt(i);
      // An object that the host has changed meanwhile asks for others.
      if (number >= <u32>count) continue;
      const ids = found[number];
      if (ids === null) found[number] = [this.matchAt(i, 4)];
      else ids.push(this.matchAt(i, 4));
    }
    const input = new BtfInput(EMPTY_NAME, 0, this.size, this.places);
    input.xxh64 = this.digest;
    const header = this.header!;
    const btf = new Btf(
      null,
      0,
      header.typesSize,
      0,
      header.stringsSize,
      this.places.at,
      CHECKPOINT_SHIFT,
      1,
      this.typeCount + 1,
      0,
      this.pages,
    );
    return new KernBtf(input, btf, found);
  }

  /** After a plan that was tried: Try if it stands, or there are only faults. */
  tried(done: bool): WindowStep {
    const pages = this.pages!;
    if (pages.needsWhole || (!pages.missed && !done)) return this.fail();
    if (!pages.missed) return WindowStep.Try;
    if (this.rounds++ == ROUNDS_MAX) return this.fail();
    pages.sort();
    this.release();
    return this.fetch();
  }

  private get stringsEnd(): u32 {
    const header = this.header!;
    return header.stringsOffset + header.stringsSize;
  }

  private fail(): WindowStep {
    this.phase = Phase.Failed;
    return WindowStep.Whole;
  }

  private ask(offset: u32, length: u32): WindowStep {
    this.offset = offset;
    this.length = length;
    return WindowStep.Fill;
  }

  /** The next window with that place in it; the blocks that it is of are whole ones. */
  private askFrom(place: u32, end: u32): WindowStep {
    const offset = this.sums.blockStart(place);
    return this.ask(offset, min(this.sums.blockEnd(end) - offset, WINDOW_SIZE));
  }

  private takeHeader(): WindowStep {
    const header = BtfHeader.parseHead(this.at, this.size, Input.Kernel, 0, new Faults());
    if (header === null || header.stringsSize == 0) return this.fail();
    this.header = header;
    this.searchMark = heapMark();
    this.places.expectMost(header.typesSize);
    this.matches = heap.alloc(MATCHES_MAX * MATCH_SIZE);
    this.mark = heapMark();
    this.phase = Phase.Names;
    return WindowStep.Search;
  }

  private takeStrings(): WindowStep {
    const start = this.header!.stringsOffset;
    const end = this.stringsEnd;
    const from = this.at + (this.next - this.offset);
    const windowEnd = min(this.offset + this.length, end);
    // A string section begins and ends in NUL.
    if (this.next == start && load<u8>(from) != 0) return this.fail();
    if (windowEnd == end && load<u8>(this.at + (end - 1 - this.offset)) != 0) return this.fail();
    const stop = windowEnd == end ? end : windowEnd - NAME_ROOM - 8;
    const search = this.search!;
    search.lookAtStrings(from, this.at + (stop - this.offset), this.next - start);
    if (search.failed) return this.fail();
    this.next = stop;
    if (stop != end) return this.askFrom(stop, end);
    this.phase = Phase.File;
    this.next = this.header!.typesOffset;
    return this.askFrom(0, this.size);
  }

  private takeFile(): WindowStep {
    const end = this.offset + this.length;
    const fresh = this.at + (this.hashed - this.offset);
    const whole = (end - this.hashed) & ~31;
    this.hash.add(fresh, whole);
    if (end == this.size) this.digest = this.hash.finish(fresh + whole, (end - this.hashed) & 31);
    this.hashed = end;
    const header = this.header!;
    const typesEnd = header.typesOffset + header.typesSize;
    if (this.next < typesEnd && this.next < end) {
      const stop = this.at + (min(end, typesEnd) - this.offset);
      const from = this.at + (this.next - this.offset);
      const search = this.search!;
      const after = search.walk(from, stop, this.next - header.typesOffset);
      this.next += <u32>(after - from);
      // The record at the end of the section, or one that no window holds.
      if (search.failed || (this.next < typesEnd && (end >= typesEnd || after == from))) {
        return this.fail();
      }
    }
    if (end == this.size) return this.endSearch();
    return this.askFrom(this.next < typesEnd && this.next < end ? this.next : end, this.size);
  }

  /** Types that were found are looked at in any case. */
  private endSearch(): WindowStep {
    const search = this.search!;
    this.typeCount = search.typeCount;
    this.matchCount = search.matchCount;
    this.search = null;
    heapRelease(this.searchMark);
    this.places.settle(this.typeCount);
    this.keepMatches();
    const header = this.header!;
    const pages = new BtfPages(
      this.typeCount,
      header.typesSize,
      header.stringsSize,
      this.places.at,
    );
    this.pages = pages;
    for (let i: u32 = 0; i < this.matchCount; i++) pages.want(this.matchAt(i, 4) - 1);
    pages.sort();
    return this.fetch();
  }

  /** Those that were found take no more room than they need. */
  private keepMatches(): void {
    const from = this.matches;
    this.matches = heap.alloc(this.matchCount * MATCH_SIZE);
    memory.copy(this.matches, from, this.matchCount * MATCH_SIZE);
  }

  /** Asks for all pages of the queue. */
  private fetch(): WindowStep {
    this.phase = Phase.Pages;
    this.endPage = 0;
    return this.askPages();
  }

  private askPages(): WindowStep {
    const pages = this.pages!;
    const first = this.endPage;
    if (first == pages.queueLength) {
      pages.fetched();
      this.mark = heapMark();
      this.phase = Phase.Ready;
      return WindowStep.Try;
    }
    const offset = this.sums.blockStart(this.startOf(first));
    const limit = offset + WINDOW_SIZE;
    let end = this.endOf(first);
    if (this.sums.blockEnd(end) > limit) return this.fail();
    let after = first + 1;
    for (; after < pages.queueLength; after++) {
      const nextEnd = max(end, this.endOf(after));
      if (this.startOf(after) > end + GAP_MAX || this.sums.blockEnd(nextEnd) > limit) break;
      end = nextEnd;
    }
    this.firstPage = first;
    this.endPage = after;
    return this.ask(offset, this.sums.blockEnd(end) - offset);
  }

  private takePages(): WindowStep {
    const pages = this.pages!;
    for (let i = this.firstPage; i < this.endPage; i++) {
      pages.put(pages.queued(i), this.at + (this.startOf(i) - this.offset));
    }
    return pages.needsWhole ? this.fail() : this.askPages();
  }

  /** Where in the file a page of the queue begins, and where it ends. */
  private startOf(position: u32): u32 {
    const page = this.pages!.queued(position);
    return this.pages!.start(page) + this.sectionOf(page);
  }

  private endOf(position: u32): u32 {
    const page = this.pages!.queued(position);
    return this.pages!.end(page) + this.sectionOf(page);
  }

  private sectionOf(page: u32): u32 {
    const header = this.header!;
    return this.pages!.isString(page) ? header.stringsOffset : header.typesOffset;
  }

  private matchAt(index: u32, field: usize = 0): u32 {
    return load<u32>(this.matches + index * MATCH_SIZE + field);
  }
}
