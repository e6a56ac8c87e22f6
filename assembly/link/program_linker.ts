import {BtfExt} from '../btf/btf_ext';
import {nameIs} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {ElfSection} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE, immOf, isSubprogramCall} from '../insn/bpf_insn';
import {LINKED_SIZE_MAX, PROGRAM_INSNS_MAX, STEPS_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {CodeRelocation, RelocationKind} from '../object/code_relocation';
import {Program} from '../object/program';
import {programAt} from '../object/programs';
import {DebugInfo} from './debug_info';
import {JumpTableRelocator} from './jump_tables';
import {KfuncModules} from './kfunc_modules';
import {LinkedProgram} from './linked_program';
import {ProgramWriter} from './program_writer';
import {ReferenceRelocator} from './reference_relocator';
import {referencesOf} from './references';

/** No `.text`: no section has this index. */
const NO_SECTION: u32 = u32.MAX_VALUE;

/** A function of the program being linked, whose references are being followed. */
@final
class Frame {
  /** Where it lies in the linked program, in instructions. */
  position: u32 = 0;
  references: CodeRelocation[] = [];
  /** Of those: the one that is next. */
  next: i32 = 0;

  constructor(public program: Program) {}
}

/**
 * Puts the functions that a program calls behind it, depth first in the order of their first use, and finds out what
 * instructions refer to (`bpf_object__relocate` of libbpf). Every program gets its own copy.
 */
@final
export class ProgramLinker {
  readonly writer: ProgramWriter;
  private readonly text: u32;
  private readonly funcInfo: DebugInfo | null;
  private readonly lineInfo: DebugInfo | null;
  private readonly references: ReferenceRelocator;
  private readonly jumpTables: JumpTableRelocator;
  /** Used again for each program: its functions, and those of them that wait. */
  private readonly functions: Program[] = [];
  private readonly frames: Frame[] = [];
  private depth: i32 = 0;
  /** Bytes of all programs and of their debug info so far: calls can multiply what the file has once. */
  private total: u64 = 0;

  constructor(
    private readonly object: BpfObject,
    modules: KfuncModules,
    private readonly faults: Faults,
  ) {
    this.text = textSection(object.elf.sections);
    this.jumpTables = new JumpTableRelocator(object.elf.sections);
    const references = new ReferenceRelocator(object.maps, object.externs, modules);
    const ext: BtfExt | null = object.ext;
    let funcInfo: DebugInfo | null = null;
    let lineInfo: DebugInfo | null = null;
    if (ext !== null) {
      const elf = object.elf;
      const count = object.programs.length;
      funcInfo = new DebugInfo(elf, count, ext.funcInfo, ext.funcInfoSize, 'func_info', faults);
      lineInfo = new DebugInfo(elf, count, ext.lineInfo, ext.lineInfoSize, 'line_info', faults);
    }
    this.references = references;
    this.funcInfo = funcInfo;
    this.lineInfo = lineInfo;
    this.writer = new ProgramWriter(references, funcInfo, lineInfo);
  }

  /** Null when there is a fault. */
  link(program: Program): LinkedProgram | null {
    heapKeepRoom();
    const linked = new LinkedProgram(program);
    const functions = this.functions;
    functions.length = 0;
    this.depth = 0;
    let good = this.append(linked, program) && this.follow(linked);
    const callback = program.exceptionCallback;
    if (good && callback !== null && callback.linkedAt == 0) {
      good = this.append(linked, callback) && this.follow(linked);
    }
    for (let i = 0; i < functions.length; i++) functions[i].linkedAt = 0;
    if (!good) return null;
    linked.functions = functions.slice();
    return linked;
  }

  /** Reads the references of the functions that wait, and of those that they call. */
  private follow(linked: LinkedProgram): bool {
    while (this.depth > 0) {
      const frame = this.frames[this.depth - 1];
      if (frame.next == frame.references.length) this.depth--;
      else if (!this.step(linked, frame, frame.references[frame.next++])) return false;
    }
    return true;
  }

  private append(linked: LinkedProgram, program: Program): bool {
    const position = linked.count;
    this.total += program.count * INSN_SIZE;
    if (position + program.count > PROGRAM_INSNS_MAX || this.total > LINKED_SIZE_MAX) {
      this.faults
        .add(
          FaultCode.OBJ_TOO_LARGE,
          `program ${linked.program.text} is too large with the functions that it calls`,
        )
        .ofSymbol(linked.program.text)
        .differs(
          `at most ${PROGRAM_INSNS_MAX} instructions, and ${LINKED_SIZE_MAX} bytes for all programs`,
          `more with ${program.text}`,
        );
      return false;
    }
    linked.count += program.count;
    program.linkedAt = position + 1;
    this.functions.push(program);
    if (this.depth == this.frames.length) this.frames.push(new Frame(program));
    const frame = this.frames[this.depth++];
    frame.program = program;
    frame.position = position;
    frame.references = referencesOf(program);
    frame.next = 0;
    return this.appendDebugInfo(linked, program, position);
  }

  /** Without records of its own a program has none at all; a function that it calls must have them if it has. */
  private appendDebugInfo(linked: LinkedProgram, program: Program, position: u32): bool {
    const funcInfo = this.funcInfo;
    if (funcInfo !== null && (position == 0 || linked.funcInfoCount > 0)) {
      const count = funcInfo.count(program);
      if (count == 0 && position > 0) return this.refuseDebugInfo(linked, program, 'func_info');
      linked.funcInfoCount += count;
      this.total += count * funcInfo.recordSize;
    }
    const lineInfo = this.lineInfo;
    if (lineInfo !== null && (position == 0 || linked.lineInfoCount > 0)) {
      const count = lineInfo.count(program);
      if (count == 0 && position > 0) return this.refuseDebugInfo(linked, program, 'line_info');
      linked.lineInfoCount += count;
      this.total += count * lineInfo.recordSize;
    }
    return true;
  }

  private step(linked: LinkedProgram, frame: Frame, reference: CodeRelocation): bool {
    const program = frame.program;
    const position = frame.position + reference.insn;
    switch (reference.kind) {
      case RelocationKind.Call:
      case RelocationKind.SubprogramAddress:
        return this.call(linked, frame, reference);
      case RelocationKind.UnknownAddress:
        this.refuse(frame, reference, 'takes the address of a function without a relocation');
        return false;
      case RelocationKind.JumpTable:
        if (this.jumpTables.collect(linked, position, reference, program, frame.position))
          return true;
        if (this.jumpTables.full) this.refuseTables(linked.program);
        else this.refuse(frame, reference, 'jumps through a table that leads out of its function');
        return false;
      default:
        this.references.patch(linked, position, reference);
        return true;
    }
  }

  private call(linked: LinkedProgram, frame: Frame, reference: CodeRelocation): bool {
    let callee = reference.callee;
    if (callee === null) {
      const insn = frame.program.insns + reference.insn * INSN_SIZE;
      const isCall = reference.kind == RelocationKind.Call;
      if (isCall && !isSubprogramCall(insn)) return true;
      const place = isCall
        ? <i64>(reference.value / INSN_SIZE) + immOf(insn) + 1
        : (<i64>reference.value + immOf(insn)) / INSN_SIZE;
      callee = programAt(this.object.programs, this.text, <u32>place);
      if (callee === null || <i64>callee.start != place) {
        this.refuse(frame, reference, 'refers to what is not the start of a function in .text');
        return false;
      }
      reference.callee = callee;
    }
    return callee.linkedAt != 0 || this.append(linked, callee);
  }

  private refuse(frame: Frame, reference: CodeRelocation, what: string): Fault {
    const program = frame.program;
    const insn = reference.insn;
    const at = (program.start + insn) * INSN_SIZE;
    return this.faults
      .add(FaultCode.OBJ_BAD_REFERENCE, `instruction ${insn} of ${program.text} ${what}`)
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
