import {ByteWriter} from '../bytes/byte_writer';
import {INSN_SIZE, setImm, setSrc} from '../insn/bpf_insn';
import {CodeRelocation, RelocationKind} from '../object/code_relocation';
import {BPF_PSEUDO_FUNC} from '../uapi/bpf';
import {DebugInfo} from './debug_info';
import {JumpTableRelocator} from './jump_tables';
import {LinkedProgram} from './linked_program';
import {ReferenceRelocator} from './reference_relocator';
import {referencesOf} from './references';

/** Writes linked programs: the bytes of their functions, and in them what they refer to. */
@final
export class ProgramWriter {
  constructor(
    private readonly references: ReferenceRelocator,
    private readonly funcInfo: DebugInfo | null,
    private readonly lineInfo: DebugInfo | null,
  ) {}

  /** As many as `count` of the program says. */
  insns(linked: LinkedProgram, to: ByteWriter): void {
    const functions = linked.functions;
    let position: u32 = 0;
    for (let i = 0; i < functions.length; i++) {
      functions[i].linkedAt = position + 1;
      position += functions[i].count;
    }
    position = 0;
    for (let i = 0; i < functions.length; i++) {
      const program = functions[i];
      const from = to.size;
      to.bytes(program.insns, program.count * INSN_SIZE);
      const references = referencesOf(program);
      for (let j = 0; j < references.length; j++) {
        const insn = references[j].insn;
        this.refer(to.pointer + from + insn * INSN_SIZE, position + insn, references[j]);
      }
      position += program.count;
    }
    for (let i = 0; i < functions.length; i++) functions[i].linkedAt = 0;
  }

  private refer(insn: usize, position: u32, reference: CodeRelocation): void {
    switch (reference.kind) {
      case RelocationKind.Call:
      case RelocationKind.SubprogramAddress: {
        const callee = reference.callee;
        // What has a relocation of a call and is none stays what it is.
        if (callee === null) return;
        if (reference.kind == RelocationKind.SubprogramAddress) setSrc(insn, BPF_PSEUDO_FUNC);
        setImm(insn, <i32>(callee.linkedAt - 1) - <i32>position - 1);
        break;
      }
      case RelocationKind.JumpTable:
        JumpTableRelocator.write(insn);
        break;
      default:
        this.references.write(insn, reference);
    }
  }

  funcInfoOf(linked: LinkedProgram, to: ByteWriter): void {
    const own = linked.funcInfo;
    if (own !== null) to.bytes(own.pointer, own.size);
    else if (linked.funcInfoCount > 0) writeInfo(this.funcInfo!, linked, to);
  }

  lineInfoOf(linked: LinkedProgram, to: ByteWriter): void {
    if (linked.lineInfoCount > 0) writeInfo(this.lineInfo!, linked, to);
  }
}

function writeInfo(info: DebugInfo, linked: LinkedProgram, to: ByteWriter): void {
  let position: u32 = 0;
  for (let i = 0; i < linked.functions.length; i++) {
    const program = linked.functions[i];
    info.write(program, position, to);
    position += program.count;
  }
}
