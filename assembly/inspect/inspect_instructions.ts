import {WorkBudget} from '../btf/work_budget';
import {ByteWriter} from '../bytes/byte_writer';
import {CoreRelocation} from '../core_relo/core_relocation';
import {CoreRelocations} from '../core_relo/core_relocations';
import {CoreSpec} from '../core_relo/core_spec';
import {AccessParser} from '../core_relo/parse_access';
import {isKnownKind, relocationKindText} from '../core_relo/relocation_kind';
import {specText} from '../core_relo/relocation_text';
import {Faults} from '../fault/faults';
import {INSN_SIZE, immOf, isLdimm64} from '../insn/bpf_insn';
import {InsnText} from '../insn/insn_text';
import {JsonWriter} from '../json/json_writer';
import {WantedNames} from '../kernel/wanted_names';
import {CORE_STEPS_MAX} from '../limits';
import {KfuncModules} from '../link/kfunc_modules';
import {ProgramLinker} from '../link/program_linker';
import {BpfObject, openObject} from '../object/bpf_object';
import {CodeRelocation, RelocationKind, TABLE_ENTRY_SIZE} from '../object/code_relocation';
import {Program} from '../object/program';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/**
 * Writes `structops.object_instructions/1` (docs/embedding.md): the object's functions as they are in the file, with what
 * their instructions refer to, and which of them lie where in each program that is loaded. False when there is a fault;
 * what is in `out` then means nothing. `fileName` ends in NUL.
 */
export function inspectInstructions(
  file: usize,
  size: u32,
  fileName: usize,
  out: ByteWriter,
  faults: Faults,
): bool {
  const object = openObject(file, size, fileName, faults);
  if (object === null || faults.any) return false;
  const relocations = new CoreRelocations(object, faults);
  relocations.want(new WantedNames());
  if (faults.any) return false;
  const limit = new OutputLimit(out, size, faults);
  new InstructionInspection(object, relocations.list, out, limit, faults).write();
  return !faults.any;
}

@final
class InstructionInspection {
  private readonly json: JsonWriter;
  /** The text of one instruction. */
  private readonly line: ByteWriter;
  private readonly text: InsnText;
  private readonly parser: AccessParser;
  private readonly spec: CoreSpec;
  /** By the index of the program. */
  private readonly relocations: StaticArray<CoreRelocation[]>;

  constructor(
    private readonly object: BpfObject,
    relocations: CoreRelocation[],
    out: ByteWriter,
    private readonly limit: OutputLimit,
    private readonly faults: Faults,
  ) {
    const btf = object.btf.btf;
    const line = new ByteWriter();
    this.json = new JsonWriter(out);
    this.line = line;
    this.text = new InsnText(line);
    this.parser = new AccessParser(btf, new WorkBudget(CORE_STEPS_MAX));
    this.spec = new CoreSpec(btf);
    const byProgram = new StaticArray<CoreRelocation[]>(object.programs.length);
    for (let i = 0; i < byProgram.length; i++) byProgram[i] = [];
    for (let i = 0; i < relocations.length; i++) {
      byProgram[relocations[i].program.index].push(relocations[i]);
    }
    this.relocations = byProgram;
  }

  write(): void {
    const json = this.json;
    const programs = this.object.programs;
    json.beginObject();
    json.key('schema');
    json.text('structops.object_instructions/1');
    json.key('functions');
    json.beginArray();
    for (let i = 0; i < programs.length && this.limit.allows(programs[i].name); i++) {
      this.writeFunction(programs[i]);
    }
    json.endArray();
    json.key('programs');
    this.writePrograms();
    json.endObject();
    json.endLine();
  }

  private writeFunction(program: Program): void {
    const json = this.json;
    json.beginObject();
    json.key('name');
    writeName(json, program.name);
    json.key('instructions');
    json.beginArray();
    for (let i: u32 = 0; i < program.count && this.limit.allows(program.name); i++) {
      const insn = program.insns + i * INSN_SIZE;
      const isWide = isLdimm64(insn);
      this.line.clear();
      if (isWide && i + 1 == program.count) this.text.unknown(insn);
      else this.text.write(insn);
      json.bytesText(this.line.pointer, this.line.size);
      if (!isWide || i + 1 == program.count) continue;
      // Its second half, so that the place in the list is the number of the instruction.
      i++;
      json.text('');
    }
    json.endArray();
    json.key('relocations');
    json.beginArray();
    const references = program.relocations;
    for (let i = 0; i < references.length && this.limit.allows(program.name); i++) {
      this.writeRelocation(references[i].insn, this.referenceText(program, references[i]));
    }
    const ofCore = this.relocations[program.index];
    for (let i = 0; i < ofCore.length && this.limit.allows(program.name); i++) {
      this.writeRelocation(ofCore[i].insn, this.coreText(ofCore[i]));
    }
    json.endArray();
    json.endObject();
  }

  private writeRelocation(insn: u32, text: string): void {
    const json = this.json;
    json.beginObject();
    json.key('insn');
    json.number(insn);
    json.key('text');
    json.text(text);
    json.endObject();
  }

  private referenceText(program: Program, relocation: CodeRelocation): string {
    const target = relocation.target;
    switch (relocation.kind) {
      case RelocationKind.Map:
        return `map ${this.object.maps[target].text}`;
      case RelocationKind.Data: {
        const offset = relocation.value + immOf(program.insns + relocation.insn * INSN_SIZE);
        return `map ${this.object.maps[target].text} value +${offset}`;
      }
      case RelocationKind.ExternLoad:
        return `extern ${this.object.externs[target].text}`;
      case RelocationKind.ExternCall:
        return `kernel function ${this.object.externs[target].text}`;
      case RelocationKind.Call:
        return 'a function of the object';
      case RelocationKind.JumpTable:
        return `a jump table of ${target / TABLE_ENTRY_SIZE} entries`;
      default:
        return 'the address of a function of the object';
    }
  }

  /** One that cannot be read as an access is a fault of the plan; here its kind has to do. */
  private coreText(relocation: CoreRelocation): string {
    const kind = relocation.kind;
    const btf = this.object.btf.btf;
    const name = `CO-RE ${relocationKindText(kind)}`;
    if (!isKnownKind(kind) || relocation.typeId >= btf.endId) return name;
    const access = btf.nameAt(relocation.accessOffset);
    const why = this.parser.parse(kind, relocation.typeId, access, this.spec);
    return why.length == 0 ? `${name} of ${specText(kind, this.spec)}` : name;
  }

  /** Linked without a kernel: where functions come to lie depends on none. */
  private writePrograms(): void {
    const json = this.json;
    const linker = new ProgramLinker(
      this.object,
      new KfuncModules(this.object.externs),
      this.faults,
    );
    json.beginArray();
    const programs = this.object.programs;
    for (let i = 0; i < programs.length && this.limit.allows(programs[i].name); i++) {
      if (programs[i].subprogram) continue;
      const linked = linker.link(programs[i]);
      if (linked === null) return;
      json.beginObject();
      json.key('name');
      writeName(json, programs[i].name);
      json.key('functions');
      json.beginArray();
      let position: u32 = 0;
      for (let j = 0; j < linked.functions.length && this.limit.allows(programs[i].name); j++) {
        json.beginObject();
        json.key('function');
        json.number(linked.functions[j].index);
        json.key('first');
        json.number(position);
        position += linked.functions[j].count;
        json.endObject();
      }
      json.endArray();
      json.endObject();
    }
    json.endArray();
  }
}
