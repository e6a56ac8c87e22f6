import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  arrayLength,
  enumeratorAt,
  enumeratorValue,
  isAnyEnum,
  kindOf,
  memberAt,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameFrom, nameIs, nameText} from '../bytes/c_string';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {MAP_ATTRIBUTES_MAX, PAGE_SIZE} from '../limits';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {cutName} from './data_maps';
import {MapOrigin, ObjectMap} from './object_map';
import {isPinName} from './pin_path';

/** A member whose type does not say a number. */
const NO_NUMBER: i64 = -1;

/**
 * Reads the struct that defines a map: each member is an attribute, its value written as an array's length or as a pointed-to
 * type (`parse_btf_map_def` of libbpf).
 */
@final
export class MapDefinition {
  constructor(
    private readonly map: ObjectMap,
    private readonly local: LocalBtf,
    private readonly faults: Faults,
    /** Whether it is what a map of maps holds. */
    private readonly isInner: bool = false,
  ) {}

  /** False and a fault: it is no definition. */
  read(type: usize): bool {
    const count = vlenOf(type);
    if (count > MAP_ATTRIBUTES_MAX) {
      this.refuse('', 'has more attributes than there are');
      return false;
    }
    for (let i: u32 = 0; i < count; i++) {
      const member = memberAt(type, i);
      const name = this.local.btf.nameAt(memberNameOffset(member));
      if (!this.attribute(type, member, name, i + 1 == count)) return false;
    }
    if (this.map.type == 0) {
      this.refuse('', 'has no type');
      return false;
    }
    // The executor maps an arena that it made only; a path has no dots.
    if (this.map.pinned && (this.map.type == bpf.BPF_MAP_TYPE_ARENA || !isPinName(this.map.name))) {
      this.refuse('pinning', 'cannot be pinned');
      return false;
    }
    adjustRingBuffer(this.map);
    return true;
  }

  private attribute(type: usize, member: usize, name: usize, last: bool): bool {
    const map = this.map;
    const id = memberType(member);
    if (nameIs(name, 'key')) return this.sizedType(name, id, true);
    if (nameIs(name, 'value')) return this.sizedType(name, id, false);
    if (nameIs(name, 'values')) {
      map.valuesOffset = memberOffsetBits(type, member) / 8;
      return this.values(id, last);
    }
    if (nameIs(name, 'map_extra')) return this.mapExtra(id);
    const number = this.number(id);
    const value = <u32>number;
    if (nameIs(name, 'type')) map.type = value;
    else if (nameIs(name, 'max_entries')) map.maxEntries = value;
    else if (nameIs(name, 'map_flags')) map.flags = value;
    else if (nameIs(name, 'numa_node')) map.numaNode = value;
    else if (nameIs(name, 'key_size')) {
      if (number != NO_NUMBER) return this.setSize(name, value, true);
    } else if (nameIs(name, 'value_size')) {
      if (number != NO_NUMBER) return this.setSize(name, value, false);
    } else if (nameIs(name, 'pinning')) return this.pinning(number);
    else {
      this.refuse(nameText(name), `has an attribute ${nameText(name)} that is not known`);
      return false;
    }
    if (number != NO_NUMBER) return true;
    this.refuse(nameText(name), `does not give ${nameText(name)} as __uint(${nameText(name)}, …)`);
    return false;
  }

  /** LIBBPF_PIN_NONE or LIBBPF_PIN_BY_NAME. */
  private pinning(number: i64): bool {
    const map = this.map;
    map.pinned = number == 1;
    if (number == 0 || (map.pinned && !this.isInner)) return true;
    this.refuse('pinning', 'is pinned in a way that there is not').advise(
      'write __uint(pinning, LIBBPF_PIN_BY_NAME), in a map that is no arena and in no other map',
    );
    return false;
  }

  /** The length of the array that is pointed to. */
  private number(id: u32): i64 {
    const btfs = this.local.btf;
    const pointer = btfs.record(skipModsAndTypedefs(btfs, id));
    if (kindOf(pointer) != btf.BTF_KIND_PTR) return NO_NUMBER;
    const array = btfs.record(typeOf(pointer));
    return kindOf(array) == btf.BTF_KIND_ARRAY ? arrayLength(array) : NO_NUMBER;
  }

  private sizedType(name: usize, id: u32, key: bool): bool {
    const btfs = this.local.btf;
    const pointer = btfs.record(id);
    const size = kindOf(pointer) == btf.BTF_KIND_PTR ? resolveSize(btfs, typeOf(pointer)) : NO_SIZE;
    if (size == NO_SIZE) {
      this.refuse(
        nameText(name),
        `does not give ${nameText(name)} as __type(${nameText(name)}, …)`,
      );
      return false;
    }
    if (!this.setSize(name, size, key)) return false;
    if (key) this.map.btfKeyTypeId = typeOf(pointer);
    else this.map.btfValueTypeId = typeOf(pointer);
    return true;
  }

  private setSize(name: usize, size: u32, key: bool): bool {
    const before = key ? this.map.keySize : this.map.valueSize;
    if (before != 0 && before != size) {
      this.refuse(nameText(name), `gives two sizes of its ${key ? 'key' : 'value'}`).differs(
        `${before} bytes`,
        `${size} bytes`,
      );
      return false;
    }
    if (key) this.map.keySize = size;
    else this.map.valueSize = size;
    return true;
  }

  /** A number of 64 bits: an enumerator's value, or an array's length. */
  private mapExtra(id: u32): bool {
    const btfs = this.local.btf;
    const type = btfs.record(skipModsAndTypedefs(btfs, id));
    if (isAnyEnum(type) && vlenOf(type) == 1) {
      this.map.mapExtra = enumeratorValue(type, enumeratorAt(type, 0));
      return true;
    }
    const number = this.number(id);
    if (number == NO_NUMBER) {
      this.refuse('map_extra', 'does not give map_extra as __ulong(map_extra, …)');
      return false;
    }
    this.map.mapExtra = <u64>number;
    return true;
  }

  /** `__array(values, …)`: what the map holds. */
  private values(id: u32, last: bool): bool {
    const map = this.map;
    const btfs = this.local.btf;
    const array = btfs.record(skipModsAndTypedefs(btfs, id));
    const pointer = btfs.record(skipModsAndTypedefs(btfs, arrayElement0(array)));
    const pointee = btfs.record(skipModsAndTypedefs(btfs, typeOf0(pointer)));
    const program = map.type == bpf.BPF_MAP_TYPE_PROG_ARRAY;
    const wanted = program ? btf.BTF_KIND_FUNC_PROTO : btf.BTF_KIND_STRUCT;
    if (
      this.isInner ||
      !last ||
      !(program || map.holdsMaps) ||
      kindOf(array) != btf.BTF_KIND_ARRAY ||
      arrayLength(array) != 0 ||
      kindOf(pointer) != btf.BTF_KIND_PTR ||
      kindOf(pointee) != wanted
    ) {
      this.refuse('values', 'has values that no such map holds').advise(
        'give values last, as __array(values, struct …) in a map of maps or __array(values, int ()) in a PROG_ARRAY',
      );
      return false;
    }
    if (map.valueSize != 0 && map.valueSize != 4) {
      this.refuse('values', 'has values of another size than 4 bytes');
      return false;
    }
    map.valueSize = 4;
    if (program) return true;
    const name = nameFrom(`${map.text}.inner`);
    const inner = new ObjectMap(MapOrigin.Defined, name, cutName(name), map.section, map.offset);
    map.inner = inner;
    return new MapDefinition(inner, this.local, this.faults, true).read(pointee);
  }

  private refuse(attribute: string, what: string): Fault {
    const map = this.map;
    return this.faults
      .add(FaultCode.OBJ_BAD_MAP, `map ${map.text} ${what}`)
      .ofSection(map.section.text)
      .ofSymbol(map.text)
      .ofMember('', attribute)
      .at(<u64>map.section.offset + map.offset);
  }
}

function arrayElement0(record: usize): u32 {
  return kindOf(record) == btf.BTF_KIND_ARRAY ? arrayElement(record) : 0;
}

function typeOf0(record: usize): u32 {
  return kindOf(record) == btf.BTF_KIND_PTR ? typeOf(record) : 0;
}

/** The kernel takes ring buffers of a power of two of pages only (`adjust_ringbuf_sz` of libbpf). */
export function adjustRingBuffer(map: ObjectMap): void {
  if (map.type != bpf.BPF_MAP_TYPE_RINGBUF && map.type != bpf.BPF_MAP_TYPE_USER_RINGBUF) return;
  const wanted: u64 = map.maxEntries;
  if (wanted == 0) return;
  let size = PAGE_SIZE;
  while (size < wanted) size <<= 1;
  if (size <= u32.MAX_VALUE) map.maxEntries = <u32>size;
}
