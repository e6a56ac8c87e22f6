import {ElfObject} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {PAGE_SIZE} from '../limits';
import {BPF_MAP_TYPE_ARENA} from '../uapi/bpf';
import {ObjectMap} from './object_map';

/** Gives the arena its global variables, those in `.addr_space.1` (`init_arena_map_data` of libbpf). */
export function collectArenaData(object: ElfObject, maps: ObjectMap[], faults: Faults): void {
  let arena: ObjectMap | null = null;
  for (let i = 0; i < maps.length && !faults.full; i++) {
    if (maps[i].type != BPF_MAP_TYPE_ARENA) continue;
    if (arena !== null) refuse(faults, maps[i], 'is a second arena; an object can have one');
    arena = maps[i];
  }
  for (let i = 1; i < object.sections.length && !faults.full; i++) {
    const section = object.sections[i];
    if (roleOf(section) != SectionRole.Arena) continue;
    if (arena === null) {
      faults
        .add(
          FaultCode.OBJ_BAD_MAP,
          'the object has variables in an arena but declares none in .maps',
        )
        .ofSection(section.text)
        .at(section.offset);
    } else {
      arena.data = section.data;
      arena.arenaDataSize = section.size;
    }
  }
  refuseSmallArena(maps, faults);
}

/** Whether the variables lie in their arena; again when it is known what `max_entries` was set to. */
export function refuseSmallArena(maps: ObjectMap[], faults: Faults): void {
  for (let i = 0; i < maps.length && !faults.full; i++) {
    const map = maps[i];
    if (map.arenaDataSize == 0 || map.arenaDataSize <= map.arenaSize) continue;
    refuse(faults, map, `is too small for its ${map.arenaDataSize} bytes of variables`);
  }
}

/** To the end of the arena, on kernels whose instructions can name every place in it. */
export function placeArenaDataLast(maps: ObjectMap[]): void {
  for (let i = 0; i < maps.length; i++) {
    const map = maps[i];
    if (map.arenaDataSize == 0) continue;
    const pages = (<u64>map.arenaDataSize + PAGE_SIZE - 1) / PAGE_SIZE;
    map.arenaDataOffset = map.arenaSize - pages * PAGE_SIZE;
  }
}

function refuse(faults: Faults, map: ObjectMap, what: string): void {
  faults
    .add(FaultCode.OBJ_BAD_MAP, `map ${map.text} ${what}`)
    .ofSection(map.section.text)
    .ofSymbol(map.text);
}
