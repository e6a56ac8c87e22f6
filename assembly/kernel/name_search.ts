import {WorkBudget} from '../btf/work_budget';
import {nameLengthWithin} from '../bytes/c_string';
import {NAME_STEPS_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {CHECKPOINT_SHIFT} from './type_places';
import {firstLook, mayStart, WantedNames} from './wanted_names';

/** Names that are compared lie in a window with so many bytes behind their start. */
export const NAME_ROOM: u32 = 512;
/** Wanted names at places of the string section; and types of those names. */
const PLACES_MAX: i32 = 4096;
export const MATCHES_MAX: u32 = 4096;
/** Bytes of a match: number of the wanted name, type. */
export const MATCH_SIZE: u32 = 8;
const FILTER_BITS: u32 = 14;

/**
 * The wanted names in a BTF of which windows come by: first all of its strings, then all of its types. It finds what a walk
 * through the whole BTF finds, also names that are the end of another one; `failed` when it cannot say.
 */
@final
export class NameSearch {
  failed: bool = false;
  typeCount: u32 = 0;
  matchCount: u32 = 0;
  /** Offsets in the string section, and the number of the wanted name that is there. */
  private readonly places: u32[] = [];
  private readonly numbers: u32[] = [];
  /** By hash of an offset: number of its first place plus one, or of another one. */
  private readonly heads: StaticArray<u16> = new StaticArray<u16>(1 << FILTER_BITS);
  private readonly next: u16[] = [];

  constructor(
    private readonly wanted: WantedNames,
    /** u32 for one record of 1 << CHECKPOINT_SHIFT: its offset from the first. */
    private readonly checkpoints: usize,
    /** Pairs of u32 for MATCHES_MAX: number of the wanted name, type. */
    private readonly matches: usize,
  ) {
    wanted.budget = new WorkBudget(NAME_STEPS_MAX);
    for (let i = 0; i < wanted.list.length; i++) {
      if (wanted.list[i].length >= NAME_ROOM) this.failed = true;
    }
  }

  /** Looks at every byte from `at` on: a name may be the end of another. `offset` is that of the first. */
  lookAtStrings(at: usize, end: usize, offset: u32): void {
    const filter = this.wanted.filter;
    const first = at;
    for (; at < end; at++) {
      const answer = firstLook(filter, at);
      if (answer != 0 && mayStart(filter, at, answer)) this.look(at, offset + <u32>(at - first));
    }
  }

  private look(name: usize, offset: u32): void {
    const wanted = this.wanted;
    if (nameLengthWithin(name, NAME_ROOM) == NAME_ROOM) {
      this.failed = true;
      return;
    }
    for (let entry = wanted.first(name); entry != 0; entry = wanted.after(entry)) {
      if (wanted.list[entry - 1].is(name, wanted.budget)) this.add(offset, entry - 1);
    }
    if (wanted.budget.exhausted) this.failed = true;
  }

  private add(offset: u32, number: u32): void {
    if (this.places.length >= PLACES_MAX) {
      this.failed = true;
      return;
    }
    const bucket = hash(offset);
    this.places.push(offset);
    this.numbers.push(number);
    this.next.push(this.heads[bucket]);
    this.heads[bucket] = <u16>this.places.length;
  }

  /**
   * Goes through the records that lie in a window as a whole; returns where the first one begins that does not. `offset` is
   * that of the first one in the type section.
   */
  walk(at: usize, end: usize, offset: u32): usize {
    const first = at;
    while (end - at >= uapi.BTF_TYPE_SIZE) {
      const info = load<u32>(at, 4);
      const size = uapi.recordSize(info);
      if (size == 0) {
        this.failed = true;
        return at;
      }
      if (<usize>size > end - at) return at;
      const count = this.typeCount++;
      if ((count & ((1 << CHECKPOINT_SHIFT) - 1)) == 0) {
        store<u32>(
          this.checkpoints + ((count >> CHECKPOINT_SHIFT) << 2),
          offset + <u32>(at - first),
        );
      }
      const name = load<u32>(at);
      if (this.heads[hash(name)] != 0) this.match(name, info, count + 1);
      at += size;
    }
    return at;
  }

  private match(name: u32, info: u32, id: u32): void {
    for (let place = this.heads[hash(name)]; place != 0; place = this.next[place - 1]) {
      const number = this.numbers[place - 1];
      if (this.places[place - 1] != name || !this.wanted.list[number].isOfKind(info)) continue;
      if (this.matchCount >= MATCHES_MAX) {
        this.failed = true;
        return;
      }
      const pair = this.matches + this.matchCount * MATCH_SIZE;
      this.matchCount++;
      store<u32>(pair, number);
      store<u32>(pair, id, 4);
    }
  }
}

function hash(offset: u32): u32 {
  return (offset * 0x9e3779b1) >> (32 - FILTER_BITS);
}
