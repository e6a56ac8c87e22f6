import {essentialLength, prefixesEqual} from '../bytes/c_string';

/** Links and names have numbers of 16 bits; a short name takes two links. */
export const WANTED_NAMES_MAX: i32 = 32000;
const BUCKET_BITS: u32 = 12;

/** A name that the object asks the kernel's BTF for. */
@final
export class WantedName {
  constructor(
    readonly name: usize,
    readonly length: u32,
    /** Bit k set: types of BTF kind k are wanted. */
    readonly kinds: u32,
    /** Whether `name___flavour` is meant as well. */
    readonly flavours: bool,
  ) {}

  /** Whether a type of that name is meant; its kind is checked by the caller. */
  is(name: usize): bool {
    const length = this.length;
    if (!prefixesEqual(this.name, name, length)) return false;
    if (load<u8>(name + length) == 0) return true;
    return this.flavours && essentialLength(name) == length;
  }
}

/**
 * All names that an object can ask for, collected before the kernel's BTF is walked once. A type's name is looked at only
 * when its kind is wanted, and compared only when its first four bytes hash to a bucket that is not empty.
 */
@final
export class WantedNames {
  readonly list: WantedName[] = [];
  /** All kinds that some name wants. */
  kinds: u32 = 0;
  /** u16 a bucket: number of its first link plus one. */
  private readonly buckets: usize;
  /** A link of a bucket's chain: number of its name, and number plus one of the next link in the upper half. */
  private readonly links: u32[] = [];

  constructor() {
    const bytes = 2 << BUCKET_BITS;
    this.buckets = heap.alloc(bytes);
    memory.fill(this.buckets, 0, bytes);
  }

  get full(): bool {
    return this.list.length >= WANTED_NAMES_MAX;
  }

  /** The number under which matches are kept. The arguments are those of WantedName. */
  add(name: usize, length: u32, kinds: u32, flavours: bool): u32 {
    assert(!this.full);
    const number = this.list.length;
    this.list.push(new WantedName(name, length, kinds, flavours));
    this.kinds |= kinds;
    let word: u32 = 0;
    for (let i: u32 = 0; i < min<u32>(length, 4); i++) {
      word |= (<u32>load<u8>(name + i)) << (8 * i);
    }
    this.link(number, word);
    // The flavour of a short name starts within the first four bytes.
    if (flavours && length < 4) this.link(number, word | (0x5f5f5f5f << (8 * length)));
    return number;
  }

  private link(number: u32, word: u32): void {
    const bucket = this.buckets + (bucketOf(word) << 1);
    this.links.push(number | ((<u32>load<u16>(bucket)) << 16));
    store<u16>(bucket, <u16>this.links.length);
  }

  /** The first link for names that start with these four bytes (zeros from the end of the name on), or 0. */
  first(word: u32): u32 {
    return load<u16>(this.buckets + (bucketOf(word) << 1));
  }

  nameOfLink(link: u32): u32 {
    return this.links[link - 1] & 0xffff;
  }

  nextLink(link: u32): u32 {
    return this.links[link - 1] >> 16;
  }
}

function bucketOf(word: u32): u32 {
  return (word * 0x9e3779b1) >> (32 - BUCKET_BITS);
}
