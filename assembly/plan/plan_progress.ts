import {PlanFrame, within} from './plan_frame';
import {PlanRules} from './plan_rules';
import {BLOB_ALIGNMENT} from './plan_wire';

/** How far the records of a plan have used up what they must use up in order, and without gaps. */
@final
export class PlanProgress {
  /** Index of the next patch. */
  nextPatch: u32 = 0;
  nextPrivate: u32;
  private readonly filled: StaticArray<bool>;

  constructor(
    private readonly frame: PlanFrame,
    private readonly rules: PlanRules,
  ) {
    this.filled = new StaticArray<bool>(frame.slotCount);
    this.nextPrivate = frame.sharedSize;
  }

  /** A slot is filled once. */
  fill(field: usize): bool {
    const slot = load<u32>(field);
    if (slot >= this.frame.slotCount) return this.rules.bad(field, `there is no slot ${slot}`);
    if (this.filled[slot]) return this.rules.bad(field, `slot ${slot} is filled twice`);
    this.filled[slot] = true;
    return true;
  }

  /** A slot is read after it was filled. */
  read(field: usize): bool {
    const slot = load<u32>(field);
    if (slot >= this.frame.slotCount) return this.rules.bad(field, `there is no slot ${slot}`);
    if (this.filled[slot]) return true;
    return this.rules.bad(field, `slot ${slot} is read before it is filled`);
  }

  /** The next private range of the blob, with its padding. */
  takePrivate(field: usize, size: u32): bool {
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
    this.nextPrivate = (end + BLOB_ALIGNMENT - 1) & ~(BLOB_ALIGNMENT - 1);
    return this.rules.zeros(frame.blob + end, this.nextPrivate - end);
  }
}
