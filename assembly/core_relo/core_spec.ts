import {Btf} from '../btf/btf';
import {arrayLength, vlenOf} from '../btf/btf_record';
import {ACCESS_SPEC_MAX} from '../limits';

/**
 * One access spelled out against the object's or a kernel's types: `struct bpf_core_spec` of libbpf. It has an accessor
 * for the root (an index, as in `pointer[2]`), for each named field and each array element; unnamed structs and unions
 * are looked through. For enumerators the one accessor is the enumerator, for types there is none.
 *
 * Filled again for each relocation and each candidate.
 */
@final
export class CoreSpec {
  rootId: u32 = 0;
  length: u32 = 0;
  /** Steps including those through unnamed members. */
  depth: u32 = 0;
  bitOffset: u32 = 0;
  /** The struct or enum that holds the field or enumerator, or the type of the array element. */
  readonly typeIds: StaticArray<u32> = new StaticArray<u32>(ACCESS_SPEC_MAX);
  readonly indices: StaticArray<u32> = new StaticArray<u32>(ACCESS_SPEC_MAX);
  /** 0 for array elements. */
  readonly names: StaticArray<usize> = new StaticArray<usize>(ACCESS_SPEC_MAX);
  /** Bytes of the name, of an enumerator without its flavour. */
  readonly nameLengths: StaticArray<u32> = new StaticArray<u32>(ACCESS_SPEC_MAX);

  constructor(public btf: Btf) {}

  reset(btf: Btf, rootId: u32): void {
    this.btf = btf;
    this.rootId = rootId;
    this.length = 0;
    this.depth = 0;
    this.bitOffset = 0;
  }

  push(typeId: u32, index: u32, name: usize, nameLength: u32): void {
    const at = this.length++;
    this.typeIds[at] = typeId;
    this.indices[at] = index;
    this.names[at] = name;
    this.nameLengths[at] = nameLength;
  }

  /**
   * Whether an array reached by the last accessor has no length of its own: declared with none, as last member of its struct
   * (libbpf `is_flex_arr`).
   */
  endsInFlexible(array: usize): bool {
    const last = this.length - 1;
    if (this.names[last] == 0 || arrayLength(array) > 0) return false;
    return this.indices[last] == vlenOf(this.btf.record(this.typeIds[last])) - 1;
  }
}
