import {secinfoAt, secinfoType, setVarLinkage, vlenOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameFrom} from '../bytes/c_string';
import {heapTake} from '../bytes/heap';
import {ElfSection} from '../elf/elf_object';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {KCONFIG_VALUES_SIZE_MAX} from '../limits';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import * as elf from '../uapi/elf';
import {dataMapName} from './data_maps';
import {Extern, ExternKind} from './extern';
import {MapOrigin, ObjectMap} from './object_map';

const SECTION = '.kconfig';
/** The file has no such section: no symbol is in it. */
const NO_INDEX: u32 = u32.MAX_VALUE;

/** Gives each `__kconfig` variable its place in the map that holds them; their order is that of the externs. */
export function placeKconfig(externs: Extern[], faults: Faults): void {
  let end: u32 = 0;
  for (let i = 0; i < externs.length; i++) {
    const extern = externs[i];
    if (extern.kind != ExternKind.Kconfig) continue;
    extern.kconfigOffset = (end + extern.align - 1) & ~(extern.align - 1);
    end = extern.kconfigOffset + extern.size;
    if (end <= KCONFIG_VALUES_SIZE_MAX) continue;
    faults
      .add(FaultCode.OBJ_TOO_LARGE, 'the __kconfig variables of the object are too large')
      .ofSection(SECTION)
      .differs(`${KCONFIG_VALUES_SIZE_MAX} bytes`, 'more');
    return;
  }
}

/** The variables become allocated ones at their places (`bpf_object__collect_externs` of libbpf). */
export function allocateKconfig(local: LocalBtf, externs: Extern[]): void {
  const record = local.btf.record(local.find(nameFrom(SECTION), btf.BTF_KIND_DATASEC));
  if (record == 0) return;
  const externOf = new StaticArray<Extern | null>(local.btf.endId);
  for (let i = 0; i < externs.length; i++) {
    if (externs[i].kind == ExternKind.Kconfig) externOf[externs[i].btfId] = externs[i];
  }
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    const entry = secinfoAt(record, i);
    const extern = externOf[secinfoType(entry)];
    if (extern === null) continue;
    setVarLinkage(local.btf.record(extern.btfId), btf.BTF_VAR_GLOBAL_ALLOCATED);
    store<u32>(entry, extern.kconfigOffset, 4);
  }
  store<u32>(record, kconfigSize(externs), 8);
}

function kconfigSize(externs: Extern[]): u32 {
  let size: u32 = 0;
  for (let i = 0; i < externs.length; i++) {
    if (externs[i].kind == ExternKind.Kconfig) size = externs[i].kconfigOffset + externs[i].size;
  }
  return size;
}

/** The map of them, whose value the kernel's configuration gives (`bpf_object__init_kconfig_map` of libbpf). */
export function collectKconfigMap(
  local: LocalBtf,
  externs: Extern[],
  objectName: usize,
  maps: ObjectMap[],
): void {
  const size = kconfigSize(externs);
  if (size == 0) return;
  const name = nameFrom(SECTION);
  const section = new ElfSection(NO_INDEX, name, elf.SHT_NOBITS, false, 0, size, 0, 0, 0, 0);
  const map = new ObjectMap(MapOrigin.Kconfig, name, dataMapName(objectName, name), section, 0);
  map.type = bpf.BPF_MAP_TYPE_ARRAY;
  map.keySize = 4;
  map.valueSize = size;
  map.maxEntries = 1;
  map.flags = bpf.BPF_F_RDONLY_PROG | bpf.BPF_F_MMAPABLE;
  map.btfValueTypeId = local.find(name, btf.BTF_KIND_DATASEC);
  map.data = heapTake(size);
  memory.fill(map.data, 0, size);
  maps.push(map);
}
