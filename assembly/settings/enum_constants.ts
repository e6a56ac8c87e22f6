import {Btf} from '../btf/btf';
import {
  enumeratorAt,
  enumeratorValue,
  isAnyEnum,
  kindOf,
  secinfoAt,
  secinfoOffset,
  secinfoSize,
  secinfoType,
  vlenOf,
} from '../btf/btf_record';
import {nameLength, prefixesEqual} from '../bytes/c_string';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {Target} from '../kernel/target';
import {BpfObject} from '../object/bpf_object';
import {MapOrigin, ObjectMap} from '../object/object_map';
import * as btf from '../uapi/btf';
import {writeNumber} from './typed_value';

const UNDERSCORE: u8 = 0x5f;

/** A read-only variable that shall have the value of an enumerator of the kernel. */
@final
class Constant {
  set: bool = false;

  constructor(
    readonly map: ObjectMap,
    /** The variable's name without the underscores before it. */
    readonly enumerator: usize,
    readonly offset: u32,
    readonly size: u32,
  ) {}
}

/**
 * Sets the read-only variables that begin with `prefix`, such as `__SCX_OPS_NAME_LEN` with `__SCX_`, to the kernel's
 * enumerators of those names (`SCX_ENUM_SET` of sched_ext's user side). What the kernel has not stays as it is.
 */
export function setEnumConstants(object: BpfObject, prefix: usize, target: Target): void {
  const constants = constantsOf(object, prefix);
  if (constants.length == 0) return;
  const names = new NameIndex(constants.length);
  for (let i = 0; i < constants.length; i++) names.add(i, constants[i].enumerator);
  for (let module: u32 = 0; module < target.count; module++) {
    readEnums(target.btf(module).btf, constants, names);
  }
}

function constantsOf(object: BpfObject, prefix: usize): Constant[] {
  const constants: Constant[] = [];
  const length = nameLength(prefix);
  const local = object.btf.btf;
  for (let i = 0; i < object.maps.length; i++) {
    const map = object.maps[i];
    const record = local.record(map.btfValueTypeId);
    if (map.origin != MapOrigin.Rodata || kindOf(record) != btf.BTF_KIND_DATASEC) continue;
    for (let v: u32 = 0; v < vlenOf(record); v++) {
      const entry = secinfoAt(record, v);
      const offset = secinfoOffset(entry);
      const size = secinfoSize(entry);
      let name = local.nameOf(local.record(secinfoType(entry)));
      if (!prefixesEqual(prefix, name, length) || size > 8) continue;
      if (offset > map.valueSize || size > map.valueSize - offset) continue;
      while (load<u8>(name) == UNDERSCORE) name++;
      constants.push(new Constant(map, name, offset, size));
    }
  }
  return constants;
}

/** The types are walked in order: to look each one up by its id would walk most of them many times. */
function readEnums(kern: Btf, constants: Constant[], names: NameIndex): void {
  if (!kern.isWhole) return;
  const end = kern.types + kern.typesSize;
  let record = kern.types;
  while (record < end) {
    if (isAnyEnum(record)) readEnum(kern, record, constants, names);
    record += btf.recordSize(load<u32>(record, 4));
  }
}

/** The first enumerator of a name counts. */
function readEnum(kern: Btf, record: usize, constants: Constant[], names: NameIndex): void {
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    const enumerator = enumeratorAt(record, i);
    const name = kern.nameAt(load<u32>(enumerator));
    for (let c = names.find(name); c != NOT_FOUND; c = names.findAfter(c)) {
      const constant = constants[c];
      if (constant.set) break;
      constant.set = true;
      constant.map.ownData();
      writeNumber(
        enumeratorValue(record, enumerator),
        constant.size,
        constant.map.data + constant.offset,
      );
    }
  }
}
