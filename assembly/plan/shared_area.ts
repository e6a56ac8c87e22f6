import {ByteWriter} from '../bytes/byte_writer';
import {nameLength} from '../bytes/c_string';
import {NAME_SIZE_MAX} from '../limits';
import {BlobRange} from './plan_step';

/** The part of the blob that no patch writes to: names, keys, the licence. */
@final
export class SharedArea {
  readonly bytes: ByteWriter = new ByteWriter(1024);

  add(from: usize, size: u32): BlobRange {
    const offset = this.bytes.size;
    this.bytes.bytes(from, size);
    return new BlobRange(from, size, true, offset);
  }

  /** A NUL-terminated name without its NUL, cut where a plan's names end. */
  name(name: usize): BlobRange {
    return this.add(name, min(nameLength(name), NAME_SIZE_MAX));
  }

  text(text: string): BlobRange {
    const utf8 = String.UTF8.encode(text);
    return this.add(changetype<usize>(utf8), utf8.byteLength);
  }
}
