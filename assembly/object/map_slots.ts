import {nameText} from '../bytes/c_string';
import {ElfObject, ElfSection, ElfSymbol} from '../elf/elf_object';
import {RelocationReader} from '../elf/relocation';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import * as bpf from '../uapi/bpf';
import {MapIndex} from './map_index';
import {MapSlot, ObjectMap} from './object_map';
import {Program} from './program';
import {programAt} from './programs';

/** Bytes of a pointer in the `values` of a definition. */
const POINTER_SIZE: u32 = 8;

/** What `values` of maps are set to: maps or programs of the object (`bpf_object__collect_map_relos` of libbpf). */
export function collectMapSlots(
  object: ElfObject,
  relocations: ElfSection,
  maps: MapIndex,
  programs: Program[],
  faults: Faults,
): void {
  const reader = new RelocationReader(object, relocations, faults);
  for (let i: u32 = 0; i < reader.count && !faults.full; i++) {
    const symbol = reader.symbol(i);
    if (symbol === null) continue;
    const offset = <u32>reader.offset(i);
    const map = maps.find(reader.target.index, offset);
    // The section may be one without bytes, which has any size.
    const first: u64 = map === null ? 0 : <u64>map.offset + map.valuesOffset;
    const end: u64 = map === null ? 0 : <u64>map.offset + map.definitionSize;
    if (
      map === null ||
      map.valuesOffset == 0 ||
      offset < first ||
      <u64>offset + POINTER_SIZE > end ||
      (offset - first) % POINTER_SIZE != 0
    ) {
      refuse(
        faults,
        reader.target,
        offset,
        `the relocation at offset ${offset} of .maps is no value of a map`,
      );
      continue;
    }
    const index = <u32>((offset - first) / POINTER_SIZE);
    if (map.holdsMaps) holdMap(map, index, symbol, reader.target, offset, maps, faults);
    else holdProgram(map, index, symbol, reader.target, offset, programs, faults);
  }
}

function holdMap(
  map: ObjectMap,
  index: u32,
  symbol: ElfSymbol,
  section: ElfSection,
  offset: u32,
  maps: MapIndex,
  faults: Faults,
): void {
  const held =
    symbol.section == section.index && symbol.value < section.size
      ? maps.find(section.index, <u32>symbol.value)
      : null;
  if (held !== null && <u64>held.offset == symbol.value) {
    if (map.type == bpf.BPF_MAP_TYPE_HASH_OF_MAPS && map.keySize != 4) {
      refuse(
        faults,
        section,
        offset,
        `map ${map.text} has first values, so its keys must have 4 bytes`,
      ).ofSymbol(map.text);
      return;
    }
    map.slots.push(new MapSlot(index, held, null));
    return;
  }
  refuse(faults, section, offset, `value ${index} of map ${map.text} is no map in .maps`).ofSymbol(
    symbol.text,
  );
}

function holdProgram(
  map: ObjectMap,
  index: u32,
  symbol: ElfSymbol,
  section: ElfSection,
  offset: u32,
  programs: Program[],
  faults: Faults,
): void {
  const program = programAt(programs, symbol.section, <u32>(symbol.value / INSN_SIZE));
  if (
    map.type == bpf.BPF_MAP_TYPE_PROG_ARRAY &&
    program !== null &&
    !program.subprogram &&
    <u64>program.start * INSN_SIZE == symbol.value
  ) {
    map.slots.push(new MapSlot(index, null, program));
    return;
  }
  refuse(
    faults,
    section,
    offset,
    `value ${index} of map ${map.text} is no program of the object`,
  ).ofSymbol(nameText(symbol.name));
}

function refuse(faults: Faults, section: ElfSection, offset: u32, message: string): Fault {
  return faults
    .add(FaultCode.OBJ_BAD_MAP, message)
    .ofSection('.maps')
    .at(<u64>section.offset + offset);
}
