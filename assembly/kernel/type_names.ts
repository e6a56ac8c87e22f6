import {Btf} from '../btf/btf';
import {heapReserve} from '../bytes/heap';
import {NAME_LENGTH_MAX} from '../limits';
import {WantedName} from './wanted_names';

/** Bytes of names that are hashed at most; real kernels have 2 MB. */
const WORK_MAX: u32 = 64 << 20;

/**
 * All types of a kernel by name. To make it takes as long as a handful of walks, so it is for a kernel that many plans are
 * made for.
 */
@final
export class TypeNames {
  private readonly mask: u32;
  /** u32 a bucket: the highest id in it, or 0. */
  private readonly heads: usize;
  /** u32 a type: the next lower id of its bucket, or 0. */
  private readonly next: usize;

  private constructor(readonly btf: Btf) {
    let buckets: u32 = 16;
    while (buckets < btf.endId) buckets <<= 1;
    this.mask = buckets - 1;
    heapReserve((<usize>buckets + btf.endId) << 2);
    this.heads = heap.alloc((<usize>buckets) << 2);
    memory.fill(this.heads, 0, (<usize>buckets) << 2);
    this.next = heap.alloc((<usize>btf.endId) << 2);
  }

  /** Null when the names are so long, or shared by so many types, that somebody made them to be. */
  static of(btf: Btf): TypeNames | null {
    const names = new TypeNames(btf);
    return names.fill() ? names : null;
  }

  /** The types that a name means, lowest id first; null without one. */
  find(wanted: WantedName): u32[] | null {
    let found: u32[] | null = null;
    let id = load<u32>(this.heads + ((hash(wanted.name, wanted.length) & this.mask) << 2));
    for (; id != 0; id = load<u32>(this.next + ((<usize>id) << 2))) {
      const record = this.btf.record(id);
      if (!wanted.isOfKind(load<u32>(record, 4)) || !wanted.is(this.btf.nameOf(record))) continue;
      if (found === null) found = [id];
      else found.push(id);
    }
    return found === null ? null : found.reverse();
  }

  private fill(): bool {
    const btf = this.btf;
    let work: u32 = 0;
    for (let id: u32 = 1; id < btf.endId; id++) {
      const name = btf.nameOf(btf.record(id));
      if (load<u8>(name) == 0) continue;
      const code = hash(name, NAME_LENGTH_MAX);
      work += hashed;
      if (work > WORK_MAX) return false;
      const head = this.heads + ((code & this.mask) << 2);
      store<u32>(this.next + ((<usize>id) << 2), load<u32>(head));
      store<u32>(head, id);
    }
    return true;
  }
}

const UNDERSCORE: u8 = 0x5f;

/** Bytes that the last call of hash() looked at. */
let hashed: u32 = 0;

/** FNV-1a of a name of at most `length` bytes, up to its first `___`: all flavours of it have one hash. */
function hash(name: usize, length: u32): u32 {
  let sum: u32 = 0x811c9dc5;
  /** Underscores before this byte, and the hash before them. */
  let run: u32 = 0;
  let before: u32 = 0;
  let i: u32 = 0;
  for (; i < length; i++) {
    const byte = load<u8>(name + i);
    if (byte == 0) break;
    if (byte != UNDERSCORE) {
      if (run == 3 && i > 3) {
        sum = before;
        break;
      }
      run = 0;
    } else if (run++ == 0) {
      before = sum;
    }
    sum = (sum ^ byte) * 0x01000193;
  }
  hashed = i + 1;
  return sum ^ (sum >> 15);
}
