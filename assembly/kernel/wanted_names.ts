import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameLengthWithin, prefixesEqual} from '../bytes/c_string';
import {rotateLeft32} from '../bytes/rotate';
import {NAME_LENGTH_MAX, NAME_STEPS_MAX, WANTED_NAMES_MAX} from '../limits';
import {flavourlessHash, hashedBytes} from './name_hash';

const BUCKET_BITS: u32 = 12;
/** Fits into the nearest cache, with a quarter of it for the second filter behind it. */
const FILTER_BITS: u32 = 14;
const SECOND_FILTER: u32 = 1 << FILTER_BITS;
const SECOND_FILTER_BITS: u32 = 12;
/** In the filter: what starts so is passed on if the second filter has its first 8 bytes, or its first 12, or in any case. */
const IF_EIGHT: u8 = 1;
const IF_TWELVE: u8 = 2;
const ALWAYS: u8 = 4;

const UNDERSCORE: u8 = 0x5f;

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

  /** By the `info` of a record. */
  isOfKind(info: u32): bool {
    const kind = (info >> 24) & 0x7f;
    return kind < 32 && ((this.kinds >> kind) & 1) != 0;
  }

  /**
   * Whether a type of that name is meant, whatever its kind. Three bytes behind its end must be readable. Differs from
   * libbpf: no flavour makes a name longer than names may be.
   */
  is(name: usize, budget: WorkBudget): bool {
    const length = this.length;
    if (!budget.spend(nameSteps(length))) return false;
    let i: u32 = 0;
    for (; i + 4 <= length; i += 4)
      if (load<u32>(this.name + i) != load<u32>(name + i)) return false;
    if (!prefixesEqual(this.name + i, name + i, length - i)) return false;
    if (load<u8>(name + length) == 0) return true;
    if (!this.flavours || load<u8>(name + length) != UNDERSCORE) return false;
    const flavour = nameLengthWithin(name + length, NAME_LENGTH_MAX);
    if (flavour == NAME_LENGTH_MAX || !budget.spend(nameSteps(flavour))) return false;
    return essentialLength(name) == length;
  }

  /** Whether it asks for the same as another one would. */
  asks(name: usize, length: u32, kinds: u32, flavours: bool): bool {
    return (
      this.kinds == kinds &&
      this.flavours == flavours &&
      this.length == length &&
      prefixesEqual(this.name, name, length)
    );
  }
}

/**
 * All names that an object can ask for, collected before the kernel's BTF is walked once. Of each type the first four bytes
 * of its name are looked up in a filter, which lets nearly none pass; only then are names and kinds compared.
 */
@final
export class WantedNames {
  readonly list: WantedName[] = [];
  /** All kinds that some name wants. */
  kinds: u32 = 0;
  /** u8 a hash of four bytes: whether a wanted name may start with them, see firstLook(). The second one is for more of them. */
  readonly filter: usize;
  /** u16 a bucket: number of its first name plus one. */
  private readonly buckets: usize;
  /** By name: its hash, and the number plus one of the next name of its bucket. */
  private readonly hashes: u32[] = [];
  private readonly next: u16[] = [];
  /** Of the name that is looked up. */
  private code: u32 = 0;
  /** For names that are compared with these: while they are collected, and later those of one kernel. */
  budget: WorkBudget = new WorkBudget(NAME_STEPS_MAX);
  /** And those of all modules. */
  readonly moduleBudget: WorkBudget = new WorkBudget(NAME_STEPS_MAX);
  /** Whether they were made to collide. */
  crowded: bool = false;

  constructor() {
    this.filter = zeros(SECOND_FILTER + (1 << SECOND_FILTER_BITS));
    this.buckets = zeros(2 << BUCKET_BITS);
  }

  get full(): bool {
    return this.list.length >= WANTED_NAMES_MAX;
  }

  /** The number under which matches are kept: one for all who ask for the same. The arguments are those of WantedName. */
  add(name: usize, length: u32, kinds: u32, flavours: bool): u32 {
    this.code = flavourlessHash(name, length);
    const bucket = this.bucket;
    for (let entry = this.follow(load<u16>(bucket)); entry != 0; entry = this.after(entry)) {
      this.budget.spend(nameSteps(length));
      if (this.list[entry - 1].asks(name, length, kinds, flavours)) return entry - 1;
    }
    if (this.budget.exhausted) this.crowded = true;
    assert(!this.full);
    const number = this.list.length;
    this.list.push(new WantedName(name, length, kinds, flavours));
    this.kinds |= kinds;
    this.hashes.push(this.code);
    this.next.push(load<u16>(bucket));
    store<u16>(bucket, <u16>this.list.length);
    let word: u32 = 0;
    for (let i: u32 = 0; i < min<u32>(length, 4); i++) {
      word |= (<u32>load<u8>(name + i)) << (8 * i);
    }
    if (length >= 8) this.letPassLong(name, length);
    else this.letPass(word, length);
    // The flavour of a short name starts within the first four bytes.
    if (flavours && length < 4) {
      const flavoured = word | (0x5f5f5f5f << (8 * length));
      this.letPass(flavoured, 4);
    }
    return number;
  }

  /** After a name of one or two bytes and its NUL anything can follow. */
  private letPass(word: u32, length: u32): void {
    const open: u32 = length >= 3 ? 0 : length == 2 ? 1 : 2;
    if (open == 2) {
      memory.fill(this.filter, ALWAYS, SECOND_FILTER);
      return;
    }
    for (let last: u32 = 0; last < 1 << (8 * open); last++) {
      store<u8>(this.filter + hash(word | (last << 24), FILTER_BITS), ALWAYS);
    }
  }

  /** Many names start alike: `bpf_`, `tcp_`, and `__x64_sys_`. */
  private letPassLong(name: usize, length: u32): void {
    const at = this.filter + hash(load<u32>(name), FILTER_BITS);
    store<u8>(at, load<u8>(at) | (length >= 12 ? IF_TWELVE : IF_EIGHT));
    const word = length >= 12 ? firstTwelve(name) : firstEight(name);
    store<u8>(this.filter + SECOND_FILTER + hash(word, SECOND_FILTER_BITS), 1);
  }

  /** Number plus one of the first name that may mean types called `name`, or 0: also when the budget is spent. */
  first(name: usize): u32 {
    this.code = flavourlessHash(name, NAME_LENGTH_MAX);
    this.budget.spend(nameSteps(hashedBytes()));
    return this.follow(load<u16>(this.bucket));
  }

  /** And of the next one. */
  after(entry: u32): u32 {
    return this.follow(this.next[entry - 1]);
  }

  private get bucket(): usize {
    return this.buckets + ((this.code & ((1 << BUCKET_BITS) - 1)) << 1);
  }

  private follow(entry: u32): u32 {
    while (entry != 0) {
      if (!this.budget.spend(1)) return 0;
      if (this.hashes[entry - 1] == this.code) return entry;
      entry = this.next[entry - 1];
    }
    return 0;
  }
}

/** What is known of a name by its first four bytes, for mayStart(); 0 if no wanted name starts with them, as of nearly all. */
export function firstLook(filter: usize, name: usize): u8 {
  return load<u8>(filter + hash(load<u32>(name), FILTER_BITS));
}

/** Whether a wanted name may start as `name` does, after a first look at it; twelve bytes there must be readable. */
export function mayStart(filter: usize, name: usize, answer: u8): bool {
  const second = filter + SECOND_FILTER;
  if ((answer & ALWAYS) != 0) return true;
  if ((answer & IF_EIGHT) != 0) {
    if (load<u8>(second + hash(firstEight(name), SECOND_FILTER_BITS)) != 0) return true;
  }
  if ((answer & IF_TWELVE) == 0) return false;
  return load<u8>(second + hash(firstTwelve(name), SECOND_FILTER_BITS)) != 0;
}

function firstEight(name: usize): u32 {
  return load<u32>(name) ^ rotateLeft32(load<u32>(name, 4), 15);
}

function firstTwelve(name: usize): u32 {
  return firstEight(name) ^ rotateLeft32(load<u32>(name, 8), 7);
}

function hash(word: u32, bits: u32): u32 {
  return (word * 0x9e3779b1) >> (32 - bits);
}

function zeros(size: u32): usize {
  const at = heap.alloc(size);
  memory.fill(at, 0, size);
  return at;
}
