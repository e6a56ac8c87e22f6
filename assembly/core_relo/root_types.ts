import {Btf} from '../btf/btf';
import {isAnyEnum, kindOf} from '../btf/btf_record';
import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameLength, prefixesEqual} from '../bytes/c_string';
import {Target} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {BTF_KIND_ENUM, BTF_KIND_ENUM64} from '../uapi/btf';
import {essentialNameIs} from './name_match';

const ENUMS: u32 = (1 << BTF_KIND_ENUM) | (1 << BTF_KIND_ENUM64);
const BUCKETS: u32 = 1024;

/** A type of a kernel that one of the object's may stand for. */
@final
export class Candidate {
  constructor(
    /** 0 vmlinux, else the number of a module. */
    readonly module: u32,
    readonly id: u32,
  ) {}
}

/** A type of the object that relocations start from. */
@final
export class RootType {
  /** Null until the first relocation needs them. Relocations that match some leave only those for later ones. */
  candidates: Candidate[] | null = null;
  /** All that there are; of a type that is like another one that has them. */
  private found: Candidate[] | null = null;

  constructor(
    readonly name: usize,
    /** Bytes of the name without its flavour. */
    readonly length: u32,
    readonly kinds: u32,
    /** Under which its name was asked for. */
    readonly wanted: u32,
    /** The first of the same name and kind; null: it is this one. */
    private readonly like: RootType | null,
    /** Next of the same bucket: of another name or kind. */
    readonly next: RootType | null,
  ) {}

  /**
   * All types of that kind and name, flavours aside, in vmlinux, or without one there in all modules
   * (`bpf_core_find_cands` of libbpf).
   */
  find(target: Target, budget: WorkBudget): Candidate[] {
    const like = this.like;
    const candidates = like === null ? this.all(target, budget) : like.all(target, budget);
    this.candidates = candidates;
    return candidates;
  }

  private all(target: Target, budget: WorkBudget): Candidate[] {
    const known = this.found;
    if (known !== null) return known;
    const found: Candidate[] = [];
    this.found = found;
    for (let module: u32 = 0; module < target.count; module++) {
      if (module == 1 && found.length > 0) break;
      const kern = target.btf(module);
      const ids = kern.ids(this.wanted);
      for (let i = 0; i < ids.length; i++) {
        if (!budget.spend(nameSteps(this.length))) return found;
        // `a___b` is asked for by `a___b___c`, and is called `a`.
        const name = kern.btf.nameOf(kern.btf.record(ids[i]));
        if (!essentialNameIs(name, this.name, this.length, budget)) continue;
        found.push(new Candidate(module, ids[i]));
      }
    }
    return found;
  }
}

/** The root types of an object; each name and kind is asked for once. */
@final
export class RootTypes {
  /** By id of the object's BTF. */
  private readonly byId: StaticArray<RootType | null>;
  private readonly buckets: StaticArray<RootType | null> = new StaticArray<RootType | null>(
    BUCKETS,
  );

  constructor(
    private readonly btf: Btf,
    private readonly budget: WorkBudget,
  ) {
    this.byId = new StaticArray<RootType | null>(btf.endId);
  }

  /** Null for types without a name, and those that were not asked for. */
  of(id: u32): RootType | null {
    return id < this.btf.endId ? this.byId[id] : null;
  }

  /** Asks for the name of a type once; false when there is no room or no budget. Types without a name are passed over. */
  want(id: u32, wanted: WantedNames): bool {
    if (id >= this.btf.endId || this.byId[id] !== null) return true;
    const record = this.btf.record(id);
    const name = this.btf.nameOf(record);
    if (load<u8>(name) == 0) return true;
    if (!this.budget.spend(nameSteps(nameLength(name)))) return false;
    const length = essentialLength(name);
    const kinds = isAnyEnum(record) ? ENUMS : (<u32>1) << kindOf(record);
    const bucket = hash(name, length) % BUCKETS;
    let same = this.buckets[bucket];
    while (
      same !== null &&
      !(same.length == length && same.kinds == kinds && prefixesEqual(same.name, name, length))
    ) {
      if (!this.budget.spend(nameSteps(length))) return false;
      same = same.next;
    }
    if (same === null && wanted.full) return false;
    const number = same === null ? wanted.add(name, length, kinds, true) : same.wanted;
    const root = new RootType(name, length, kinds, number, same, this.buckets[bucket]);
    if (same === null) this.buckets[bucket] = root;
    this.byId[id] = root;
    return true;
  }
}

/** FNV-1a */
function hash(name: usize, length: u32): u32 {
  let sum: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < length; i++) sum = (sum ^ load<u8>(name + i)) * 0x01000193;
  return sum ^ (sum >> 15);
}
