import {NO_PATCH, PlanFrame, within} from './plan_frame';
import {PlanRules} from './plan_rules';
import * as wire from './plan_wire';

/** Checks that the notes of a plan, whose steps are right, speak of what there is. */
@final
export class NoteCheck {
  /** By step. */
  private readonly hasValueType: StaticArray<bool>;

  constructor(
    private readonly frame: PlanFrame,
    private readonly rules: PlanRules,
  ) {
    this.hasValueType = new StaticArray<bool>(frame.stepCount);
  }

  all(): bool {
    for (let i: u32 = 0; i < this.frame.noteCount; i++) {
      if (!this.note(i)) return false;
    }
    return true;
  }

  private note(index: u32): bool {
    const note = this.frame.note(index);
    this.rules.of('note', index);
    const kind = load<u32>(note + wire.NOTE_KIND);
    if (kind < wire.NOTE_MEMBER || kind > wire.NOTE_VALUE_TYPE) {
      return this.rules.bad(note + wire.NOTE_KIND, `there is no kind ${kind} of notes`);
    }
    const step = load<u32>(note + wire.NOTE_STEP);
    const ofStep = kind == wire.NOTE_MEMBER || kind == wire.NOTE_VALUE_TYPE;
    if (step >= this.frame.stepCount && (step != wire.NONE || ofStep)) {
      return this.rules.bad(note + wire.NOTE_STEP, 'it speaks of a step that does not exist');
    }
    const offset = load<u32>(note + wire.NOTE_OFFSET);
    const size = load<u32>(note + wire.NOTE_RANGE_SIZE);
    if (!within(offset, size, this.frame.blobSize)) {
      return this.rules.bad(note + wire.NOTE_OFFSET, 'it speaks of bytes outside the blob');
    }
    if (
      kind == wire.NOTE_MEMBER &&
      this.frame.rangePatch(this.frame.step(step), offset, size) == NO_PATCH
    ) {
      return this.rules.bad(note + wire.NOTE_OFFSET, 'the member lies in no range of its step');
    }
    if (kind == wire.NOTE_VALUE_TYPE) {
      if (this.hasValueType[step]) {
        return this.rules.bad(note + wire.NOTE_STEP, 'the value of the step has two types');
      }
      this.hasValueType[step] = true;
    }
    return (
      this.rules.zeros(note + wire.NOTE_ZERO, 4) &&
      this.rules.text(note + wire.NOTE_TEXT, note + wire.NOTE_TEXT_SIZE, u32.MAX_VALUE)
    );
  }
}
