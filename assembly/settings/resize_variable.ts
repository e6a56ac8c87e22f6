import {resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {arrayElement, kindOf, secinfoAt, secinfoType, vlenOf} from '../btf/btf_record';
import {ByteWriter} from '../bytes/byte_writer';
import {parseInteger} from '../bytes/integer';
import {Faults} from '../fault/faults';
import {FRAME_SIZE_MAX, ZERO_VALUE_SIZE_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {ObjectMap} from '../object/object_map';
import {Setting} from '../options';
import * as btf from '../uapi/btf';
import {findGlobal} from './global_variable';
import {KnownNames} from './known_names';
import {OwnedData} from './owned_data';
import {refuseName, refuseValue} from './setting_faults';
import {SettingSearch} from './setting_search';

/**
 * Gives arrays at the ends of data sections another length, in the map and in the BTF (`bpf_map__set_value_size` of
 * libbpf). The value of a setting is bytes of the variable. The BTF and the data are copied once, in the end.
 */
@final
export class VariableResizer {
  /** The new array of each setting. */
  private readonly arrays: ByteWriter = new ByteWriter();
  /** And the variable that is of it. */
  private readonly variables: u32[] = [];
  private readonly maps: ObjectMap[] = [];

  constructor(
    private readonly object: BpfObject,
    private readonly search: SettingSearch,
    private readonly owned: OwnedData,
    private readonly faults: Faults,
  ) {}

  resize(setting: Setting): void {
    const local = this.object.btf;
    const faults = this.faults;
    this.search.begin(setting.name);
    const global = findGlobal(local, this.object.maps, setting.name, this.search);
    if (this.search.spent) return;
    if (global === null) {
      const fault = refuseName(faults, setting, 'is no global variable of the object');
      new KnownNames(this.object, setting.name, faults).globals().tell(fault);
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
    const most: u64 = map.data == 0 ? ZERO_VALUE_SIZE_MAX : FRAME_SIZE_MAX;
    if (size > most || global.offset > most - size) {
      refuseValue(faults, setting, `at most ${most} bytes for all of ${map.text}`);
      return;
    }
    setting.replaces(global.size.toString());
    this.addArray(array, <u32>(size / element));
    const entry = secinfoAt(datasec, global.index);
    const end = global.offset + <u32>size;
    this.variables.push(secinfoType(entry));
    this.maps.push(map);
    store<u32>(entry, <u32>size, 8);
    store<u32>(datasec, end, 8);
    map.resize(end);
  }

  /** After the last one, unless there is a fault. */
  finish(): void {
    if (this.arrays.size == 0) return;
    const first = this.object.btf.btf.endId;
    const grown = this.object.btf.withTypes(this.arrays, new ByteWriter(), this.faults);
    if (grown === this.object.btf) return;
    for (let i = 0; i < this.variables.length; i++) {
      store<u32>(grown.btf.record(this.variables[i]), first + i, 8);
    }
    this.object.btf = grown;
    for (let i = 0; i < this.maps.length; i++) {
      const map = this.maps[i];
      if (map.data == 0 || !map.isResized) continue;
      if (!this.owned.takes(map)) return;
      map.settle();
    }
  }

  private addArray(like: usize, length: u32): void {
    const arrays = this.arrays;
    arrays.u32(0);
    arrays.u32(btf.BTF_KIND_ARRAY << 24);
    arrays.u32(0);
    arrays.u32(arrayElement(like));
    arrays.u32(load<u32>(like, 16));
    arrays.u32(length);
  }
}
