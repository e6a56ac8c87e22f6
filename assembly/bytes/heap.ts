/**
 * Gives memory back in one step: everything that was allocated since a mark. The stub runtime only ever frees the last
 * block of its heap, so the marked block, which was empty, is made to reach to the end, and is the last one then.
 */

/** Size of a block, in front of its bytes. */
const BLOCK_OVERHEAD: usize = 4;

/** A mark at the end of what is allocated now. */
export function heapMark(): usize {
  return heap.alloc(0);
}

/** Whatever was allocated after the mark is gone; the mark stays. Memory that is allocated again holds what it held. */
export function heapRelease(mark: usize): void {
  const last = heap.alloc(0);
  const end = last + load<usize>(last - BLOCK_OVERHEAD);
  store<usize>(mark - BLOCK_OVERHEAD, end - mark);
  heap.free(mark);
  const again = heapMark();
  assert(again == mark, 'the heap is not that of the stub runtime');
}

/** Takes memory for so many bytes at once: the runtime would double it. Where there is no more, the allocation finds that out. */
export function heapReserve(size: usize): void {
  const mark = heapMark();
  // So that what was allocated last still is.
  heap.free(mark);
  const pages = <i32>((mark + size) >> 16) + 1 - memory.size();
  if (pages > 0) memory.grow(pages);
}

/** What small things take until the next call of heapKeepRoom(), mostly. */
const ROOM: usize = 48 << 10;

/**
 * Keeps some memory ahead of what is small, and of `more` bytes. It is called where many things are made: else the runtime
 * doubles all memory.
 */
export function heapKeepRoom(more: usize = 0): void {
  heapReserve(ROOM + more);
}

/** Allocates what is as large as an input says. */
export function heapTake(size: usize): usize {
  heapKeepRoom(size);
  return heap.alloc(size);
}
