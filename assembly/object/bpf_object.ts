import {BtfExt} from '../btf/btf_ext';
import {LocalBtf} from '../btf/local_btf';
import {heapKeepRoom} from '../bytes/heap';
import {ElfObject, ElfSection} from '../elf/elf_object';
import {relocationRole, roleOf, SectionRole} from '../elf/section_role';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {MemberProgramCollector} from '../struct_ops/member_programs';
import {collectStructOpsMaps} from '../struct_ops/struct_ops_maps';
import {SHT_PROGBITS} from '../uapi/elf';
import {collectArenaData} from './arena_data';
import {CodeRelocationCollector} from './code_relocations';
import {collectDataMaps} from './data_maps';
import {collectDefinedMaps} from './defined_maps';
import {Extern} from './extern';
import {collectExterns} from './externs';
import {collectKconfigMap} from './kconfig_map';
import {makeLoadable} from './loadable_btf';
import {MapIndex} from './map_index';
import {collectMapSlots} from './map_slots';
import {ObjectMap} from './object_map';
import {Program} from './program';
import {collectPrograms, licenseOf, objectNameOf} from './programs';

/** What a BPF object declares, before any kernel is looked at: the open phase of libbpf (`bpf_object_open`). */
@final
export class BpfObject {
  constructor(
    readonly elf: ElfObject,
    readonly license: usize,
    /** The `version` section, 0 without one; kernels since 5.0 ignore it. */
    readonly version: u32,
    /** As it goes to the kernel, see loadable_btf.ts. */
    public btf: LocalBtf,
    /** Null without a .BTF.ext: no CO-RE relocations, no func_info. */
    readonly ext: BtfExt | null,
    readonly programs: Program[],
    readonly externs: Extern[],
    readonly maps: ObjectMap[],
  ) {}
}

/** Null when there is a fault. `fileName` is the file's base name: data maps are called after it. */
export function openObject(
  file: usize,
  size: u32,
  fileName: usize,
  faults: Faults,
): BpfObject | null {
  const elf = ElfObject.parse(file, size, faults);
  if (elf === null) return null;
  refuseSections(elf, faults);
  const raw = parseBtf(elf, faults);
  if (raw === null) return null;
  const ext = parseBtfExt(elf, raw, faults);
  if (faults.any) return null;

  // For tables by type.
  heapKeepRoom((<usize>raw.btf.endId) << 2);
  const programs = collectPrograms(elf, faults);
  const externs = collectExterns(elf, raw, faults);
  // Externs are collected from the BTF as compiled; loading changes what they are in it.
  const before = faults.count;
  const btf = makeLoadable(raw, elf, programs, externs, faults);
  // What is told of variables would only say the same again.
  if (faults.count > before) return null;
  const maps: ObjectMap[] = [];
  const beforeMaps = faults.count;
  collectDefinedMaps(elf, btf, maps, faults);
  const objectName = objectNameOf(fileName);
  collectDataMaps(elf, btf, objectName, maps);
  collectKconfigMap(btf, externs, objectName, maps);
  collectStructOpsMaps(elf, btf, maps, faults);
  collectArenaData(elf, maps, faults);
  for (let i = 0; i < maps.length; i++) maps[i].index = i;
  const allMaps = faults.count == beforeMaps;
  collectRelocations(elf, btf, externs, maps, allMaps, programs, faults);
  if (faults.any) return null;
  return new BpfObject(elf, licenseOf(elf), versionOf(elf), btf, ext, programs, externs, maps);
}

/** What no section of its name may be, also where another one counts (`bpf_object__elf_collect` of libbpf). */
function refuseSections(elf: ElfObject, faults: Faults): void {
  for (let i = 1; i < elf.sections.length && !faults.full; i++) {
    const section = elf.sections[i];
    const role = roleOf(section);
    if (holdsVariables(role)) refuseSecond(elf, section, faults);
    else if (role == SectionRole.LegacyMaps) refuseMaps(section, faults);
    else if (role == SectionRole.Version) refuseVersion(section, faults);
    else if (role == SectionRole.Btf || role == SectionRole.BtfExt)
      refuseType(elf, section, faults);
  }
}

/** Maps as libbpf 0.x had them: to ignore them would be silent loss. */
function refuseMaps(section: ElfSection, faults: Faults): void {
  faults
    .add(FaultCode.OBJ_UNSUPPORTED_SECTION, `section ${section.text} is not supported`)
    .ofSection(section.text)
    .at(section.offset)
    .advise('define the maps in SEC(".maps")');
}

function refuseVersion(section: ElfSection, faults: Faults): void {
  if (section.data != 0 && section.size == 4) return;
  faults
    .add(FaultCode.ELF_BAD_SECTION, 'the section version does not hold a 32-bit number')
    .ofSection('version')
    .at(section.offset)
    .differs('4 bytes', `${section.size} bytes`);
}

function refuseType(elf: ElfObject, section: ElfSection, faults: Faults): void {
  if (section.type == SHT_PROGBITS) return;
  faults
    .add(FaultCode.ELF_BAD_SECTION, `section ${section.text} is not a section of the program`)
    .ofSection(section.text)
    .at(elf.headerOffset(section.index))
    .differs(`type ${SHT_PROGBITS}`, `type ${section.type}`);
}

/**
 * Whether a DATASEC of the object's BTF describes such a section. It does so by its name, and each of these sections has
 * its variables, or maps.
 */
function holdsVariables(role: SectionRole): bool {
  switch (role) {
    case SectionRole.Maps:
    case SectionRole.Data:
    case SectionRole.Rodata:
    case SectionRole.Bss:
    case SectionRole.StructOps:
      return true;
    default:
      return false;
  }
}

/** Differs from libbpf, which gives what the one DATASEC describes to every section of its name, or to the last one. */
function refuseSecond(elf: ElfObject, section: ElfSection, faults: Faults): void {
  if (elf.sectionNamed(section.name) === section) return;
  faults
    .add(FaultCode.ELF_BAD_SECTION, `the object has a second section ${section.text}`)
    .ofSection(section.text)
    .at(elf.headerOffset(section.index))
    .differs('one section of that name', `section ${section.index} as well`);
}

function parseBtf(elf: ElfObject, faults: Faults): LocalBtf | null {
  const section = elf.sectionCalled('.BTF');
  if (section === null || section.data == 0 || section.size == 0) {
    faults.add(FaultCode.BTF_MISSING, 'the object has no BTF, which struct_ops needs');
    return null;
  }
  // What it is was a fault already.
  if (section.type != SHT_PROGBITS) return null;
  return LocalBtf.parse(section.data, section.size, section.offset, faults);
}

function parseBtfExt(elf: ElfObject, local: LocalBtf, faults: Faults): BtfExt | null {
  const section = elf.sectionCalled('.BTF.ext');
  if (section === null || section.type != SHT_PROGBITS) return null;
  return BtfExt.parse(section.data, section.size, local.btf, section.offset, faults);
}

function versionOf(elf: ElfObject): u32 {
  const section = elf.sectionCalled('version');
  return section === null ? 0 : load<u32>(section.data);
}

function collectRelocations(
  elf: ElfObject,
  btf: LocalBtf,
  externs: Extern[],
  maps: ObjectMap[],
  /** False: some have a fault already, and what refers to those needs no other one. */
  allMaps: bool,
  programs: Program[],
  faults: Faults,
): void {
  // For tables by symbol.
  heapKeepRoom((<usize>elf.symbols.length) << 2);
  const index = new MapIndex(maps);
  const code = new CodeRelocationCollector(elf, externs, maps, allMaps, index, programs, faults);
  const members = new MemberProgramCollector(elf, btf, index, programs, faults);
  for (let i = 1; i < elf.sections.length; i++) {
    const section = elf.sections[i];
    switch (relocationRole(elf, section, faults)) {
      case SectionRole.CodeRelocations:
        code.collect(section);
        break;
      case SectionRole.MapsRelocations:
        collectMapSlots(elf, section, index, programs, faults);
        break;
      case SectionRole.StructOpsRelocations:
        members.collect(section);
        break;
    }
  }
  for (let i = 0; i < programs.length; i++) {
    programs[i].relocations.sort((a, b) => (a.insn < b.insn ? -1 : a.insn > b.insn ? 1 : 0));
  }
}
