import {Btf} from '../btf/btf';
import {WorkBudget} from '../btf/work_budget';
import {heapReserve} from '../bytes/heap';
import {HASHED_SIZE_MAX, NAME_LENGTH_MAX} from '../limits';
import {flavourlessHash, hashedBytes} from './name_hash';
import {WantedName} from './wanted_names';

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

  /** The types that a name means, lowest id first; null without one, or when the budget is spent. */
  find(wanted: WantedName, budget: WorkBudget): u32[] | null {
    let found: u32[] | null = null;
    const code = flavourlessHash(wanted.name, wanted.length);
    let id = load<u32>(this.heads + ((code & this.mask) << 2));
    for (; id != 0 && budget.spend(1); id = load<u32>(this.next + ((<usize>id) << 2))) {
      const record = this.btf.record(id);
      if (!wanted.isOfKind(load<u32>(record, 4))) continue;
      if (!wanted.is(this.btf.nameOf(record), budget)) continue;
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
      const code = flavourlessHash(name, NAME_LENGTH_MAX);
      work += hashedBytes();
      if (work > HASHED_SIZE_MAX) return false;
      const head = this.heads + ((code & this.mask) << 2);
      store<u32>(this.next + ((<usize>id) << 2), load<u32>(head));
      store<u32>(head, id);
    }
    return true;
  }
}
