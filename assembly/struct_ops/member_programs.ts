import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {kindOf, memberAt, memberNameOffset, memberType, typeOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameText} from '../bytes/c_string';
import {ElfObject, ElfSection, ElfSymbol} from '../elf/elf_object';
import {RelocationReader} from '../elf/relocation';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import {MapIndex} from '../object/map_index';
import {ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import {programAt} from '../object/programs';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import * as elf from '../uapi/elf';
import {MemberOffsets} from './member_offsets';

/** Which program each callback of the struct_ops variables names (`bpf_object__collect_st_ops_relos` of libbpf). */
@final
export class MemberProgramCollector {
  /** By type id. */
  private readonly offsets: Map<u32, MemberOffsets> = new Map<u32, MemberOffsets>();
  // A variable that is not there has its fault already.
  private readonly sound: bool;

  constructor(
    private readonly object: ElfObject,
    private readonly local: LocalBtf,
    private readonly maps: MapIndex,
    private readonly programs: Program[],
    private readonly faults: Faults,
  ) {
    this.sound = !faults.any;
  }

  collect(relocations: ElfSection): void {
    const reader = new RelocationReader(this.object, relocations, this.faults);
    const section = reader.target;
    for (let i: u32 = 0; i < reader.count && !this.faults.full; i++) {
      const symbol = reader.symbol(i);
      if (symbol === null) continue;
      const offset = <u32>reader.offset(i);
      const map = this.maps.find(section.index, offset);
      if (map !== null && offset - map.offset < map.structOps!.size) {
        this.bind(map, offset - map.offset, symbol);
      } else if (this.sound) {
        this.faults
          .add(
            FaultCode.OBJ_BAD_VARIABLE,
            `the relocation at offset ${offset} of ${section.text} lies in no variable`,
          )
          .ofSection(section.text)
          .at(<u64>section.offset + offset);
      }
    }
  }

  private bind(map: ObjectMap, offset: u32, symbol: ElfSymbol): void {
    const variable = map.structOps!;
    const local = this.local;
    const type = local.btf.record(variable.typeId);
    const index = this.offsetsOf(variable.typeId).find(<u64>offset * 8);
    if (index < 0) {
      this.refuse(map, offset, '', `no member starts at offset ${offset} of ${map.text}`);
      return;
    }
    const member = memberAt(type, index);
    const name = local.btf.nameAt(memberNameOffset(member));
    if (!isFunctionPointer(local, memberType(member))) {
      const found = btf.kindName(kindOf(local.btf.record(memberType(member))));
      this.refuseMember(
        map,
        offset,
        name,
        'is no function pointer but is set to an address',
      ).differs('a pointer to a function', found);
      return;
    }
    if (symbol.section == elf.SHN_UNDEF || symbol.section >= elf.SHN_LORESERVE) {
      const what = `refers to ${symbol.text}, which is not defined`;
      this.refuseMember(map, offset, name, what).ofSymbol(symbol.text);
      return;
    }
    const insn = symbol.value / INSN_SIZE;
    const program =
      insn <= u32.MAX_VALUE ? programAt(this.programs, symbol.section, <u32>insn) : null;
    // Differs from libbpf, which takes an address inside of a program for its start.
    if (program === null || insn != program.start || symbol.value % INSN_SIZE != 0) {
      const what = 'is not set to the start of a program';
      this.refuseMember(map, offset, name, what).ofSymbol(symbol.text);
      return;
    }
    if (program.type != bpf.BPF_PROG_TYPE_STRUCT_OPS) {
      const member = nameText(name);
      const what = `${program.text}, which ${map.text} uses as ${member}, is not in a struct_ops section`;
      this.refuse(map, offset, member, what)
        .ofSymbol(program.text)
        .differs('struct_ops or struct_ops/…', program.section.text)
        .advise(`declare ${program.text} with SEC("struct_ops")`);
      return;
    }
    variable.programs[index] = program;
  }

  private offsetsOf(typeId: u32): MemberOffsets {
    if (!this.offsets.has(typeId)) {
      this.offsets.set(typeId, new MemberOffsets(this.local.btf.record(typeId)));
    }
    return this.offsets.get(typeId);
  }

  private refuseMember(map: ObjectMap, offset: u32, name: usize, what: string): Fault {
    const member = nameText(name);
    return this.refuse(map, offset, member, `member ${member} of ${map.text} ${what}`);
  }

  /** `offset` counts from the start of the variable. */
  private refuse(map: ObjectMap, offset: u32, member: string, message: string): Fault {
    const variable = map.structOps!;
    return this.faults
      .add(FaultCode.OBJ_BAD_CALLBACK, message)
      .ofSection(map.section.text)
      .ofMember(variable.structText, member)
      .at(<u64>variable.fileOffset + offset);
  }
}

/** A pointer to a FUNC_PROTO, behind any modifiers. */
export function isFunctionPointer(local: LocalBtf, id: u32): bool {
  const pointer = local.btf.record(skipModsAndTypedefs(local.btf, id));
  if (kindOf(pointer) != btf.BTF_KIND_PTR) return false;
  const pointee = skipModsAndTypedefs(local.btf, typeOf(pointer));
  return kindOf(local.btf.record(pointee)) == btf.BTF_KIND_FUNC_PROTO;
}
