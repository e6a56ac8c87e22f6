import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  kindOf,
  secinfoAt,
  secinfoOffset,
  secinfoType,
  sizeOf,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {WorkBudget} from '../btf/work_budget';
import {copyName, essentialLength, nameIs, nameText} from '../bytes/c_string';
import {heapTake} from '../bytes/heap';
import {ElfObject, ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {MEMBERS_MAX} from '../limits';
import {cutName} from '../object/data_maps';
import {MapOrigin, ObjectMap} from '../object/object_map';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {checkMemberLayout} from './member_layout';
import {StructOpsVariable} from './struct_ops_variable';

/** A map for each variable of each struct_ops section, in the order of sections and offsets (`init_struct_ops_maps`). */
export function collectStructOpsMaps(
  object: ElfObject,
  local: LocalBtf,
  maps: ObjectMap[],
  faults: Faults,
): void {
  const members = new WorkBudget(MEMBERS_MAX);
  for (let i = 1; i < object.sections.length; i++) {
    const section = object.sections[i];
    if (roleOf(section) != SectionRole.StructOps) continue;
    collectSection(section, local, members, maps, faults);
  }
}

function collectSection(
  section: ElfSection,
  local: LocalBtf,
  members: WorkBudget,
  maps: ObjectMap[],
  faults: Faults,
): void {
  const datasec = local.btf.record(local.find(section.name, btf.BTF_KIND_DATASEC));
  if (datasec == 0) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `the object's BTF does not describe section ${section.text}`)
      .ofSection(section.text)
      .at(section.offset);
    return;
  }
  const optional = load<u8>(section.name) == 0x3f;
  const link = nameIs(optional ? section.name + 1 : section.name, '.struct_ops.link');
  let takenBytes: u64 = 0;
  for (let i: u32 = 0; i < vlenOf(datasec); i++) {
    const map = variableMap(section, secinfoAt(datasec, i), link, local, members, faults);
    if (map === null || !checkMemberLayout(map.structOps!, section.text, local, faults)) return;
    takenBytes += map.structOps!.size;
    if (takenBytes > section.size) {
      faults
        .add(FaultCode.OBJ_BAD_VARIABLE, `the variables of ${section.text} overlap`)
        .ofSection(section.text)
        .ofSymbol(map.text)
        .at(<u64>section.offset + map.offset)
        .differs(`${section.size} bytes`, `variables of ${takenBytes} bytes and more`);
      return;
    }
    // Differs from libbpf: all variables of a `?` section are optional, as its documentation says; libbpf forgets the `?`
    // after the first.
    map.create = !optional;
    maps.push(map);
  }
}

function variableMap(
  section: ElfSection,
  entry: usize,
  link: bool,
  local: LocalBtf,
  members: WorkBudget,
  faults: Faults,
): ObjectMap | null {
  const variable = local.btf.record(secinfoType(entry));
  const name = local.btf.nameOf(variable);
  const typeId = skipModsAndTypedefs(local.btf, typeOf(variable));
  const type = local.btf.record(typeId);
  const typeName = local.btf.nameOf(type);
  if (
    kindOf(variable) != btf.BTF_KIND_VAR ||
    kindOf(type) != btf.BTF_KIND_STRUCT ||
    load<u8>(typeName) == 0
  ) {
    const struct = kindOf(type) == btf.BTF_KIND_STRUCT;
    faults
      .add(
        FaultCode.OBJ_BAD_VARIABLE,
        `variable ${nameText(name)} in ${section.text} must have a struct type with a name`,
      )
      .ofSection(section.text)
      .ofSymbol(nameText(name))
      .at(<u64>section.offset + secinfoOffset(entry))
      .differs('STRUCT with a name', struct ? 'STRUCT without a name' : btf.kindName(kindOf(type)));
    return null;
  }
  const offset = secinfoOffset(entry);
  const size = sizeOf(type);
  // Of members without a size there could be any number, in every variable.
  if (vlenOf(type) > <u64>size * 8) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `the type of ${nameText(name)} has more members than bits`)
      .ofSection(section.text)
      .ofSymbol(nameText(name))
      .at(<u64>section.offset + offset)
      .differs(`at most ${<u64>size * 8} members`, `${vlenOf(type)} members`);
    return null;
  }
  if (offset > section.size || size > section.size - offset) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `variable ${nameText(name)} reaches beyond its section`)
      .ofSection(section.text)
      .ofSymbol(nameText(name))
      .at(section.offset)
      .differs(`${section.size} bytes`, `${size} bytes at ${offset}`);
    return null;
  }
  if (!members.spend(vlenOf(type))) {
    faults
      .add(FaultCode.OBJ_TOO_LARGE, 'the struct_ops variables have too many members together')
      .ofSection(section.text)
      .ofSymbol(nameText(name))
      .differs(`fewer than ${MEMBERS_MAX} members`, `more with ${nameText(name)}`);
    return null;
  }
  const data = heapTake(<usize>size + 8);
  memory.copy(data, section.data + offset, size);
  memory.fill(data + size, 0, 8);
  const map = new ObjectMap(MapOrigin.StructOps, name, cutName(name), section, offset);
  map.type = bpf.BPF_MAP_TYPE_STRUCT_OPS;
  map.keySize = 4;
  map.valueSize = size;
  map.maxEntries = 1;
  map.flags = link ? bpf.BPF_F_LINK : 0;
  map.structOps = new StructOpsVariable(
    name,
    typeId,
    typeName,
    copyName(typeName, essentialLength(typeName)),
    size,
    link,
    vlenOf(type),
    section.offset + offset,
    data,
  );
  return map;
}
