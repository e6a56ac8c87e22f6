import {Faults} from '../fault/faults';
import {MODULE_NAME_MAX, NAME_SIZE_MAX} from '../limits';
import {BpfCommand, BpfCommands, FieldUse} from '../uapi/bpf_attr';
import {NoteCheck} from './plan_check_notes';
import {PatchCheck} from './plan_check_patches';
import {openEnvelope} from './plan_envelope';
import {PlanFrame} from './plan_frame';
import {PlanProgress} from './plan_progress';
import {PlanRules} from './plan_rules';
import * as wire from './plan_wire';

/**
 * A plan whose every offset, count, slot and field obeys docs/plan-format.md, or null and the first rule that it breaks:
 * what follows a broken rule cannot be read. What slots hold, how large ranges are for a command, where which run-time
 * value may go, and in which phase a command may stand is the executor's to judge (shim/permit_check.c): it does not
 * hinder anybody from reading the plan.
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
  private readonly progress: PlanProgress;
  private readonly patches: PatchCheck;
  private phase: u32 = wire.PHASE_LOAD;

  constructor(
    private readonly frame: PlanFrame,
    private readonly rules: PlanRules,
  ) {
    const progress = new PlanProgress(frame, rules);
    this.progress = progress;
    this.patches = new PatchCheck(frame, rules, progress);
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
    const nextPatch = this.progress.nextPatch;
    const nextPrivate = this.progress.nextPrivate;
    if (nextPatch != frame.patchCount) {
      return this.rules.bad(frame.patch(nextPatch), 'a patch belongs to no step');
    }
    if (nextPrivate != frame.blobSize) {
      return this.rules.bad(frame.blob + nextPrivate, 'bytes of the blob belong to no record');
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
      this.progress.fill(module + wire.MODULE_SLOT)
    );
  }

  private step(index: u32): bool {
    const step = this.frame.step(index);
    this.rules.of('step', index);
    const cmd = load<u32>(step + wire.STEP_CMD);
    const command = this.commands.find(cmd);
    if (command === null) {
      return this.rules.bad(step + wire.STEP_CMD, `the command ${cmd} is not one of a plan`);
    }
    const phase = load<u32>(step + wire.STEP_PHASE);
    if (phase < this.phase || phase > wire.PHASE_ATTACH) {
      return this.rules.bad(step + wire.STEP_PHASE, 'the phase is none, or comes too late');
    }
    this.phase = phase;
    if ((load<u32>(step + wire.STEP_FLAGS) & ~command.flags) != 0) {
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
      this.patches.all(step, command);
    if (!isRight || !hasSlot) return isRight;
    // After its patches: they must not read the slot that the step itself fills.
    this.rules.of('step', index);
    return this.progress.fill(step + wire.STEP_SLOT);
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
    if (!this.progress.takePrivate(step + wire.STEP_ATTR, size)) return false;
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
}
