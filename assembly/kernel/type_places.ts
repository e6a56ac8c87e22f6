import {heapKeepRoom, heapReserve} from '../bytes/heap';
import {BTF_TYPE_SIZE} from '../uapi/btf';

/** Of the kernel's 100,000 types one in 16 has its place remembered. */
export const CHECKPOINT_SHIFT: u32 = 4;

/** Bytes of a record, mostly: those of kernels have 25.4 on average. */
const USUAL_RECORD_SIZE: u32 = 24;

/** Where records of a kernel's BTF lie: of one in 1 << CHECKPOINT_SHIFT the u32 offset in the type section. */
@final
export class TypePlaces {
  at: usize = 0;
  /** How many there is room for. */
  room: u32 = 0;

  /** Makes room for what a type section of that size has mostly, unless there is some. */
  expect(typesSize: u32): void {
    if (this.at == 0) this.move(placesOf(typesSize / USUAL_RECORD_SIZE));
  }

  /** Makes room for whatever such a section can have, and keeps what there is. */
  expectMost(typesSize: u32): void {
    this.move(placesOf(typesSize / BTF_TYPE_SIZE));
  }

  /**
   * When the heap was taken back to where it was before there were places: they go there, for so many types. Without any
   * they are forgotten.
   */
  settle(typeCount: u32): void {
    if (typeCount != 0) {
      this.put(placesOf(typeCount));
    } else {
      this.at = 0;
      this.room = 0;
    }
  }

  private put(room: u32): void {
    const at = heap.alloc((<usize>room) << 2);
    memory.copy(at, this.at, (<usize>min(this.room, room)) << 2);
    this.at = at;
    this.room = room;
  }

  private move(room: u32): void {
    heapReserve((<usize>room) << 2);
    this.put(room);
    heapKeepRoom();
  }
}

function placesOf(typeCount: u32): u32 {
  return (typeCount >> CHECKPOINT_SHIFT) + 1;
}
