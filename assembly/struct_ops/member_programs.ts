import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  kindOf,
  memberAt,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameText} from '../bytes/c_string';
import {ElfObject, ElfSection, ElfSymbol} from '../elf/elf_object';
import {RelocationReader} from '../elf/relocation';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import {programAt} from '../object/programs';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import * as elf from '../uapi/elf';

/** Which program each callback of the struct_ops variables names (`bpf_object__collect_st_ops_relos` of libbpf). */
export function collectMemberPrograms(
  object: ElfObject,
  relocations: ElfSection,
  local: LocalBtf,
  maps: ObjectMap[],
  programs: Program[],
  faults: Faults,
): void {
  const reader = new RelocationReader(object, relocations, faults);
  const section = reader.target;
  // Otherwise a variable that is not there has its fault already.
  const sound = !faults.any;
  for (let i: u32 = 0; i < reader.count; i++) {
    const symbol = reader.symbol(i);
    if (symbol === null) continue;
    const offset = <u32>reader.offset(i);
    const map = mapAt(maps, section, offset);
    if (map === null) {
      if (!sound) continue;
      faults
        .add(
          FaultCode.OBJ_BAD_VARIABLE,
          `the relocation at offset ${offset} of ${section.text} lies in no variable`,
        )
        .ofSection(section.text)
        .at(<u64>section.offset + offset);
      continue;
    }
    bind(map, offset - map.offset, symbol, local, programs, faults);
  }
}

function mapAt(maps: ObjectMap[], section: ElfSection, offset: u32): ObjectMap | null {
  for (let i = 0; i < maps.length; i++) {
    const map = maps[i];
    if (map.origin != MapOrigin.StructOps || map.section.index != section.index) continue;
    if (offset >= map.offset && offset - map.offset < map.structOps!.size) return map;
  }
  return null;
}

function bind(
  map: ObjectMap,
  offset: u32,
  symbol: ElfSymbol,
  local: LocalBtf,
  programs: Program[],
  faults: Faults,
): void {
  const variable = map.structOps!;
  const type = local.btf.record(variable.typeId);
  const index = memberAtBits(type, <u64>offset * 8);
  if (index < 0) {
    refuse(faults, map, '', `no member starts at offset ${offset} of ${map.text}`, offset);
    return;
  }
  const member = memberAt(type, index);
  const name = nameText(local.btf.nameAt(memberNameOffset(member)));
  if (!isFunctionPointer(local, memberType(member))) {
    refuse(
      faults,
      map,
      name,
      `member ${name} of ${map.text} is no function pointer but is set to an address`,
      offset,
    ).differs(
      'a pointer to a function',
      btf.kindName(kindOf(local.btf.record(memberType(member)))),
    );
    return;
  }
  if (symbol.section == elf.SHN_UNDEF || symbol.section >= elf.SHN_LORESERVE) {
    refuse(
      faults,
      map,
      name,
      `member ${name} of ${map.text} refers to ${symbol.text}, which is not defined`,
      offset,
    ).ofSymbol(symbol.text);
    return;
  }
  const insn = symbol.value / INSN_SIZE;
  const program = insn <= u32.MAX_VALUE ? programAt(programs, symbol.section, <u32>insn) : null;
  // Differs from libbpf, which takes an address inside of a program for its start.
  if (program === null || insn != program.start || symbol.value % INSN_SIZE != 0) {
    refuse(
      faults,
      map,
      name,
      `member ${name} of ${map.text} is not set to the start of a program`,
      offset,
    ).ofSymbol(symbol.text);
    return;
  }
  if (program.type != bpf.BPF_PROG_TYPE_STRUCT_OPS) {
    refuse(
      faults,
      map,
      name,
      `${program.text}, which ${map.text} uses as ${name}, is not in a struct_ops section`,
      offset,
    )
      .ofSymbol(program.text)
      .differs('struct_ops or struct_ops/…', program.section.text)
      .advise(`declare ${program.text} with SEC("struct_ops")`);
    return;
  }
  variable.programs[index] = program;
}

function refuse(
  faults: Faults,
  map: ObjectMap,
  member: string,
  message: string,
  offset: u32,
): Fault {
  const variable = map.structOps!;
  return faults
    .add(FaultCode.OBJ_BAD_CALLBACK, message)
    .ofSection(map.section.text)
    .ofMember(variable.structText, member)
    .at(<u64>variable.fileOffset + offset);
}

/** Index of the member that starts there, or -1: top-level members only, as in libbpf. */
function memberAtBits(type: usize, bits: u64): i32 {
  for (let i: u32 = 0; i < vlenOf(type); i++) {
    if (<u64>memberOffsetBits(type, memberAt(type, i)) == bits) return i;
  }
  return -1;
}

/** A pointer to a FUNC_PROTO, behind any modifiers. */
export function isFunctionPointer(local: LocalBtf, id: u32): bool {
  const pointer = local.btf.record(skipModsAndTypedefs(local.btf, id));
  if (kindOf(pointer) != btf.BTF_KIND_PTR) return false;
  const pointee = skipModsAndTypedefs(local.btf, typeOf(pointer));
  return kindOf(local.btf.record(pointee)) == btf.BTF_KIND_FUNC_PROTO;
}
