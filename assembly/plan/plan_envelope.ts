import {hexByte} from '../bytes/c_string';
import {digestOf} from '../bytes/lent_sha256';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {FRAME_SIZE_MAX, MODULES_MAX, NOTES_MAX, PATCHES_MAX, SLOTS_MAX, STEPS_MAX} from '../limits';
import {PlanFrame} from './plan_frame';
import {
  DIGEST_SIZE,
  HEAD_FRAME_SIZE,
  HEAD_MAGIC,
  HEAD_MODULE_COUNT,
  HEAD_NOTE_COUNT,
  HEAD_PATCH_COUNT,
  HEAD_SIZE,
  HEAD_SLOT_COUNT,
  HEAD_STEP_COUNT,
  HEAD_VERSION,
  MAGIC,
  MODULE_SIZE,
  NOTE_SIZE,
  PATCH_SIZE,
  STEP_SIZE,
  VERSION,
} from './plan_wire';

/** Magic, version, sizes, digest and counts: what must be right before anything else can be read. */
export function openEnvelope(plan: usize, size: u32, faults: Faults): PlanFrame | null {
  if (!isPlan(plan, size, faults)) return null;
  const frameSize = load<u32>(plan + HEAD_FRAME_SIZE);
  if (frameSize > FRAME_SIZE_MAX || frameSize < HEAD_SIZE + DIGEST_SIZE) {
    fault(faults, FaultCode.PLAN_BAD, 'head: the size is not one that a plan can have')
      .at(HEAD_FRAME_SIZE)
      .differs(`${HEAD_SIZE + DIGEST_SIZE} to ${FRAME_SIZE_MAX} bytes`, `${frameSize} bytes`);
    return null;
  }
  if (frameSize > size) {
    truncated(frameSize, size, faults);
    return null;
  }
  if (frameSize < size) {
    fault(faults, FaultCode.PLAN_BAD, 'head: something stands after the end of the plan')
      .at(frameSize)
      .differs(`${frameSize} bytes`, `${size} bytes`);
    return null;
  }
  if (!digestIsRight(plan, size, faults) || !countsAreRight(plan, size, faults)) return null;
  return new PlanFrame(plan, size);
}

function isPlan(plan: usize, size: u32, faults: Faults): bool {
  for (let i: u32 = 0; i < min(size, <u32>8); i++) {
    if (load<u8>(plan + HEAD_MAGIC + i) == <u8>(MAGIC >> (8 * i))) continue;
    fault(faults, FaultCode.PLAN_NOT_PLAN, 'the file does not begin as plans do')
      .at(0)
      .differs('7374727563746f70 (structop)', bytesText(plan, min(size, <u32>8)));
    return false;
  }
  if (size < HEAD_FRAME_SIZE) {
    truncated(HEAD_SIZE + DIGEST_SIZE, size, faults);
    return false;
  }
  const version = load<u32>(plan + HEAD_VERSION);
  if (version != VERSION) {
    fault(faults, FaultCode.PLAN_VERSION, `the plan has version ${version} of the format`)
      .at(HEAD_VERSION)
      .differs(`version ${VERSION}`, `version ${version}`);
    return false;
  }
  if (size < HEAD_FRAME_SIZE + 4) {
    truncated(HEAD_SIZE + DIGEST_SIZE, size, faults);
    return false;
  }
  return true;
}

function digestIsRight(plan: usize, size: u32, faults: Faults): bool {
  const digest = heap.alloc(DIGEST_SIZE);
  const kept = plan + size - DIGEST_SIZE;
  digestOf(plan, size - DIGEST_SIZE, digest);
  if (memory.compare(digest, kept, DIGEST_SIZE) == 0) return true;
  fault(faults, FaultCode.PLAN_DIGEST, 'the plan is not the one that its digest was made of')
    .at(size - DIGEST_SIZE)
    .differs(bytesText(kept, DIGEST_SIZE), bytesText(digest, DIGEST_SIZE));
  return false;
}

function countsAreRight(plan: usize, size: u32, faults: Faults): bool {
  if (
    !isAtMost(plan, HEAD_SLOT_COUNT, SLOTS_MAX, 'slots', faults) ||
    !isAtMost(plan, HEAD_MODULE_COUNT, MODULES_MAX, 'modules', faults) ||
    !isAtMost(plan, HEAD_STEP_COUNT, STEPS_MAX, 'steps', faults) ||
    !isAtMost(plan, HEAD_PATCH_COUNT, PATCHES_MAX, 'patches', faults) ||
    !isAtMost(plan, HEAD_NOTE_COUNT, NOTES_MAX, 'notes', faults)
  ) {
    return false;
  }
  const frame = new PlanFrame(plan, size);
  const records =
    frame.moduleCount * MODULE_SIZE +
    frame.stepCount * STEP_SIZE +
    frame.patchCount * PATCH_SIZE +
    frame.noteCount * NOTE_SIZE;
  const sum = <u64>(HEAD_SIZE + DIGEST_SIZE + records) + <u64>frame.blobSize;
  if (sum == size) return true;
  fault(faults, FaultCode.PLAN_BAD, 'head: the parts do not add up to the size of the plan')
    .at(HEAD_FRAME_SIZE)
    .differs(`${sum} bytes`, `${size} bytes`);
  return false;
}

function isAtMost(plan: usize, field: u32, most: u32, what: string, faults: Faults): bool {
  const count = load<u32>(plan + field);
  if (count <= most) return true;
  fault(faults, FaultCode.PLAN_BAD, `head: there are too many ${what}`)
    .at(field)
    .differs(`at most ${most}`, count.toString());
  return false;
}

function truncated(wanted: u32, size: u32, faults: Faults): void {
  fault(faults, FaultCode.PLAN_TRUNCATED, 'the plan ends too early')
    .at(size)
    .differs(`${wanted} bytes`, `${size} bytes`);
}

function fault(faults: Faults, code: FaultCode, message: string): Fault {
  return faults.add(code, message).in(Input.Plan);
}

/** In hex. */
function bytesText(from: usize, size: u32): string {
  let text = '';
  for (let i: u32 = 0; i < size; i++) text += hexByte(load<u8>(from + i));
  return text;
}
