import {
  ADDRESS_IN_ATTR,
  HEAD_BLOB_SIZE,
  HEAD_MODULE_COUNT,
  HEAD_NOTE_COUNT,
  HEAD_PATCH_COUNT,
  HEAD_SHARED_SIZE,
  HEAD_SIZE,
  HEAD_SLOT_COUNT,
  HEAD_STEP_COUNT,
  MODULE_SIZE,
  NOTE_SIZE,
  PATCH_KIND,
  PATCH_OFFSET,
  PATCH_RANGE_SIZE,
  PATCH_SIZE,
  PATCH_SOURCE,
  SLOT_IN_BLOB,
  STEP_PATCH_COUNT,
  STEP_PATCH_FIRST,
  STEP_SIZE,
  VALUE_IN_BLOB,
} from './plan_wire';

/** No such patch. */
export const NO_PATCH: usize = 0;

/** Whether `size` bytes at `offset` lie in the first `limit` bytes. */
export function within(offset: u32, size: u32, limit: u32): bool {
  return size <= limit && offset <= limit - size;
}

/** Whether a patch writes into the blob, not into the attr image. */
export function isInBlob(patch: usize): bool {
  const kind = load<u32>(patch + PATCH_KIND);
  return kind == SLOT_IN_BLOB || kind == VALUE_IN_BLOB;
}

/**
 * Where the records of a plan are, read in place. Makes sense once the counts are known to add up to the plan's size;
 * what an index or an offset from the plan itself needs first is up to plan_check.ts.
 */
@final
export class PlanFrame {
  readonly slotCount: u32;
  readonly moduleCount: u32;
  readonly stepCount: u32;
  readonly patchCount: u32;
  readonly noteCount: u32;
  readonly blobSize: u32;
  readonly sharedSize: u32;
  readonly blob: usize;
  private readonly steps: usize;
  private readonly patches: usize;
  private readonly notes: usize;

  constructor(
    readonly at: usize,
    /** Bytes of the whole frame. */
    readonly size: u32,
  ) {
    this.slotCount = load<u32>(at + HEAD_SLOT_COUNT);
    this.moduleCount = load<u32>(at + HEAD_MODULE_COUNT);
    this.stepCount = load<u32>(at + HEAD_STEP_COUNT);
    this.patchCount = load<u32>(at + HEAD_PATCH_COUNT);
    this.noteCount = load<u32>(at + HEAD_NOTE_COUNT);
    this.blobSize = load<u32>(at + HEAD_BLOB_SIZE);
    this.sharedSize = load<u32>(at + HEAD_SHARED_SIZE);
    this.steps = at + HEAD_SIZE + this.moduleCount * MODULE_SIZE;
    this.patches = this.steps + this.stepCount * STEP_SIZE;
    this.notes = this.patches + this.patchCount * PATCH_SIZE;
    this.blob = this.notes + this.noteCount * NOTE_SIZE;
  }

  module(index: u32): usize {
    return this.at + HEAD_SIZE + index * MODULE_SIZE;
  }

  step(index: u32): usize {
    return this.steps + index * STEP_SIZE;
  }

  patch(index: u32): usize {
    return this.patches + index * PATCH_SIZE;
  }

  note(index: u32): usize {
    return this.notes + index * NOTE_SIZE;
  }

  /**
   * The `ADDRESS_IN_ATTR` patch of a step whose range has these bytes of the blob, or NO_PATCH. There are few: patches
   * into the attr image come first.
   */
  rangePatch(step: usize, offset: u32, size: u32): usize {
    const first = this.patch(load<u32>(step + STEP_PATCH_FIRST));
    const end = first + load<u32>(step + STEP_PATCH_COUNT) * PATCH_SIZE;
    for (let patch = first; patch < end; patch += PATCH_SIZE) {
      if (isInBlob(patch)) break;
      if (load<u32>(patch + PATCH_KIND) != ADDRESS_IN_ATTR) continue;
      const source = load<u32>(patch + PATCH_SOURCE);
      if (offset < source) continue;
      if (within(offset - source, size, load<u32>(patch + PATCH_RANGE_SIZE))) return patch;
    }
    return NO_PATCH;
  }

  /** The first patch of a step into the blob at `offset` or above: they ascend, and may be many. */
  patchFrom(step: usize, offset: u32): usize {
    const first = load<u32>(step + STEP_PATCH_FIRST);
    const end = first + load<u32>(step + STEP_PATCH_COUNT);
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      const patch = this.patch(middle);
      const isBelow = !isInBlob(patch) || load<u32>(patch + PATCH_OFFSET) < offset;
      if (isBelow) low = middle + 1;
      else high = middle;
    }
    return low < end ? this.patch(low) : NO_PATCH;
  }

  /** The patch of a step that writes at `offset` of the blob, or NO_PATCH. */
  patchAt(step: usize, offset: u32): usize {
    const patch = this.patchFrom(step, offset);
    return patch != NO_PATCH && load<u32>(patch + PATCH_OFFSET) == offset ? patch : NO_PATCH;
  }
}
