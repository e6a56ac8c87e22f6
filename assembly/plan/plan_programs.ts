import {ByteWriter} from '../bytes/byte_writer';
import {nameFrom, nameLength} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import {Feature, Target} from '../kernel/target';
import {ContextArguments} from '../link/context_arguments';
import {KfuncModules} from '../link/kfunc_modules';
import {InsnPatch, InsnValue, JumpTable, LinkedProgram} from '../link/linked_program';
import {ProgramLinker} from '../link/program_linker';
import {ProgramWriter} from '../link/program_writer';
import {BpfObject} from '../object/bpf_object';
import {cutName} from '../object/data_maps';
import {MapOrigin} from '../object/object_map';
import {Program} from '../object/program';
import * as bpf from '../uapi/bpf';
import {Plan} from './plan';
import {PlanSlots} from './plan_slots';
import {BlobRange, BlobSource, PlanStep} from './plan_step';
import * as wire from './plan_wire';

/** struct bpf_insn_array_value: where the instruction was, and two numbers of the kernel's own. */
const INSN_ARRAY_VALUE_SIZE: u32 = 16;

enum Part {
  Insns,
  FuncInfo,
  LineInfo,
}

/** What a step has of a linked program. */
@final
class ProgramPart extends BlobSource {
  constructor(
    private readonly writer: ProgramWriter,
    private readonly linked: LinkedProgram,
    private readonly part: Part,
  ) {
    super();
  }

  write(to: ByteWriter): void {
    switch (this.part) {
      case Part.Insns:
        this.writer.insns(this.linked, to);
        break;
      case Part.FuncInfo:
        this.writer.funcInfoOf(this.linked, to);
        break;
      case Part.LineInfo:
        this.writer.lineInfoOf(this.linked, to);
        break;
    }
  }
}

/** The steps that load programs (`bpf_object_load_prog` of libbpf). */
@final
export class ProgramSteps {
  private readonly modules: KfuncModules;
  private readonly linker: ProgramLinker;
  private readonly license: BlobRange;
  private readonly linked: LinkedProgram[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly slots: PlanSlots,
    private readonly object: BpfObject,
    /** The kernel's, or 0. */
    private readonly kernelVersion: u32,
    faults: Faults,
  ) {
    const modules = new KfuncModules(object.externs);
    this.modules = modules;
    this.linker = new ProgramLinker(object, modules, faults);
    this.license = plan.shared.add(object.license, nameLength(object.license) + 1);
  }

  /** In the order of sections, then of places in them. Linking comes first, since it makes maps: those of jump tables. */
  linkAll(): void {
    const programs = this.object.programs;
    for (let i = 0; i < programs.length; i++) {
      if (!programs[i].loaded) continue;
      const linked = this.linker.link(programs[i]);
      if (linked === null) continue;
      this.linked.push(linked);
      for (let t = 0; t < linked.jumpTables.length; t++) this.jumpTable(linked.jumpTables[t]);
    }
  }

  /** For kernels that do not know contexts by their tags. Makes types, so it comes before the BTF is loaded. */
  fixContexts(target: Target, faults: Faults): void {
    const ext = this.object.ext;
    if (ext === null) return;
    const contexts = new ContextArguments(this.object.btf, target.has(Feature.SyscallWrapperArm64));
    if (contexts.none) return;
    const funcInfo = new ByteWriter();
    for (let i = 0; i < this.linked.length; i++) {
      const linked = this.linked[i];
      funcInfo.clear();
      this.linker.writer.funcInfoOf(linked, funcInfo);
      if (contexts.fix(linked, funcInfo, ext.funcInfoSize)) linked.funcInfo = funcInfo.copy();
    }
    this.object.btf = contexts.finish(faults);
  }

  /** libbpf `create_jt_map` */
  private jumpTable(table: JumpTable): void {
    const plan = this.plan;
    const name = nameFrom('.jumptables');
    const label = plan.shared.name(name);
    const create = plan.add(bpf.BPF_MAP_CREATE, wire.PHASE_LOAD, label);
    create.slot = table.slot = plan.newSlot();
    create.set('map_type', bpf.BPF_MAP_TYPE_INSN_ARRAY);
    create.set('key_size', 4);
    create.set('value_size', INSN_ARRAY_VALUE_SIZE);
    create.set('max_entries', table.targets.length);
    create.setName('map_name', name);
    for (let i = 0; i < table.targets.length; i++) {
      if (plan.full) return;
      const key = new ByteWriter(4);
      key.u32(i);
      const value = new ByteWriter(INSN_ARRAY_VALUE_SIZE);
      value.u32(table.targets[i]);
      value.zeros(INSN_ARRAY_VALUE_SIZE - 4);
      const update = plan.add(bpf.BPF_MAP_UPDATE_ELEM, wire.PHASE_LOAD, label);
      update.setSlot('map_fd', table.slot);
      update.setAddress('key', plan.shared.add(key.pointer, 4));
      update.setAddress('value', rangeOf(value));
    }
    plan.add(bpf.BPF_MAP_FREEZE, wire.PHASE_LOAD, label).setSlot('map_fd', table.slot);
  }

  loadAll(): void {
    for (let i = 0; i < this.linked.length && !this.plan.full; i++) this.add(this.linked[i]);
  }

  private add(linked: LinkedProgram): void {
    const program = linked.program;
    const name = this.plan.shared.name(program.name);
    const step = this.plan.add(bpf.BPF_PROG_LOAD, wire.PHASE_LOAD, name);
    step.slot = this.slots.programs[program.index];
    step.set('prog_type', program.type);
    step.set('insn_cnt', linked.count);
    const insns = this.partOf(linked, Part.Insns, linked.count * INSN_SIZE);
    step.setAddress('insns', insns);
    step.setAddress('license', this.license);
    const version = this.object.version;
    step.set('kern_version', version != 0 ? version : this.kernelVersion);
    step.set('prog_flags', program.flags);
    step.setName('prog_name', cutName(program.name));
    step.set('expected_attach_type', program.expectedAttachType);
    step.setSlot('prog_btf_fd', this.slots.btf);
    this.debugInfo(step, linked);
    step.set('attach_btf_id', program.attachBtfId);
    if (program.attachModule != 0) {
      step.setSlot('attach_btf_obj_fd', this.slots.module(program.attachModule));
    }
    this.patchInsns(step, linked, insns);
    this.fdArray(step);
    this.bindMaps(program, name);
  }

  private debugInfo(step: PlanStep, linked: LinkedProgram): void {
    const ext = this.object.ext;
    if (ext === null) return;
    if (linked.funcInfoCount > 0) {
      step.set('func_info_rec_size', ext.funcInfoSize);
      const size = linked.funcInfoCount * ext.funcInfoSize;
      step.setAddress('func_info', this.partOf(linked, Part.FuncInfo, size));
      step.set('func_info_cnt', linked.funcInfoCount);
    }
    if (linked.lineInfoCount > 0) {
      step.set('line_info_rec_size', ext.lineInfoSize);
      const size = linked.lineInfoCount * ext.lineInfoSize;
      step.setAddress('line_info', this.partOf(linked, Part.LineInfo, size));
      step.set('line_info_cnt', linked.lineInfoCount);
    }
  }

  private partOf(linked: LinkedProgram, part: Part, size: u32): BlobRange {
    const range = new BlobRange(0, size, false);
    range.source = new ProgramPart(this.linker.writer, linked, part);
    return range;
  }

  private patchInsns(step: PlanStep, linked: LinkedProgram, insns: BlobRange): void {
    for (let i = 0; i < linked.patches.length && !this.plan.full; i++) {
      heapKeepRoom();
      const patch = linked.patches[i];
      switch (patch.value) {
        case InsnValue.MapFd:
          step.setSlotIn(insns, patch.offset, 4, this.slots.maps[patch.source]);
          break;
        case InsnValue.ModuleFd:
          step.setSlotIn(insns, patch.offset, 4, this.slots.module(patch.source));
          break;
        case InsnValue.JumpTable:
          step.setSlotIn(insns, patch.offset, 4, linked.jumpTables[patch.source].slot);
          break;
        case InsnValue.AddressLow:
          this.address(step, insns, patch, wire.VALUE_KSYM_LOW, wire.VALUE_WEAK_KSYM_LOW);
          break;
        case InsnValue.AddressHigh:
          this.address(step, insns, patch, wire.VALUE_KSYM_HIGH, wire.VALUE_WEAK_KSYM_HIGH);
          break;
      }
    }
  }

  private address(
    step: PlanStep,
    insns: BlobRange,
    patch: InsnPatch,
    strong: u32,
    weak: u32,
  ): void {
    const extern = this.object.externs[patch.source];
    const name = this.plan.shared.add(extern.name, nameLength(extern.name) + 1);
    step.setValueIn(insns, patch.offset, 4, extern.weak ? weak : strong, name.offset);
  }

  /** libbpf gives it to every program, whether that calls a module's kfunc or not. */
  private fdArray(step: PlanStep): void {
    const count = this.modules.list.length;
    if (count == 0) return;
    const bytes = new ByteWriter();
    bytes.zeros((count + 1) * 4);
    const array = rangeOf(bytes);
    step.setAddress('fd_array', array);
    for (let i = 0; i < count; i++) {
      step.setSlotIn(array, (i + 1) * 4, 4, this.slots.module(this.modules.list[i]));
    }
  }

  /** Keeps read-only data alive with each program, whether it refers to it or not; libbpf only warns when it fails. */
  private bindMaps(program: Program, name: BlobRange): void {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin != MapOrigin.Rodata) continue;
      if (this.plan.full) return;
      const step = this.plan.add(bpf.BPF_PROG_BIND_MAP, wire.PHASE_LOAD, name);
      step.setSlot('prog_fd', this.slots.programs[program.index]);
      step.setSlot('map_fd', this.slots.maps[i]);
      step.flags = wire.FLAG_MAY_FAIL;
    }
  }
}

function rangeOf(bytes: ByteWriter): BlobRange {
  return new BlobRange(bytes.pointer, bytes.size, false);
}
