import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  kindOf,
  secinfoAt,
  secinfoOffset,
  secinfoSize,
  secinfoType,
  sizeOf,
  typeOf,
  varLinkage,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameText} from '../bytes/c_string';
import {ElfObject, ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as btf from '../uapi/btf';
import {cutName} from './data_maps';
import {MapDefinition} from './map_definition';
import {MapOrigin, ObjectMap} from './object_map';

/** The maps that `.maps` defines, in the order of its variables (`bpf_object__init_user_btf_maps` of libbpf). */
export function collectDefinedMaps(
  object: ElfObject,
  local: LocalBtf,
  maps: ObjectMap[],
  faults: Faults,
): void {
  for (let i = 1; i < object.sections.length; i++) {
    const section = object.sections[i];
    if (roleOf(section) != SectionRole.Maps || section.size == 0) continue;
    const datasec = local.btf.record(local.find(section.name, btf.BTF_KIND_DATASEC));
    if (datasec == 0) {
      faults
        .add(FaultCode.OBJ_BAD_MAP, "the object's BTF does not describe section .maps")
        .ofSection('.maps')
        .at(section.offset);
      return;
    }
    for (let v: u32 = 0; v < vlenOf(datasec) && !faults.full; v++) {
      const map = definedMap(section, secinfoAt(datasec, v), local, faults);
      if (map !== null) maps.push(map);
    }
  }
}

/** `bpf_object__init_user_btf_map` of libbpf. */
function definedMap(
  section: ElfSection,
  entry: usize,
  local: LocalBtf,
  faults: Faults,
): ObjectMap | null {
  const variable = local.btf.record(secinfoType(entry));
  const name = local.btf.nameOf(variable);
  const type = local.btf.record(skipModsAndTypedefs(local.btf, typeOf(variable)));
  const offset = secinfoOffset(entry);
  const size = secinfoSize(entry);
  let what = '';
  if (kindOf(variable) != btf.BTF_KIND_VAR || load<u8>(name) == 0)
    what = 'is no variable with a name';
  else if (offset > section.size || size > section.size - offset)
    what = 'lies outside section .maps';
  else if (varLinkage(variable) != btf.BTF_VAR_GLOBAL_ALLOCATED) what = 'is static or extern';
  else if (kindOf(type) != btf.BTF_KIND_STRUCT) what = 'is no struct';
  else if (sizeOf(type) > size) what = 'is smaller than its definition';
  if (what.length != 0) {
    faults
      .add(FaultCode.OBJ_BAD_MAP, `map ${nameText(name)} ${what}`)
      .ofSection('.maps')
      .ofSymbol(nameText(name))
      .at(<u64>section.offset + offset);
    return null;
  }
  const map = new ObjectMap(MapOrigin.Defined, name, cutName(name), section, offset);
  map.definitionSize = size;
  return new MapDefinition(map, local, faults).read(type) ? map : null;
}
