import {BtfExt} from '../btf/btf_ext';
import {ByteWriter} from '../bytes/byte_writer';
import {nameIs} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {
  dstOf,
  INSN_SIZE,
  immOf,
  isCall,
  isLdimm64,
  offOf,
  setImm,
  setSrc,
  srcOf,
} from '../insn/bpf_insn';
import {FRAME_SIZE_MAX, PROGRAM_INSNS_MAX, STEPS_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {CodeRelocation, RelocationKind} from '../object/code_relocation';
import {Program} from '../object/program';
import {programAt} from '../object/programs';
import {BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC} from '../uapi/bpf';
import {DebugInfo} from './debug_info';
import {JumpTableRelocator} from './jump_tables';
import {KfuncModules} from './kfunc_modules';
import {LinkedProgram} from './linked_program';
import {ReferenceRelocator} from './reference_relocator';

/** No `.text`: no section has this index. */
const NO_SECTION: u32 = u32.MAX_VALUE;

/** A function of the program being linked, whose instructions are being read. */
@final
class Frame {
  insn: u32 = 0;
  relocation: i32 = 0;

  constructor(
    readonly program: Program,
    /** Where it lies in the linked program, in instructions. */
    readonly position: u32,
  ) {}

  /** The relocation of the current instruction, or null. */
  takeRelocation(): CodeRelocation | null {
    const list = this.program.relocations;
    while (this.relocation < list.length && list[this.relocation].insn < this.insn)
      this.relocation++;
    if (this.relocation == list.length || list[this.relocation].insn != this.insn) return null;
    return list[this.relocation];
  }
}

/**
 * Puts the functions that a program calls behind it, depth first in the order of their first use, and relocates what
 * instructions refer to (`bpf_object__relocate` of libbpf). Every program gets its own copy.
 */
@final
export class ProgramLinker {
  private readonly text: u32;
  private funcInfo: DebugInfo | null = null;
  private lineInfo: DebugInfo | null = null;
  /** What the program at hand is put together in: how large it gets is known in the end. */
  private readonly insns: ByteWriter = new ByteWriter();
  private readonly funcInfoBytes: ByteWriter = new ByteWriter();
  private readonly lineInfoBytes: ByteWriter = new ByteWriter();
  private readonly references: ReferenceRelocator;
  private readonly jumpTables: JumpTableRelocator;
  /** Bytes of all programs and of their debug info so far: calls can multiply what the file has once. */
  private total: u64 = 0;

  constructor(
    private readonly object: BpfObject,
    modules: KfuncModules,
    private readonly faults: Faults,
  ) {
    this.text = textSection(object.elf.sections);
    this.jumpTables = new JumpTableRelocator(object.elf.sections);
    this.references = new ReferenceRelocator(object.maps, object.externs, modules);
    const ext: BtfExt | null = object.ext;
    if (ext !== null) {
      const elf = object.elf;
      this.funcInfo = new DebugInfo(elf, ext.funcInfo, ext.funcInfoSize, 'func_info', faults);
      this.lineInfo = new DebugInfo(elf, ext.lineInfo, ext.lineInfoSize, 'line_info', faults);
    }
  }

  /** Null when there is a fault. */
  link(program: Program): LinkedProgram | null {
    heapKeepRoom();
    this.insns.clear();
    this.funcInfoBytes.clear();
    this.lineInfoBytes.clear();
    const linked = new LinkedProgram(program, this.insns, this.funcInfoBytes, this.lineInfoBytes);
    const frames: Frame[] = [];
    const used: Program[] = [];
    let good = this.append(linked, program, frames, used) && this.follow(linked, frames, used);
    const callback = program.exceptionCallback;
    if (good && callback !== null && callback.linkedAt == 0) {
      good = this.append(linked, callback, frames, used) && this.follow(linked, frames, used);
    }
    for (let i = 0; i < used.length; i++) used[i].linkedAt = 0;
    if (!good) return null;
    linked.settle();
    return linked;
  }

  /** Reads the instructions of the functions that wait, and of those that they call. */
  private follow(linked: LinkedProgram, frames: Frame[], used: Program[]): bool {
    while (frames.length > 0) {
      const frame = frames[frames.length - 1];
      if (frame.insn == frame.program.count) {
        frames.pop();
      } else {
        if (!this.step(linked, frame, frames, used)) return false;
        frame.insn++;
      }
    }
    return true;
  }

  private append(linked: LinkedProgram, program: Program, frames: Frame[], used: Program[]): bool {
    const position = linked.count;
    this.total += program.count * INSN_SIZE;
    if (position + program.count > PROGRAM_INSNS_MAX || this.total > FRAME_SIZE_MAX) {
      this.faults
        .add(
          FaultCode.OBJ_TOO_LARGE,
          `program ${linked.program.text} is too large with the functions that it calls`,
        )
        .ofSymbol(linked.program.text)
        .differs(
          `at most ${PROGRAM_INSNS_MAX} instructions, and ${FRAME_SIZE_MAX} bytes for all programs`,
          `more with ${program.text}`,
        );
      return false;
    }
    linked.insns.bytes(program.insns, program.count * INSN_SIZE);
    program.linkedAt = position + 1;
    linked.functions.push(program);
    linked.positions.push(position);
    used.push(program);
    frames.push(new Frame(program, position));
    return this.appendDebugInfo(linked, program, position);
  }

  /** Without records of its own a program has none at all; a function that it calls must have them if it has. */
  private appendDebugInfo(linked: LinkedProgram, program: Program, position: u32): bool {
    const funcInfo = this.funcInfo;
    if (funcInfo !== null && (position == 0 || linked.funcInfoCount > 0)) {
      const count = funcInfo.append(program, position, linked.funcInfo);
      if (count == 0 && position > 0) return this.refuseDebugInfo(linked, program, 'func_info');
      linked.funcInfoCount += count;
      this.total += count * funcInfo.recordSize;
    }
    const lineInfo = this.lineInfo;
    if (lineInfo !== null && (position == 0 || linked.lineInfoCount > 0)) {
      const count = lineInfo.append(program, position, linked.lineInfo);
      if (count == 0 && position > 0) return this.refuseDebugInfo(linked, program, 'line_info');
      linked.lineInfoCount += count;
      this.total += count * lineInfo.recordSize;
    }
    return true;
  }

  private step(linked: LinkedProgram, frame: Frame, frames: Frame[], used: Program[]): bool {
    const position = frame.position + frame.insn;
    const insn = linked.at(position);
    const program = frame.program;
    const relocation = frame.takeRelocation();
    let callee: i64 = 0;
    if (relocation === null) {
      if (isLdimm64(insn) && srcOf(insn) == BPF_PSEUDO_FUNC) {
        this.refuse(frame, 'takes the address of a function without a relocation');
        return false;
      }
      if (!isSubprogramCall(insn)) return true;
      callee = <i64>program.start + frame.insn + immOf(insn) + 1;
    } else if (relocation.kind == RelocationKind.Call) {
      if (!isSubprogramCall(insn)) return true;
      callee = <i64>(relocation.value / INSN_SIZE) + immOf(insn) + 1;
    } else if (relocation.kind == RelocationKind.SubprogramAddress) {
      setSrc(insn, BPF_PSEUDO_FUNC);
      callee = (<i64>relocation.value + immOf(insn)) / INSN_SIZE;
    } else if (relocation.kind == RelocationKind.JumpTable) {
      if (this.jumpTables.relocate(linked, position, relocation, program, frame.position))
        return true;
      if (this.jumpTables.full) this.refuseTables(linked.program);
      else this.refuse(frame, 'jumps through a table that leads out of its function');
      return false;
    } else {
      this.references.relocate(linked, position, relocation);
      return true;
    }
    const subprogram = programAt(this.object.programs, this.text, <u32>callee);
    if (subprogram === null || <i64>subprogram.start != callee) {
      this.refuse(frame, 'refers to what is not the start of a function in .text');
      return false;
    }
    if (subprogram.linkedAt == 0 && !this.append(linked, subprogram, frames, used)) return false;
    // The code may have moved.
    setImm(linked.at(position), <i32>(subprogram.linkedAt - 1) - <i32>position - 1);
    return true;
  }

  private refuse(frame: Frame, what: string): Fault {
    const program = frame.program;
    const at = (program.start + frame.insn) * INSN_SIZE;
    return this.faults
      .add(FaultCode.OBJ_BAD_REFERENCE, `instruction ${frame.insn} of ${program.text} ${what}`)
      .ofSection(program.section.text)
      .ofSymbol(program.text)
      .at(<u64>program.section.offset + at);
  }

  private refuseTables(program: Program): void {
    this.faults
      .add(
        FaultCode.OBJ_TOO_LARGE,
        'the jump tables of the programs have too many entries together',
      )
      .ofSymbol(program.text)
      .differs(`fewer than ${STEPS_MAX} entries`, `more with ${program.text}`);
  }

  private refuseDebugInfo(linked: LinkedProgram, program: Program, what: string): bool {
    this.faults
      .add(
        FaultCode.OBJ_NO_DEBUG_INFO,
        `function ${program.text} has no ${what}, but ${linked.program.text}, which calls it, has`,
      )
      .ofSection(program.section.text)
      .ofSymbol(program.text);
    return false;
  }
}

function textSection(sections: ElfSection[]): u32 {
  for (let i = 1; i < sections.length; i++) {
    if (nameIs(sections[i].name, '.text') && roleOf(sections[i]) == SectionRole.Code) return i;
  }
  return NO_SECTION;
}

function isSubprogramCall(insn: usize): bool {
  return isCall(insn) && srcOf(insn) == BPF_PSEUDO_CALL && dstOf(insn) == 0 && offOf(insn) == 0;
}
