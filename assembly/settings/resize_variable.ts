import {resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {arrayElement, kindOf, secinfoAt, secinfoType, vlenOf} from '../btf/btf_record';
import {ByteWriter} from '../bytes/byte_writer';
import {parseInteger} from '../bytes/integer';
import {Faults} from '../fault/faults';
import {FRAME_SIZE_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {Setting} from '../options';
import * as btf from '../uapi/btf';
import {findGlobal} from './global_variable';
import {KnownNames} from './known_names';
import {refuseName, refuseValue} from './setting_faults';

/** An array map of more than that no kernel makes (KMALLOC_MAX and the limits of struct bpf_array). */
const VALUE_SIZE_MAX: u64 = 1 << 31;

/**
 * Gives the array at the end of a data section another length, in the map and in the BTF (`bpf_map__set_value_size` of
 * libbpf). The value of the setting is bytes of the variable.
 */
export function resizeVariable(object: BpfObject, setting: Setting, faults: Faults): void {
  const local = object.btf;
  const global = findGlobal(local, object.maps, setting.name);
  if (global === null) {
    const fault = refuseName(faults, setting, 'is no global variable of the object');
    new KnownNames(object).globals().tell(fault, setting.name);
    return;
  }
  const map = global.map;
  const datasec = local.btf.record(map.btfValueTypeId);
  const arrayId = skipModsAndTypedefs(local.btf, global.typeId);
  const array = local.btf.record(arrayId);
  if (kindOf(array) != btf.BTF_KIND_ARRAY || global.index + 1 != vlenOf(datasec)) {
    refuseName(faults, setting, `is no array at the end of ${map.text}, so it cannot grow`);
    return;
  }
  const element = resolveSize(local.btf, arrayElement(array));
  const number = parseInteger(setting.value);
  const size: u64 = number === null || number.negative ? 0 : number.value;
  if (size == 0 || element == 0 || size % element != 0) {
    refuseValue(faults, setting, `a multiple of its elements' ${element} bytes`);
    return;
  }
  // What has a value is in the plan.
  const most: u64 = map.data == 0 ? VALUE_SIZE_MAX : FRAME_SIZE_MAX;
  if (size > most || global.offset > most - size) {
    refuseValue(faults, setting, `at most ${most} bytes for all of ${map.text}`);
    return;
  }
  setting.replaces(global.size.toString());
  const bytes = new ByteWriter();
  bytes.u32(0);
  bytes.u32(btf.BTF_KIND_ARRAY << 24);
  bytes.u32(0);
  bytes.u32(arrayElement(array));
  bytes.u32(load<u32>(array, 16));
  bytes.u32(<u32>(size / element));
  const grown = local.withTypes(bytes, new ByteWriter(), faults);
  if (grown === local) return;
  const record = grown.btf.record(map.btfValueTypeId);
  const entry = secinfoAt(record, global.index);
  const end = global.offset + <u32>size;
  store<u32>(grown.btf.record(secinfoType(entry)), grown.btf.endId - 1, 8);
  store<u32>(entry, <u32>size, 8);
  store<u32>(record, end, 8);
  map.resize(end);
  object.btf = grown;
}
