import * as uapi from '../uapi/btf';
import {CHECKPOINT_SHIFT, TypePlaces} from './type_places';
import {firstLook, mayStart} from './wanted_names';

/** Bits of a record's `info` that no known kind has. */
const KINDS_FROM_32: u32 = 0x6000_0000;

/** Why a walk stopped. */
export enum WalkStop {
  End,
  /** The name of the record at `stoppedAt` may be wanted. */
  Name,
  /** There is no room for the place of the record at `stoppedAt`, which it has not passed. */
  Places,
  /** The record at `stoppedAt` is of an unknown kind, or reaches beyond the end. */
  BadRecord,
}

/**
 * The walk through all records of a kernel's BTF, the planner's longest loop: of each record it reads the kind, the size
 * and the first four bytes of the name, and stops where somebody has to look closer.
 */
@final
export class TypeWalk {
  /** How many records it has passed. */
  count: u32 = 0;
  stoppedAt: usize = 0;
  private readonly first: usize;

  constructor(
    private at: usize,
    private readonly end: usize,
    private readonly strings: usize,
    private readonly stringsSize: u32,
    /** Offset of the first string; names with lower ones are those of the base BTF, and stop the walk. */
    private readonly firstString: u32,
    /** Of WantedNames. */
    private readonly filter: usize,
    private readonly places: TypePlaces,
  ) {
    this.first = at;
  }

  /** Goes on behind the record that it stopped at. */
  run(): WalkStop {
    const end = this.end;
    const strings = this.strings;
    const stringsSize = this.stringsSize;
    const firstString = this.firstString;
    const filter = this.filter;
    const placesEnd = this.places.at + ((<usize>this.places.room) << 2);
    const first = this.first;
    let at = this.at;
    let count = this.count;
    const passed = (count + (1 << CHECKPOINT_SHIFT) - 1) >> CHECKPOINT_SHIFT;
    let place = this.places.at + ((<usize>passed) << 2);
    while (at < end) {
      const here = at;
      const info = load<u32>(here, 4);
      if ((info & KINDS_FROM_32) != 0) return this.stop(WalkStop.BadRecord, here, here, count);
      if (uapi.isBare(info)) {
        at += uapi.BTF_TYPE_SIZE;
      } else {
        const size = uapi.recordSize(info);
        // None for an unknown kind.
        if (<usize>size - 1 >= end - here) return this.stop(WalkStop.BadRecord, here, here, count);
        at += size;
      }
      if ((count & ((1 << CHECKPOINT_SHIFT) - 1)) == 0) {
        if (place == placesEnd) return this.stop(WalkStop.Places, here, here, count);
        store<u32>(place, <u32>(here - first));
        place += 4;
      }
      count++;
      // An offset below firstString wraps to a large one.
      const name = load<u32>(here) - firstString;
      if (name < stringsSize) {
        const answer = firstLook(filter, strings + name);
        if (answer != 0 && mayStart(filter, strings + name, answer)) {
          return this.stop(WalkStop.Name, here, at, count);
        }
      } else if (firstString != 0) {
        return this.stop(WalkStop.Name, here, at, count);
      }
    }
    if (at == end) return this.stop(WalkStop.End, at, at, count);
    // The last record was a bare one that does not fit.
    const last = at - uapi.BTF_TYPE_SIZE;
    return this.stop(WalkStop.BadRecord, last, last, count - 1);
  }

  private stop(why: WalkStop, stoppedAt: usize, at: usize, count: u32): WalkStop {
    this.stoppedAt = stoppedAt;
    this.at = at;
    this.count = count;
    return why;
  }
}
