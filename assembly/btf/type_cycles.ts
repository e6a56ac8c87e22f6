import {heapMark, heapRelease, heapReserve} from '../bytes/heap';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {CHAIN_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {
  arrayElement,
  isComposite,
  isModifierOrTypedef,
  kindOf,
  memberAt,
  memberType,
  typeOf,
  vlenOf,
} from './btf_record';

const UNSEEN: u8 = 0;
const OPEN: u8 = 1;
const DONE: u8 = 2;

/** Bytes of all tables, by id. */
const TABLES_SIZE: usize = 12;

/**
 * Looks for types that C cannot declare, and the kernel does not load (`btf_check_all_types`): chains of pointers, arrays
 * and modifiers that do not end, and structs that hold themselves. Every id in the BTF must exist. Takes time in
 * proportion to its size.
 */
@final
export class TypeCycles {
  constructor(
    private readonly btf: Btf,
    private readonly typesFileOffset: u32,
    private readonly faults: Faults,
  ) {}

  /** False and a fault when there is one in the types from that id on. */
  noneFrom(first: u32): bool {
    heapReserve(TABLES_SIZE * this.btf.endId);
    const mark = heapMark();
    if (!this.chainsEnd(first) || !this.nothingHoldsItself(first)) return false;
    heapRelease(mark);
    return true;
  }

  private chainsEnd(first: u32): bool {
    const btf = this.btf;
    /** By id: steps to the end of its chain, plus one once they are known. */
    const lengths = new StaticArray<u16>(btf.endId);
    for (let id = first; id < btf.endId; id++) {
      let steps: u32 = 0;
      let next = id;
      while (lengths[next] == 0 && steps <= CHAIN_MAX && isLink(btf.record(next))) {
        next = targetOf(btf.record(next));
        steps++;
      }
      const length = steps + max<u32>(lengths[next], 1) - 1;
      if (length > CHAIN_MAX) {
        return this.refuse(id, `does not end within ${CHAIN_MAX} pointers, arrays and modifiers`);
      }
      next = id;
      for (let left = length; left > length - steps; left--) {
        lengths[next] = <u16>(left + 1);
        next = targetOf(btf.record(next));
      }
    }
    return true;
  }

  /** Depth first over members, elements and what modifiers stand for. */
  private nothingHoldsItself(first: u32): bool {
    const btf = this.btf;
    const states = new StaticArray<u8>(btf.endId);
    /** The types that are being looked into, and how many parts of each were. */
    const stack = new StaticArray<u32>(btf.endId);
    const parts = new StaticArray<u32>(btf.endId);
    for (let id = first; id < btf.endId; id++) {
      if (states[id] != UNSEEN) continue;
      let depth = 0;
      stack[0] = id;
      parts[0] = 0;
      states[id] = OPEN;
      while (depth >= 0) {
        const record = btf.record(stack[depth]);
        const part = parts[depth]++;
        if (part >= heldCount(record)) {
          states[stack[depth--]] = DONE;
          continue;
        }
        const held = heldType(record, part);
        if (states[held] == OPEN) return this.refuse(held, 'holds itself');
        if (held == 0 || states[held] == DONE) continue;
        states[held] = OPEN;
        stack[++depth] = held;
        parts[depth] = 0;
      }
    }
    return true;
  }

  private refuse(id: u32, what: string): bool {
    const offset = <u32>(this.btf.record(id) - this.btf.types);
    this.faults
      .add(FaultCode.BTF_CYCLE, `type ${id} of the object's BTF ${what}`)
      .at(<u64>this.typesFileOffset + offset);
    return false;
  }
}

/** Whether a type says nothing but which other type it points to, repeats or modifies. */
function isLink(record: usize): bool {
  const kind = kindOf(record);
  return kind == uapi.BTF_KIND_PTR || kind == uapi.BTF_KIND_ARRAY || isModifierOrTypedef(kind);
}

function targetOf(record: usize): u32 {
  return kindOf(record) == uapi.BTF_KIND_ARRAY ? arrayElement(record) : typeOf(record);
}

/** Of how many types a type holds values. */
function heldCount(record: usize): u32 {
  if (isComposite(record)) return vlenOf(record);
  const kind = kindOf(record);
  return kind == uapi.BTF_KIND_ARRAY || isModifierOrTypedef(kind) ? 1 : 0;
}

function heldType(record: usize, part: u32): u32 {
  return isComposite(record) ? memberType(memberAt(record, part)) : targetOf(record);
}
