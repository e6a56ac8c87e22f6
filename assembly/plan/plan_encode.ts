import {ByteWriter} from '../bytes/byte_writer';
import {digestOf} from '../bytes/lent_sha256';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as limits from '../limits';
import {Plan} from './plan';
import {BlobRange, Patch, PlanNote, PlanStep} from './plan_step';
import * as wire from './plan_wire';

/** Writes a plan as the bytes of docs/plan-format.md, but for its digest. False and a fault: it is beyond the limits of the format. */
export function encodePlan(plan: Plan, out: ByteWriter, faults: Faults): bool {
  return new PlanEncoder(plan, out).encode(faults);
}

/** The bytes of a written plan that its digest is of. */
export function digestedSize(plan: ByteWriter): u32 {
  return plan.size - wire.DIGEST_SIZE;
}

/** Gives a written plan its digest: the last that is done to it. */
export function sealPlan(plan: ByteWriter): void {
  const size = digestedSize(plan);
  digestOf(plan.pointer, size, plan.pointer + size);
}

@final
class PlanEncoder {
  private patchCount: u32 = 0;
  private sharedSize: u32 = 0;
  private blobSize: u64 = 0;

  constructor(
    private readonly plan: Plan,
    private readonly out: ByteWriter,
  ) {}

  encode(faults: Faults): bool {
    this.place();
    const plan = this.plan;
    const size =
      <u64>wire.HEAD_SIZE +
      <u64>wire.MODULE_SIZE * plan.modules.length +
      <u64>wire.STEP_SIZE * plan.steps.length +
      <u64>wire.PATCH_SIZE * this.patchCount +
      <u64>wire.NOTE_SIZE * plan.notes.length +
      this.blobSize +
      wire.DIGEST_SIZE;
    if (
      size > limits.FRAME_SIZE_MAX ||
      plan.full ||
      this.patchCount > limits.PATCHES_MAX ||
      plan.slotCount > limits.SLOTS_MAX
    ) {
      faults
        .add(FaultCode.OBJ_TOO_LARGE, 'the plan for this object would be larger than a plan can be')
        .differs(
          `at most ${limits.FRAME_SIZE_MAX} bytes, ${limits.STEPS_MAX} steps, ${limits.PATCHES_MAX} patches, ${limits.SLOTS_MAX} slots, ${limits.SHARED_SIZE_MAX} bytes of names and texts`,
          `${size} bytes, ${plan.steps.length} steps, ${this.patchCount} patches, ${plan.slotCount} slots, ${plan.shared.bytes.size} bytes of names and texts`,
        );
      return false;
    }
    this.out.expect(<u32>size);
    this.head(<u32>size);
    for (let i = 0; i < plan.modules.length; i++) this.module(i);
    let patches: u32 = 0;
    for (let i = 0; i < plan.steps.length; i++) patches += this.step(plan.steps[i], patches);
    for (let i = 0; i < plan.steps.length; i++) this.patches(plan.steps[i]);
    for (let i = 0; i < plan.notes.length; i++) this.note(plan.notes[i]);
    this.blob();
    this.out.zeros(wire.DIGEST_SIZE);
    assert(this.out.size == <u32>size, 'the plan has another size than its head says');
    return true;
  }

  /** Gives every private range its place: for each step the attr image, then what its addresses name. */
  private place(): void {
    const steps = this.plan.steps;
    this.sharedSize = aligned(this.plan.shared.bytes.size);
    this.blobSize = this.sharedSize;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      sortByOffset(step.attrPatches);
      this.placeRange(step.attr);
      for (let p = 0; p < step.attrPatches.length; p++) {
        const range = step.attrPatches[p].range;
        if (range !== null && !range.shared) this.placeRange(range);
      }
      sortByPlace(step.blobPatches);
      this.patchCount += step.attrPatches.length + step.blobPatches.length;
    }
  }

  private placeRange(range: BlobRange): void {
    // Beyond 32 bits the plan is refused before the offset is used.
    range.offset = <u32>this.blobSize;
    this.blobSize += aligned(range.size);
  }

  private head(size: u32): void {
    const plan = this.plan;
    const out = this.out;
    out.u64(wire.MAGIC);
    out.u32(wire.VERSION);
    out.u32(size);
    out.u32(plan.slotCount);
    out.u32(plan.modules.length);
    out.u32(plan.steps.length);
    out.u32(this.patchCount);
    out.u32(plan.notes.length);
    out.u32(<u32>this.blobSize);
    out.u64(plan.capabilities);
    out.u64(plan.objectSize);
    out.bytes(plan.objectSha256, 32);
    out.u32(plan.objectName.offset);
    out.u32(plan.objectName.size);
    out.u64(plan.btfSize);
    out.u64(plan.btfXxh64);
    out.u32(this.sharedSize);
    out.zeros(12);
  }

  private module(index: i32): void {
    const module = this.plan.modules[index];
    const out = this.out;
    out.u32(module.name.offset);
    out.u32(module.name.size);
    out.u64(module.btfSize);
    out.u64(module.btfXxh64);
    out.u32(module.slot);
    out.u32(0);
  }

  /** Gives the number of its patches. */
  private step(step: PlanStep, firstPatch: u32): u32 {
    const out = this.out;
    const count = step.attrPatches.length + step.blobPatches.length;
    out.u32(step.command.cmd);
    out.u32(step.phase);
    out.u32(step.attr.offset);
    out.u32(step.attr.size);
    out.u32(firstPatch);
    out.u32(count);
    out.u32(step.slot);
    out.u32(step.flags);
    out.u32(step.name.offset);
    out.u32(step.name.size);
    out.zeros(8);
    return count;
  }

  private patches(step: PlanStep): void {
    for (let i = 0; i < step.attrPatches.length; i++) this.patch(step.attrPatches[i], 0);
    for (let i = 0; i < step.blobPatches.length; i++) {
      const patch = step.blobPatches[i];
      this.patch(patch, patch.range!.offset);
    }
  }

  private patch(patch: Patch, base: u32): void {
    const out = this.out;
    const range = patch.kind == wire.ADDRESS_IN_ATTR ? patch.range : null;
    out.u32(patch.kind);
    out.u32(base + patch.offset);
    out.u32(patch.width);
    out.u32(range === null ? patch.source : range.offset);
    out.u32(range === null ? patch.argument : range.size);
    out.u32(0);
  }

  private note(note: PlanNote): void {
    const out = this.out;
    const range = note.range;
    out.u32(note.kind);
    out.u32(note.step);
    out.u32(range === null ? 0 : range.offset + note.offset);
    out.u32(note.size);
    out.u32(note.text.offset);
    out.u32(note.text.size);
    out.u32(note.argument);
    out.u32(0);
  }

  private blob(): void {
    const out = this.out;
    const shared = this.plan.shared.bytes;
    out.bytes(shared.pointer, shared.size);
    out.align(wire.BLOB_ALIGNMENT);
    const steps = this.plan.steps;
    for (let i = 0; i < steps.length; i++) {
      this.bytesOf(steps[i].attr);
      for (let p = 0; p < steps[i].attrPatches.length; p++) {
        const range = steps[i].attrPatches[p].range;
        if (range !== null && !range.shared) this.bytesOf(range);
      }
    }
  }

  private bytesOf(range: BlobRange): void {
    const source = range.source;
    const end = this.out.size + range.size;
    if (source === null) this.out.bytes(range.from, range.size);
    else source.write(this.out);
    assert(this.out.size == end, 'a range of the blob has another size than was said');
    this.out.align(wire.BLOB_ALIGNMENT);
  }
}

function aligned(size: u32): u32 {
  return (size + wire.BLOB_ALIGNMENT - 1) & ~(wire.BLOB_ALIGNMENT - 1);
}

function sortByOffset(patches: Patch[]): void {
  patches.sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
}

function sortByPlace(patches: Patch[]): void {
  patches.sort((a, b) => {
    const x = a.range!.offset + a.offset;
    const y = b.range!.offset + b.offset;
    return x < y ? -1 : x > y ? 1 : 0;
  });
}
