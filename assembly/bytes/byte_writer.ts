import {heapReserve} from './heap';

/** What grows to this gets memory of its own size. */
const LARGE: u32 = 4096;

/** Bytes that grow at their end. Everything written is little-endian. */
@final
export class ByteWriter {
  private at: usize;
  private capacity: u32;
  private length: u32 = 0;

  constructor(capacity: u32 = 256) {
    this.capacity = max(capacity, 16);
    this.at = heap.alloc(this.capacity);
  }

  get size(): u32 {
    return this.length;
  }

  get pointer(): usize {
    return this.at;
  }

  /** Forgets what was written and keeps the room. */
  clear(): void {
    this.length = 0;
  }

  /** The same bytes again, and no room for more. */
  copy(): ByteWriter {
    if (this.length >= LARGE) heapReserve(this.length);
    const copy = new ByteWriter(this.length);
    copy.bytes(this.at, this.length);
    return copy;
  }

  /** Takes the room for so many more bytes now, and no more than that. */
  expect(size: u32): void {
    this.reserve(size);
    this.length -= size;
  }

  private reserve(size: u32): usize {
    if (size > this.capacity - this.length) {
      const wanted = <u64>this.length + <u64>size;
      assert(wanted <= 0x7000_0000, 'output beyond the memory limit');
      const grown = <u32>max(wanted, min(<u64>this.capacity * 2, 0x7000_0000));
      if (grown >= LARGE) heapReserve(grown);
      // Nothing moves if it is what was allocated last.
      this.at = heap.realloc(this.at, grown);
      this.capacity = grown;
    }
    const here = this.at + this.length;
    this.length += size;
    return here;
  }

  u8(value: u32): void {
    store<u8>(this.reserve(1), <u8>value);
  }

  u16(value: u32): void {
    store<u16>(this.reserve(2), <u16>value);
  }

  u32(value: u32): void {
    store<u32>(this.reserve(4), value);
  }

  u64(value: u64): void {
    store<u64>(this.reserve(8), value);
  }

  bytes(from: usize, size: u32): void {
    memory.copy(this.reserve(size), from, size);
  }

  zeros(size: u32): void {
    memory.fill(this.reserve(size), 0, size);
  }

  /** Zero bytes up to the next multiple of `alignment`, a power of two. */
  align(alignment: u32): void {
    this.zeros((alignment - (this.length & (alignment - 1))) & (alignment - 1));
  }

  /** Overwrites four bytes written before. */
  setU32(offset: u32, value: u32): void {
    assert(offset <= this.length && this.length - offset >= 4);
    store<u32>(this.at + offset, value);
  }

  /** ASCII text, no terminator. */
  ascii(text: string): void {
    const length = text.length;
    const to = this.reserve(length);
    for (let i = 0; i < length; i++) store<u8>(to + i, <u8>text.charCodeAt(i));
  }
}
