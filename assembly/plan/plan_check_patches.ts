import {nameLengthWithin} from '../bytes/c_string';
import {AttrField, BpfCommand, FieldUse} from '../uapi/bpf_attr';
import {isInBlob, NO_PATCH, PlanFrame, within} from './plan_frame';
import {PlanProgress} from './plan_progress';
import {PlanRules} from './plan_rules';
import {SYMBOL_NAME_MAX, valueHasSymbol, valueName, valueWidth} from './plan_values';
import * as wire from './plan_wire';

/** Checks the patches of a step: their order, what they write, and where. */
@final
export class PatchCheck {
  constructor(
    private readonly frame: PlanFrame,
    private readonly rules: PlanRules,
    private readonly progress: PlanProgress,
  ) {}

  all(step: usize, command: BpfCommand): bool {
    const frame = this.frame;
    const progress = this.progress;
    const count = load<u32>(step + wire.STEP_PATCH_COUNT);
    if (load<u32>(step + wire.STEP_PATCH_FIRST) != progress.nextPatch) {
      return this.rules.bad(step + wire.STEP_PATCH_FIRST, 'the patches are not the next ones');
    }
    if (count > frame.patchCount - progress.nextPatch) {
      return this.rules.bad(step + wire.STEP_PATCH_COUNT, 'there are not so many patches');
    }
    for (let i: u32 = 0; i < count; i++) {
      const patch = frame.patch(progress.nextPatch);
      this.rules.of('patch', progress.nextPatch++);
      if (!this.rules.zeros(patch + wire.PATCH_ZERO, 4)) return false;
      if (i > 0 && !this.order(patch - wire.PATCH_SIZE, patch)) return false;
      if (isInBlob(patch) ? !this.blobPatch(step, patch) : !this.attrPatch(step, patch, command)) {
        return false;
      }
    }
    return true;
  }

  /** First those into the attr image, then those into the blob; each ascending, and apart. */
  private order(before: usize, patch: usize): bool {
    if (isInBlob(before) && !isInBlob(patch)) {
      return this.rules.bad(
        patch + wire.PATCH_KIND,
        'a patch into the attr follows one into the blob',
      );
    }
    if (isInBlob(before) != isInBlob(patch)) return true;
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    const last = load<u32>(before + wire.PATCH_OFFSET);
    if (offset >= last && offset - last >= load<u32>(before + wire.PATCH_WIDTH)) return true;
    return this.rules.bad(patch + wire.PATCH_OFFSET, 'it does not come after the patch before it');
  }

  private attrPatch(step: usize, patch: usize, command: BpfCommand): bool {
    const kind = load<u32>(patch + wire.PATCH_KIND);
    switch (kind) {
      case wire.ADDRESS_IN_ATTR: {
        const field = this.field(patch, command, FieldUse.Address, 'addresses');
        return field !== null && this.range(patch);
      }
      case wire.SLOT_IN_ATTR: {
        const field = this.field(patch, command, FieldUse.Slot, 'fds');
        return field !== null && this.slot(patch);
      }
      case wire.VALUE_IN_ATTR: {
        const field = this.field(patch, command, FieldUse.Number, 'numbers');
        if (field === null) return false;
        const image = this.frame.blob + load<u32>(step + wire.STEP_ATTR);
        return this.target(image + field.offset, field.size) && this.value(patch);
      }
      default:
        return this.rules.bad(patch + wire.PATCH_KIND, `there is no kind ${kind} of patches`);
    }
  }

  /** The field that the patch fills: one of that use, and all of it. */
  private field(patch: usize, command: BpfCommand, use: FieldUse, what: string): AttrField | null {
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    const field = command.fieldAt(offset);
    if (field === null || field.offset != offset || field.use != use) {
      this.rules.bad(patch + wire.PATCH_OFFSET, `no field for ${what} begins at ${offset}`);
      return null;
    }
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    if (width != field.size) {
      this.rules.bad(patch + wire.PATCH_WIDTH, `the field ${field.name} has not ${width} bytes`);
      return null;
    }
    return field;
  }

  private range(patch: usize): bool {
    const size = load<u32>(patch + wire.PATCH_RANGE_SIZE);
    if (size == 0) return this.rules.bad(patch + wire.PATCH_RANGE_SIZE, 'the range is empty');
    const source = load<u32>(patch + wire.PATCH_SOURCE);
    if (within(source, size, this.frame.sharedSize)) return true;
    return this.progress.takePrivate(patch + wire.PATCH_SOURCE, size);
  }

  private blobPatch(step: usize, patch: usize): bool {
    const isSlot = load<u32>(patch + wire.PATCH_KIND) == wire.SLOT_IN_BLOB;
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    if (isSlot && width != 4 && width != 8) {
      return this.rules.bad(patch + wire.PATCH_WIDTH, `an fd has not ${width} bytes`);
    }
    if (!isSlot && !this.value(patch)) return false;
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    if (offset < this.frame.sharedSize || this.frame.rangePatch(step, offset, width) == NO_PATCH) {
      return this.rules.bad(patch + wire.PATCH_OFFSET, 'it lies in no private range of its step');
    }
    if (!this.target(this.frame.blob + offset, width)) return false;
    return !isSlot || this.slot(patch);
  }

  private target(from: usize, size: u32): bool {
    for (let i: u32 = 0; i < size; i++) {
      if (load<u8>(from + i) != 0) {
        return this.rules.bad(from + i, 'what it overwrites is not zero');
      }
    }
    return true;
  }

  private slot(patch: usize): bool {
    return (
      this.progress.read(patch + wire.PATCH_SOURCE) &&
      this.rules.zeros(patch + wire.PATCH_RANGE_SIZE, 4)
    );
  }

  /** The run-time value that a patch writes. */
  private value(patch: usize): bool {
    const value = load<u32>(patch + wire.PATCH_SOURCE);
    const name = valueName(value);
    if (name.length == 0) {
      return this.rules.bad(patch + wire.PATCH_SOURCE, `there is no run-time value ${value}`);
    }
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    if (width != valueWidth(value)) {
      return this.rules.bad(patch + wire.PATCH_WIDTH, `${name} has not ${width} bytes`);
    }
    if (!valueHasSymbol(value)) return this.rules.zeros(patch + wire.PATCH_RANGE_SIZE, 4);
    const at = load<u32>(patch + wire.PATCH_RANGE_SIZE);
    const rest = at < this.frame.sharedSize ? this.frame.sharedSize - at : 0;
    const most = min(rest, SYMBOL_NAME_MAX + 1);
    const size = nameLengthWithin(this.frame.blob + at, most);
    if (size > 0 && size < most) return true;
    return this.rules.bad(
      patch + wire.PATCH_RANGE_SIZE,
      `no name of a symbol, of 1 to ${SYMBOL_NAME_MAX} bytes, stands there in the shared area`,
    );
  }
}
