import {nameIs} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {ElfObject, ElfSection, ElfSymbol} from '../elf/elf_object';
import {RelocationReader} from '../elf/relocation';
import {roleOf, SectionRole} from '../elf/section_role';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE, immOf, isCall, isLdimm64, srcOf} from '../insn/bpf_insn';
import {BPF_MAP_TYPE_ARENA, BPF_PSEUDO_CALL} from '../uapi/bpf';
import * as elf from '../uapi/elf';
import {CodeRelocation, RelocationKind, TABLE_ENTRY_SIZE} from './code_relocation';
import {Extern, ExternKind} from './extern';
import {isExtern} from './externs';
import {MapIndex} from './map_index';
import {ObjectMap} from './object_map';
import {Program} from './program';
import {programAt} from './programs';

/** Of `.text`: static functions are named by the section (`sym_is_subprog` of libbpf). */
function isFunction(symbol: ElfSymbol): bool {
  return symbol.local
    ? symbol.type == elf.STT_SECTION
    : symbol.global && symbol.type == elf.STT_FUNC;
}

/** What the instructions of the code sections refer to (`bpf_object__collect_prog_relos` of libbpf). */
@final
export class CodeRelocationCollector {
  /** By symbol: number of its extern plus one. */
  private readonly externOfSymbol: Uint32Array;
  /** By section of code, by instruction: whether it has one already. A section may have many sections of relocations. */
  private readonly seen: StaticArray<Uint8Array | null>;
  /** Index of the map that is an arena, or -1: of several, which are a fault, the last. */
  private readonly arena: i32;

  constructor(
    private readonly object: ElfObject,
    private readonly externs: Extern[],
    maps: ObjectMap[],
    /** Whether no map is missing for a fault of its own. */
    private readonly allMaps: bool,
    private readonly mapIndex: MapIndex,
    private readonly programs: Program[],
    private readonly faults: Faults,
  ) {
    const externOfSymbol = new Uint32Array(object.symbols.length);
    for (let i = 0; i < externs.length; i++) externOfSymbol[externs[i].symbol] = i + 1;
    let arena = maps.length - 1;
    while (arena >= 0 && maps[arena].type != BPF_MAP_TYPE_ARENA) arena--;
    this.externOfSymbol = externOfSymbol;
    this.seen = new StaticArray<Uint8Array | null>(object.sections.length);
    this.arena = arena;
  }

  collect(relocations: ElfSection): void {
    const reader = new RelocationReader(this.object, relocations, this.faults);
    const section = reader.target;
    for (let i: u32 = 0; i < reader.count && !this.faults.full; i++) {
      heapKeepRoom();
      const symbol = reader.symbol(i);
      if (symbol === null) continue;
      const offset = <u32>reader.offset(i);
      if (symbol.section >= <u32>this.object.sections.length) {
        this.refuseSymbol(section, offset, symbol);
        continue;
      }
      if (offset % INSN_SIZE != 0) {
        this.refuse(
          FaultCode.ELF_BAD_RELOCATION,
          section,
          offset,
          symbol,
          'is not on an instruction',
        );
        continue;
      }
      // Weak functions that a linker has replaced leave relocations without code: skipped, as in libbpf.
      const program = programAt(this.programs, section.index, offset / INSN_SIZE);
      if (program === null) continue;
      const seen = this.seenIn(section);
      // Differs from libbpf: it applies both, and adds up what they add.
      if (seen[offset / INSN_SIZE] != 0) {
        const what = 'is the second one of its instruction';
        this.refuse(FaultCode.ELF_BAD_RELOCATION, section, offset, symbol, what);
        continue;
      }
      seen[offset / INSN_SIZE] = 1;
      const insn = offset / INSN_SIZE - program.start;
      const relocation = this.classify(program, insn, symbol, section, offset);
      if (relocation !== null) program.relocations.push(relocation);
    }
  }

  private seenIn(section: ElfSection): Uint8Array {
    const known = this.seen[section.index];
    if (known !== null) return known;
    heapKeepRoom(section.size / INSN_SIZE);
    const seen = new Uint8Array(section.size / INSN_SIZE);
    this.seen[section.index] = seen;
    return seen;
  }

  private classify(
    program: Program,
    index: u32,
    symbol: ElfSymbol,
    section: ElfSection,
    offset: u32,
  ): CodeRelocation | null {
    const insn = program.insns + index * INSN_SIZE;
    const call = isCall(insn);
    if (!call && !(isLdimm64(insn) && index + 1 < program.count)) {
      // Differs from libbpf: it writes the second half behind the function.
      const what = isLdimm64(insn)
        ? 'is on an instruction that the end of its function cuts'
        : 'is on an instruction that can take none';
      this.refuse(FaultCode.ELF_BAD_RELOCATION, section, offset, symbol, what);
      return null;
    }
    if (isExtern(symbol)) {
      const extern = this.externOfSymbol[symbol.index];
      // Without an extern there is a fault already.
      if (extern == 0) return null;
      // Differs from libbpf: it puts what it knows of a variable there as if it were the id of a function.
      if (call && this.externs[extern - 1].kind != ExternKind.Function) {
        const what = 'calls what is no function';
        this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what);
        return null;
      }
      const kind = call ? RelocationKind.ExternCall : RelocationKind.ExternLoad;
      return new CodeRelocation(kind, index, extern - 1, 0);
    }
    if (symbol.section == elf.SHN_UNDEF) {
      this.refuseSymbol(section, offset, symbol);
      return null;
    }
    const target = this.object.sections[symbol.section];
    if (symbol.value > u32.MAX_VALUE) {
      this.refuse(FaultCode.ELF_BAD_SYMBOL, section, offset, symbol, 'refers beyond a section');
      return null;
    }
    const value = <u32>symbol.value;
    const text = nameIs(target.name, '.text') && roleOf(target) == SectionRole.Code;
    if (call) {
      if (srcOf(insn) == BPF_PSEUDO_CALL && text && value % INSN_SIZE == 0) {
        return new CodeRelocation(RelocationKind.Call, index, 0, value);
      }
      const what = 'calls what is no function in .text';
      this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what).advise(
        'only functions without SEC() can be called',
      );
      return null;
    }
    if (text && isFunction(symbol)) {
      if (value % INSN_SIZE == 0 && <u32>immOf(insn) % INSN_SIZE == 0) {
        return new CodeRelocation(RelocationKind.SubprogramAddress, index, 0, value);
      }
      const what = 'takes the address of the middle of an instruction';
      this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what);
      return null;
    }
    return this.classifyData(index, symbol, target, section, offset);
  }

  private classifyData(
    index: u32,
    symbol: ElfSymbol,
    target: ElfSection,
    section: ElfSection,
    offset: u32,
  ): CodeRelocation | null {
    const value = <u32>symbol.value;
    switch (roleOf(target)) {
      case SectionRole.Arena:
        if (this.arena >= 0)
          return new CodeRelocation(RelocationKind.Data, index, this.arena, value);
        if (!this.allMaps) return null;
        break;
      case SectionRole.JumpTables: {
        const size = symbol.size;
        const fits = value <= target.size && size <= target.size - value && size > 0;
        if (fits && value % TABLE_ENTRY_SIZE == 0 && size % TABLE_ENTRY_SIZE == 0) {
          return new CodeRelocation(RelocationKind.JumpTable, index, <u32>size, value);
        }
        const what = `refers to ${size} bytes at ${value} of ${target.text}, which are no table`;
        this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what);
        return null;
      }
      case SectionRole.Maps:
      case SectionRole.Data:
      case SectionRole.Rodata:
      case SectionRole.Bss: {
        const isMap = roleOf(target) == SectionRole.Maps;
        const map = this.mapIndex.find(target.index, isMap ? value : 0);
        if (map !== null && (!isMap || map.offset == value)) {
          const kind = isMap ? RelocationKind.Map : RelocationKind.Data;
          return new CodeRelocation(kind, index, map.index, value);
        }
        if (!this.allMaps) return null;
        break;
      }
    }
    const what = `refers to section ${target.text}, which a program cannot refer to`;
    this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what);
    return null;
  }

  private refuseSymbol(section: ElfSection, offset: u32, symbol: ElfSymbol): void {
    const what = 'refers to a symbol in no section, such as a common variable';
    this.refuse(FaultCode.OBJ_BAD_REFERENCE, section, offset, symbol, what);
  }

  private refuse(
    code: FaultCode,
    section: ElfSection,
    offset: u32,
    symbol: ElfSymbol,
    what: string,
  ): Fault {
    return this.faults
      .add(code, `the relocation at offset ${offset} of ${section.text} ${what}`)
      .ofSection(section.text)
      .ofSymbol(symbol.text)
      .at(<u64>section.offset + offset);
  }
}
