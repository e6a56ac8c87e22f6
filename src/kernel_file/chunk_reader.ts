/** Bytes that come in pieces. */
export type Chunks = AsyncIterable<Uint8Array>;

/** The most that an unpacked kernel may have: as docs/embedding.md, "input kind" 9. */
export const KERNEL_BYTES_MAX = 1000 * 2 ** 20;

/** Reads a stream of chunks by counts of bytes, and looks ahead without taking anything. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #have: Uint8Array = new Uint8Array();

  constructor(chunks: Chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `size` bytes, or as many as there are; they stay. */
  async peek(size: number): Promise<Uint8Array> {
    const more: Uint8Array[] = [this.#have];
    let length = this.#have.length;
    while (length < size) {
      const {value, done} = await this.#chunks.next();
      if (done) break;
      more.push(value);
      length += value.length;
    }
    if (more.length > 1) this.#have = Buffer.concat(more);
    return this.#have.subarray(0, size);
  }

  /** The next `size` bytes, or as many as there are. */
  async read(size: number): Promise<Uint8Array> {
    const bytes = await this.peek(size);
    this.#have = this.#have.subarray(bytes.length);
    return bytes;
  }

  async skip(size: number): Promise<void> {
    for await (const _ of this.take(size)) {
      // Only passed over.
    }
  }

  /** The next `size` bytes in pieces, by default all that is left. */
  async *take(size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array, void> {
    for (let left = size; left > 0; ) {
      if (this.#have.length === 0) {
        const {value, done} = await this.#chunks.next();
        if (done) return;
        this.#have = value;
      }
      const piece = this.#have.subarray(0, left);
      this.#have = this.#have.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Lets the source go, whether it was read to its end or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/**
 * All bytes in one piece.
 *
 * @throws {RangeError} There are more than `bytesMax`.
 */
export async function collect(chunks: Chunks, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of chunks) {
    size += piece.length;
    if (size > bytesMax) throw new RangeError(`more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, size);
}
