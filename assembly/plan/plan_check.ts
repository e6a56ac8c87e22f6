import {Faults} from '../fault/faults';
import {MODULE_NAME_MAX, NAME_SIZE_MAX} from '../limits';
import {BpfCommand, BpfCommands, FieldUse} from '../uapi/bpf_attr';
import {NoteCheck} from './plan_check_notes';
import {openEnvelope} from './plan_envelope';
import {NO_PATCH, PlanFrame, within} from './plan_frame';
import {PlanRules} from './plan_rules';
import * as wire from './plan_wire';

/**
 * A plan whose every offset, count, slot and field obeys docs/plan-format.md, or null and the first rule that it breaks:
 * what follows a broken rule cannot be read. What slots hold, how large ranges are for a command, and in which phase it
 * may stand is the executor's to judge (shim/permit.c): it does not hinder anybody from reading the plan.
 */
export function checkPlan(plan: usize, size: u32, faults: Faults): PlanFrame | null {
  const frame = openEnvelope(plan, size, faults);
  if (frame === null) return null;
  const rules = new PlanRules(frame, faults);
  return new PlanCheck(frame, rules).all() && new NoteCheck(frame, rules).all() ? frame : null;
}

@final
class PlanCheck {
  private readonly commands: BpfCommands = new BpfCommands();
  private readonly filled: StaticArray<bool>;
  /** How far the records have used up what they must use up in order and without gaps. */
  private nextPatch: u32 = 0;
  private nextPrivate: u32;
  private phase: u32 = wire.PHASE_LOAD;

  constructor(
    private readonly frame: PlanFrame,
    private readonly rules: PlanRules,
  ) {
    this.filled = new StaticArray<bool>(frame.slotCount);
    this.nextPrivate = frame.sharedSize;
  }

  all(): bool {
    const frame = this.frame;
    if (!this.head()) return false;
    for (let i: u32 = 0; i < frame.moduleCount; i++) {
      if (!this.module(i)) return false;
    }
    for (let i: u32 = 0; i < frame.stepCount; i++) {
      if (!this.step(i)) return false;
    }
    this.rules.of('plan');
    if (this.nextPatch != frame.patchCount) {
      return this.rules.bad(frame.patch(this.nextPatch), 'a patch belongs to no step');
    }
    if (this.nextPrivate != frame.blobSize) {
      return this.rules.bad(frame.blob + this.nextPrivate, 'bytes of the blob belong to no record');
    }
    return true;
  }

  private head(): bool {
    const frame = this.frame;
    const at = frame.at;
    if (frame.blobSize % wire.BLOB_ALIGNMENT != 0) {
      return this.rules.bad(
        at + wire.HEAD_BLOB_SIZE,
        'the size of the blob is not a multiple of 8',
      );
    }
    if (frame.sharedSize % wire.BLOB_ALIGNMENT != 0 || frame.sharedSize > frame.blobSize) {
      return this.rules.bad(at + wire.HEAD_SHARED_SIZE, 'the shared area is no part of the blob');
    }
    if (load<u64>(at + wire.HEAD_BTF_SIZE) == 0 && load<u64>(at + wire.HEAD_BTF_XXH64) != 0) {
      return this.rules.bad(at + wire.HEAD_BTF_XXH64, 'there is a digest of no BTF');
    }
    return (
      this.rules.zeros(at + wire.HEAD_ZERO, 12) &&
      this.rules.text(at + wire.HEAD_OBJECT_NAME, at + wire.HEAD_OBJECT_NAME_SIZE, NAME_SIZE_MAX)
    );
  }

  private module(index: u32): bool {
    const module = this.frame.module(index);
    this.rules.of('module', index);
    if (load<u32>(module + wire.MODULE_NAME_SIZE) == 0) {
      return this.rules.bad(module + wire.MODULE_NAME_SIZE, 'the module has no name');
    }
    if (load<u64>(module + wire.MODULE_BTF_SIZE) == 0) {
      return this.rules.bad(module + wire.MODULE_BTF_SIZE, 'the BTF of the module is empty');
    }
    if (load<u64>(this.frame.at + wire.HEAD_BTF_SIZE) == 0) {
      return this.rules.bad(
        this.frame.at + wire.HEAD_BTF_SIZE,
        'there is a module, whose type ids follow those of vmlinux, but no BTF of vmlinux',
      );
    }
    return (
      this.rules.zeros(module + wire.MODULE_ZERO, 4) &&
      this.rules.text(module + wire.MODULE_NAME, module + wire.MODULE_NAME_SIZE, MODULE_NAME_MAX) &&
      this.fill(module + wire.MODULE_SLOT)
    );
  }

  private step(index: u32): bool {
    const step = this.frame.step(index);
    this.rules.of('step', index);
    const cmd = load<u32>(step + wire.STEP_CMD);
    const command = this.commands.find(cmd);
    if (command === null) {
      return this.rules.bad(step + wire.STEP_CMD, `the bpf(2) command ${cmd} is not one of a plan`);
    }
    const phase = load<u32>(step + wire.STEP_PHASE);
    if (phase < this.phase || phase > wire.PHASE_ATTACH) {
      return this.rules.bad(step + wire.STEP_PHASE, 'the phase is none, or comes too late');
    }
    this.phase = phase;
    if (load<u32>(step + wire.STEP_FLAGS) > (command.mayFail ? wire.FLAG_MAY_FAIL : 0)) {
      return this.rules.bad(step + wire.STEP_FLAGS, 'the command cannot have these flags');
    }
    const hasSlot = load<u32>(step + wire.STEP_SLOT) != wire.NONE;
    if (hasSlot != command.returnsFd) {
      const rule = hasSlot ? 'the command returns no fd for a slot' : 'no slot receives the fd';
      return this.rules.bad(step + wire.STEP_SLOT, rule);
    }
    const isRight =
      this.rules.zeros(step + wire.STEP_ZERO, 8) &&
      this.rules.text(step + wire.STEP_NAME, step + wire.STEP_NAME_SIZE, NAME_SIZE_MAX) &&
      this.attr(step, command) &&
      this.patches(step, command);
    if (!isRight || !hasSlot) return isRight;
    // After its patches: they must not read the slot that the step itself fills.
    this.rules.of('step', index);
    return this.fill(step + wire.STEP_SLOT);
  }

  private attr(step: usize, command: BpfCommand): bool {
    const size = load<u32>(step + wire.STEP_ATTR_SIZE);
    if (size != command.attrSize) {
      return this.rules.differs(
        step + wire.STEP_ATTR_SIZE,
        'the attr image has not the size of the command',
        `${command.attrSize} bytes`,
        `${size} bytes`,
      );
    }
    if (!this.takePrivate(step + wire.STEP_ATTR, size)) return false;
    const image = this.frame.blob + load<u32>(step + wire.STEP_ATTR);
    for (let i: u32 = 0; i < size; i++) {
      if (load<u8>(image + i) == 0) continue;
      const field = command.fieldAt(i);
      if (field === null) return this.rules.bad(image + i, 'a byte outside all fields is not zero');
      if (field.use == FieldUse.Address || field.use == FieldUse.Slot) {
        return this.rules.bad(image + i, `the field ${field.name} is for a patch, but is not zero`);
      }
    }
    return true;
  }

  private patches(step: usize, command: BpfCommand): bool {
    const frame = this.frame;
    const count = load<u32>(step + wire.STEP_PATCH_COUNT);
    if (load<u32>(step + wire.STEP_PATCH_FIRST) != this.nextPatch) {
      return this.rules.bad(step + wire.STEP_PATCH_FIRST, 'the patches are not the next ones');
    }
    if (count > frame.patchCount - this.nextPatch) {
      return this.rules.bad(step + wire.STEP_PATCH_COUNT, 'there are not so many patches');
    }
    for (let i: u32 = 0; i < count; i++) {
      const patch = frame.patch(this.nextPatch);
      this.rules.of('patch', this.nextPatch++);
      if (!this.rules.zeros(patch + wire.PATCH_ZERO, 4)) return false;
      if (i > 0 && !this.order(patch - wire.PATCH_SIZE, patch)) return false;
      const inBlob = load<u32>(patch + wire.PATCH_KIND) == wire.SLOT_IN_BLOB;
      if (inBlob ? !this.blobPatch(step, patch) : !this.attrPatch(patch, command)) return false;
    }
    return true;
  }

  /** First those into the attr image, then those into the blob; each ascending, and apart. */
  private order(before: usize, patch: usize): bool {
    const wasInBlob = load<u32>(before + wire.PATCH_KIND) == wire.SLOT_IN_BLOB;
    const isInBlob = load<u32>(patch + wire.PATCH_KIND) == wire.SLOT_IN_BLOB;
    if (wasInBlob && !isInBlob) {
      return this.rules.bad(
        patch + wire.PATCH_KIND,
        'a patch into the attr follows one into the blob',
      );
    }
    if (wasInBlob != isInBlob) return true;
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    const last = load<u32>(before + wire.PATCH_OFFSET);
    if (offset >= last && offset - last >= load<u32>(before + wire.PATCH_WIDTH)) return true;
    return this.rules.bad(patch + wire.PATCH_OFFSET, 'it does not come after the patch before it');
  }

  private attrPatch(patch: usize, command: BpfCommand): bool {
    const kind = load<u32>(patch + wire.PATCH_KIND);
    if (kind != wire.ADDRESS_IN_ATTR && kind != wire.SLOT_IN_ATTR) {
      return this.rules.bad(patch + wire.PATCH_KIND, `there is no kind ${kind} of patches`);
    }
    const isAddress = kind == wire.ADDRESS_IN_ATTR;
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    const field = command.fieldAt(offset);
    if (
      field === null ||
      field.offset != offset ||
      field.use != (isAddress ? FieldUse.Address : FieldUse.Slot)
    ) {
      const what = isAddress ? 'addresses' : 'fds';
      return this.rules.bad(patch + wire.PATCH_OFFSET, `no field for ${what} begins at ${offset}`);
    }
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    if (width != field.size) {
      return this.rules.bad(
        patch + wire.PATCH_WIDTH,
        `the field ${field.name} has not ${width} bytes`,
      );
    }
    if (!isAddress) return this.source(patch);
    const size = load<u32>(patch + wire.PATCH_RANGE_SIZE);
    if (size == 0) return this.rules.bad(patch + wire.PATCH_RANGE_SIZE, 'the range is empty');
    const source = load<u32>(patch + wire.PATCH_SOURCE);
    if (within(source, size, this.frame.sharedSize)) return true;
    return this.takePrivate(patch + wire.PATCH_SOURCE, size);
  }

  private blobPatch(step: usize, patch: usize): bool {
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    if (width != 4 && width != 8) {
      return this.rules.bad(patch + wire.PATCH_WIDTH, `an fd has not ${width} bytes`);
    }
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    if (offset < this.frame.sharedSize || this.frame.rangePatch(step, offset, width) == NO_PATCH) {
      return this.rules.bad(patch + wire.PATCH_OFFSET, 'it lies in no private range of its step');
    }
    for (let i: u32 = 0; i < width; i++) {
      const target = this.frame.blob + offset + i;
      if (load<u8>(target) != 0) return this.rules.bad(target, 'what it overwrites is not zero');
    }
    return this.source(patch);
  }

  /** The slot that a patch reads. */
  private source(patch: usize): bool {
    const slot = load<u32>(patch + wire.PATCH_SOURCE);
    if (slot >= this.frame.slotCount) {
      return this.rules.bad(patch + wire.PATCH_SOURCE, `there is no slot ${slot}`);
    }
    if (!this.filled[slot]) {
      return this.rules.bad(patch + wire.PATCH_SOURCE, `slot ${slot} is read before it is filled`);
    }
    return this.rules.zeros(patch + wire.PATCH_RANGE_SIZE, 4);
  }

  /** A slot is filled once. */
  private fill(field: usize): bool {
    const slot = load<u32>(field);
    if (slot >= this.frame.slotCount) return this.rules.bad(field, `there is no slot ${slot}`);
    if (this.filled[slot]) return this.rules.bad(field, `slot ${slot} is filled twice`);
    this.filled[slot] = true;
    return true;
  }

  /** The next private range of the blob, with its padding. */
  private takePrivate(field: usize, size: u32): bool {
    const frame = this.frame;
    const offset = load<u32>(field);
    if (offset != this.nextPrivate) {
      return this.rules.differs(
        field,
        'the range does not follow the one before it',
        this.nextPrivate.toString(),
        offset.toString(),
      );
    }
    if (!within(offset, size, frame.blobSize)) {
      return this.rules.bad(field, 'the range reaches beyond the blob');
    }
    const end = offset + size;
    this.nextPrivate = (end + wire.BLOB_ALIGNMENT - 1) & ~(wire.BLOB_ALIGNMENT - 1);
    return this.rules.zeros(frame.blob + end, this.nextPrivate - end);
  }
}
