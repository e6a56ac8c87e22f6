import {kindOf, secinfoAt, secinfoType, varLinkage, vlenOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {ByteWriter} from '../bytes/byte_writer';
import {copyName, nameLength} from '../bytes/c_string';
import {ElfObject, ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {MapOrigin, ObjectMap} from './object_map';

/** A map of one value for each section of global variables, in the order of the sections. */
export function collectDataMaps(
  object: ElfObject,
  local: LocalBtf,
  objectName: usize,
  maps: ObjectMap[],
): void {
  for (let i = 1; i < object.sections.length; i++) {
    const section = object.sections[i];
    switch (roleOf(section)) {
      case SectionRole.Data:
        maps.push(dataMap(MapOrigin.Data, section, local, objectName));
        break;
      case SectionRole.Rodata:
        maps.push(dataMap(MapOrigin.Rodata, section, local, objectName));
        break;
      case SectionRole.Bss:
        maps.push(dataMap(MapOrigin.Bss, section, local, objectName));
        break;
    }
  }
}

/** `bpf_object__init_internal_map` of libbpf. */
function dataMap(
  origin: MapOrigin,
  section: ElfSection,
  local: LocalBtf,
  objectName: usize,
): ObjectMap {
  const map = new ObjectMap(
    origin,
    section.name,
    dataMapName(objectName, section.name),
    section,
    0,
  );
  map.type = bpf.BPF_MAP_TYPE_ARRAY;
  map.keySize = 4;
  map.valueSize = section.size;
  map.maxEntries = 1;
  map.btfValueTypeId = local.find(section.name, btf.BTF_KIND_DATASEC);
  if (origin == MapOrigin.Rodata) map.flags |= bpf.BPF_F_RDONLY_PROG;
  if (hasVisibleVariable(local, map.btfValueTypeId)) map.flags |= bpf.BPF_F_MMAPABLE;
  map.data = section.data;
  return map;
}

/** Only maps with a variable that is not static can be mapped into user space (libbpf `map_is_mmapable`). */
function hasVisibleVariable(local: LocalBtf, datasec: u32): bool {
  if (datasec == 0) return false;
  const record = local.btf.record(datasec);
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    const variable = local.btf.record(secinfoType(secinfoAt(record, i)));
    if (kindOf(variable) != btf.BTF_KIND_VAR) continue;
    if (varLinkage(variable) != btf.BTF_VAR_STATIC) return true;
  }
  return false;
}

/**
 * `my_objec.rodata`: the start of the object's name before the section's, unless that has a second dot. 15 bytes,
 * what the kernel does not allow replaced by `_` (libbpf `internal_map_name`).
 */
export function dataMapName(objectName: usize, section: usize): usize {
  const most = bpf.BPF_OBJ_NAME_LEN - 1;
  const sectionLength = nameLength(section);
  const reserved = min(most, max<u32>(7, sectionLength));
  let prefix = min(most - reserved, nameLength(objectName));
  for (let i: u32 = 1; i < sectionLength; i++) {
    if (load<u8>(section + i) == 0x2e) prefix = 0;
  }
  const out = new ByteWriter(BPF_NAME_ROOM);
  for (let i: u32 = 0; i < prefix; i++) out.u8(allowed(load<u8>(objectName + i)));
  for (let i: u32 = 0; i < min(reserved, sectionLength); i++)
    out.u8(allowed(load<u8>(section + i)));
  return copyName(out.pointer, out.size);
}

const BPF_NAME_ROOM: u32 = 16;

function allowed(byte: u8): u8 {
  const letter = (byte | 0x20) - 0x61 < 26;
  return letter || byte - 0x30 < 10 || byte == 0x5f || byte == 0x2e ? byte : 0x5f;
}

/** The first 15 bytes of a name. */
export function cutName(name: usize): usize {
  return copyName(name, min<u32>(nameLength(name), bpf.BPF_OBJ_NAME_LEN - 1));
}
