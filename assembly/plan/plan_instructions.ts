import {Btf} from '../btf/btf';
import {ByteWriter} from '../bytes/byte_writer';
import {nameLengthWithin} from '../bytes/c_string';
import {writeDecimal} from '../bytes/number_text';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {InputBytes, Inputs} from '../inputs';
import {dstOf, INSN_SIZE, immOf, isCall, isLdimm64, offOf, srcOf} from '../insn/bpf_insn';
import {InsnText} from '../insn/insn_text';
import {JsonWriter} from '../json/json_writer';
import {BtfInput} from '../kernel/btf_input';
import {readKernBtf} from '../kernel/kern_btf';
import {WantedNames} from '../kernel/wanted_names';
import * as uapi from '../uapi/bpf';
import {BpfCommands} from '../uapi/bpf_attr';
import {checkPlan} from './plan_check';
import {DESCRIPTION_SIZE_MAX} from './plan_describe';
import {isInBlob, NO_PATCH, PlanFrame} from './plan_frame';
import {SYMBOL_NAME_MAX, valueHasSymbol} from './plan_values';
import * as wire from './plan_wire';

/**
 * Writes `structops.instructions/1` (docs/plan-json.md): the programs of a plan as text. The kernel's BTFs are needed for
 * the names of its functions only; one that the plan was not made for is passed over.
 */
export function describeInstructions(
  plan: InputBytes,
  inputs: Inputs,
  out: ByteWriter,
  faults: Faults,
): bool {
  const frame = checkPlan(plan.at, plan.size, faults);
  if (frame === null) return false;
  const names = new KernelNames(frame);
  if (!names.read(inputs, faults)) return false;
  return new PlanInstructions(frame, names, out, faults).write();
}

/** Names of the ids that instructions have, as far as their BTFs are there. */
@final
class KernelNames {
  private vmlinux: Btf | null = null;
  private readonly bySlot: StaticArray<Btf | null>;

  constructor(private readonly frame: PlanFrame) {
    this.bySlot = new StaticArray<Btf | null>(frame.slotCount);
  }

  read(inputs: Inputs, faults: Faults): bool {
    const kernel = inputs.kernelBtf;
    if (kernel === null || !isIdentity(this.frame.at + wire.HEAD_BTF_SIZE, kernel)) return true;
    const none = new WantedNames();
    const vmlinux = readKernBtf(kernel, null, none, faults);
    if (vmlinux === null) return false;
    this.vmlinux = vmlinux.btf;
    for (let i: u32 = 0; i < this.frame.moduleCount; i++) {
      const module = this.frame.module(i);
      for (let j = 0; j < inputs.modules.length; j++) {
        const btf = inputs.modules[j];
        if (!isIdentity(module + wire.MODULE_BTF_SIZE, btf)) continue;
        const read = readKernBtf(btf, vmlinux.btf, none, faults);
        if (read === null) return false;
        this.bySlot[load<u32>(module + wire.MODULE_SLOT)] = read.btf;
      }
    }
    return true;
  }

  /** NUL-terminated; empty if it is not known. */
  nameOf(id: u32, slot: u32): usize {
    const btf = slot == wire.NONE ? this.vmlinux : this.bySlot[slot];
    return btf === null ? 0 : btf.nameOf(btf.record(id));
  }
}

/** Size and XXH64, as the head and the modules of a plan have them. */
function isIdentity(field: usize, btf: BtfInput): bool {
  return load<u64>(field) == btf.size && load<u64>(field, 8) == btf.xxh64;
}

function slotNames(frame: PlanFrame): StaticArray<usize> {
  const names = new StaticArray<usize>(frame.slotCount);
  for (let i: u32 = 0; i < frame.moduleCount; i++) {
    const module = frame.module(i);
    names[load<u32>(module + wire.MODULE_SLOT)] = module + wire.MODULE_NAME;
  }
  for (let i: u32 = 0; i < frame.stepCount; i++) {
    const step = frame.step(i);
    const slot = load<u32>(step + wire.STEP_SLOT);
    if (slot != wire.NONE) names[slot] = step + wire.STEP_NAME;
  }
  return names;
}

@final
class PlanInstructions {
  private readonly json: JsonWriter;
  /** The text of one instruction. */
  private readonly line: ByteWriter;
  private readonly text: InsnText;
  /** Address of offset and size of the name of what fills a slot; 0 for none. */
  private readonly slotNames: StaticArray<usize>;
  private readonly insnsOffset: u32;
  private readonly fdArrayOffset: u32;
  /** Where the fd array of the current program is in the blob; NONE without one. */
  private fdArray: u32 = 0;
  private step: usize = 0;

  constructor(
    private readonly frame: PlanFrame,
    private readonly names: KernelNames,
    private readonly out: ByteWriter,
    private readonly faults: Faults,
  ) {
    const command = new BpfCommands().find(uapi.BPF_PROG_LOAD)!;
    const line = new ByteWriter();
    this.json = new JsonWriter(out);
    this.line = line;
    this.text = new InsnText(line);
    this.insnsOffset = command.field('insns').offset;
    this.fdArrayOffset = command.field('fd_array').offset;
    this.slotNames = slotNames(frame);
  }

  write(): bool {
    const json = this.json;
    json.beginObject();
    json.key('schema');
    json.text('structops.instructions/1');
    json.key('programs');
    json.beginArray();
    for (let i: u32 = 0; i < this.frame.stepCount; i++) {
      const step = this.frame.step(i);
      if (load<u32>(step + wire.STEP_CMD) != uapi.BPF_PROG_LOAD) continue;
      if (!this.program(i, step)) return false;
    }
    json.endArray();
    json.endObject();
    json.endLine();
    return true;
  }

  private program(index: u32, step: usize): bool {
    const json = this.json;
    json.beginObject();
    json.key('step');
    json.number(index);
    json.key('instructions');
    json.beginArray();
    this.begin(step);
    const insns = this.range(this.insnsOffset);
    let first: u32 = 0;
    let end: u32 = 0;
    if (insns != NO_PATCH) {
      first = load<u32>(insns + wire.PATCH_SOURCE);
      end = first + (load<u32>(insns + wire.PATCH_RANGE_SIZE) & ~(INSN_SIZE - 1));
    }
    for (let at = first; at < end; at += INSN_SIZE) {
      if (this.out.size > DESCRIPTION_SIZE_MAX) return this.tooLarge();
      const isWide = isLdimm64(this.frame.blob + at) && end - at > INSN_SIZE;
      this.line.clear();
      this.instruction(at, isWide);
      json.bytesText(this.line.pointer, this.line.size);
      if (!isWide) continue;
      // Its second half, so that the place in the list is the number of the instruction.
      at += INSN_SIZE;
      json.text('');
    }
    json.endArray();
    json.endObject();
    return true;
  }

  private begin(step: usize): void {
    this.step = step;
    const fdArray = this.range(this.fdArrayOffset);
    this.fdArray = fdArray == NO_PATCH ? wire.NONE : load<u32>(fdArray + wire.PATCH_SOURCE);
  }

  /** The patch that puts the address of a blob into the attr field at `offset`. */
  private range(offset: u32): usize {
    const first = this.frame.patch(load<u32>(this.step + wire.STEP_PATCH_FIRST));
    const end = first + load<u32>(this.step + wire.STEP_PATCH_COUNT) * wire.PATCH_SIZE;
    for (let patch = first; patch < end && !isInBlob(patch); patch += wire.PATCH_SIZE) {
      const isAddress = load<u32>(patch + wire.PATCH_KIND) == wire.ADDRESS_IN_ATTR;
      if (isAddress && load<u32>(patch + wire.PATCH_OFFSET) == offset) return patch;
    }
    return NO_PATCH;
  }

  private instruction(at: u32, isWide: bool): void {
    const insn = this.frame.blob + at;
    if (isWide) this.wideLoad(at, insn);
    else if (isLdimm64(insn)) this.text.unknown(insn);
    else if (isCall(insn) && srcOf(insn) == uapi.BPF_PSEUDO_KFUNC_CALL) this.kfuncCall(insn);
    else this.text.write(insn);
  }

  /** A constant, or something that has a name: a map, a place in one, a function, a symbol. */
  private wideLoad(at: u32, insn: usize): void {
    const line = this.line;
    const pseudo = srcOf(insn);
    const isMap = pseudo == uapi.BPF_PSEUDO_MAP_FD || pseudo == uapi.BPF_PSEUDO_MAP_VALUE;
    const symbol = this.symbolAt(at + 4);
    const slot = isMap ? this.slotAt(at + 4) : wire.NONE;
    if (symbol != 0) {
      this.text.assign(dstOf(insn));
      line.ascii('address of ');
      line.bytes(symbol, nameLengthWithin(symbol, SYMBOL_NAME_MAX));
    } else if (slot != wire.NONE) {
      this.text.assign(dstOf(insn));
      line.ascii('map ');
      this.slotName(slot);
      if (pseudo == uapi.BPF_PSEUDO_MAP_FD) return;
      line.ascii(' value ');
      this.text.distance(load<i32>(insn, 12));
    } else if (pseudo == uapi.BPF_PSEUDO_BTF_ID) {
      this.text.assign(dstOf(insn));
      line.ascii('address of ');
      this.kernelName('kernel symbol ', immOf(insn), this.slotAt(at + 12));
    } else if (pseudo == uapi.BPF_PSEUDO_FUNC) {
      this.text.assign(dstOf(insn));
      line.ascii('function ');
      this.text.target(immOf(insn));
    } else {
      this.text.write(insn);
    }
  }

  private kfuncCall(insn: usize): void {
    this.line.ascii('call ');
    // 0 is vmlinux; the others are places in the fd array.
    const index = offOf(insn);
    const isModule = index > 0 && this.fdArray != wire.NONE;
    const slot = isModule ? this.slotAt(this.fdArray + 4 * index) : wire.NONE;
    this.kernelName('kernel function ', immOf(insn), slot);
  }

  /** By its name, else by its number. */
  private kernelName(what: string, id: u32, slot: u32): void {
    const line = this.line;
    const name = this.names.nameOf(id, slot);
    if (name != 0 && load<u8>(name) != 0) {
      line.bytes(name, nameLengthWithin(name, SYMBOL_NAME_MAX));
    } else {
      line.ascii(what);
      writeDecimal(id, line);
    }
    if (slot == wire.NONE) return;
    line.ascii(' of ');
    this.slotName(slot);
  }

  private slotName(slot: u32): void {
    const field = this.slotNames[slot];
    if (field != 0) this.line.bytes(this.frame.blob + load<u32>(field), load<u32>(field, 4));
  }

  /** The slot whose fd is put at an offset of the blob, or NONE. */
  private slotAt(offset: u32): u32 {
    const patch = this.frame.patchAt(this.step, offset);
    const isSlot = patch != NO_PATCH && load<u32>(patch + wire.PATCH_KIND) == wire.SLOT_IN_BLOB;
    return isSlot ? load<u32>(patch + wire.PATCH_SOURCE) : wire.NONE;
  }

  /** The name of the symbol whose address is put there, or 0. */
  private symbolAt(offset: u32): usize {
    const patch = this.frame.patchAt(this.step, offset);
    if (patch == NO_PATCH || load<u32>(patch + wire.PATCH_KIND) != wire.VALUE_IN_BLOB) return 0;
    if (!valueHasSymbol(load<u32>(patch + wire.PATCH_SOURCE))) return 0;
    return this.frame.blob + load<u32>(patch + wire.PATCH_RANGE_SIZE);
  }

  private tooLarge(): bool {
    this.faults
      .add(
        FaultCode.PLAN_BAD,
        'plan: the same instructions are told so often that they cannot be shown',
      )
      .in(Input.Plan);
    return false;
  }
}
