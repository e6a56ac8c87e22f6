import {
  kindOf,
  secinfoAt,
  secinfoOffset,
  secinfoSize,
  secinfoType,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {namesEqual} from '../bytes/c_string';
import {ObjectMap} from '../object/object_map';
import * as btf from '../uapi/btf';
import {SettingSearch} from './setting_search';

/** A variable of a data section. */
@final
export class GlobalVariable {
  constructor(
    readonly map: ObjectMap,
    /** Its entry in the DATASEC. */
    readonly index: u32,
    readonly offset: u32,
    readonly size: u32,
    readonly typeId: u32,
  ) {}

  /** Where its bytes are; the map's are copied first, since they are the file's until then. */
  get bytes(): usize {
    this.map.ownData();
    return this.map.data + this.offset;
  }
}

/** The first variable of that name, whose bytes lie inside its map; or null. `search` pays for those that are looked at. */
export function findGlobal(
  local: LocalBtf,
  maps: ObjectMap[],
  name: usize,
  search: SettingSearch,
): GlobalVariable | null {
  for (let i = 0; i < maps.length; i++) {
    const map = maps[i];
    const record = local.btf.record(map.btfValueTypeId);
    if (!map.holdsVariables || kindOf(record) != btf.BTF_KIND_DATASEC) continue;
    for (let v: u32 = 0; v < vlenOf(record) && search.goesOn(); v++) {
      const entry = secinfoAt(record, v);
      const variable = local.btf.record(secinfoType(entry));
      if (!namesEqual(local.btf.nameOf(variable), name)) continue;
      const offset = secinfoOffset(entry);
      const size = secinfoSize(entry);
      if (offset > map.valueSize || size > map.valueSize - offset) continue;
      return new GlobalVariable(map, v, offset, size, typeOf(variable));
    }
  }
  return null;
}
