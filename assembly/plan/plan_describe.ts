import {ByteWriter} from '../bytes/byte_writer';
import {xxh64Text} from '../bytes/xxh64';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {JsonWriter} from '../json/json_writer';
import {capabilityName} from '../uapi/capability';
import {checkPlan} from './plan_check';
import {StepDescription} from './plan_describe_step';
import {NO_PATCH, PlanFrame} from './plan_frame';
import {SYMBOL_NAME_MAX, valueHasSymbol} from './plan_values';
import * as wire from './plan_wire';

/** What a JavaScript string can hold. A plan of 64 MiB in which nothing is told twice stays below. */
export const DESCRIPTION_SIZE_MAX: u64 = 500 << 20;

/** Bytes of JSON around what a record refers to, at most. */
const RECORD_JSON_SIZE: u64 = 256;
const STEP_JSON_SIZE: u64 = 4096;
/** A control character becomes six characters. */
const ESCAPED: u64 = 6;

/**
 * Writes `structops.plan/1` (docs/plan-json.md) from the bytes of any plan. False: it is not a right plan, and `faults`
 * says why; nothing is written then.
 */
export function describePlan(plan: usize, size: u32, out: ByteWriter, faults: Faults): bool {
  const frame = checkPlan(plan, size, faults);
  if (frame === null) return false;
  const most = descriptionSizeMost(frame);
  if (most > DESCRIPTION_SIZE_MAX) {
    faults
      .add(FaultCode.PLAN_BAD, 'plan: the same bytes are told so often that it cannot be shown')
      .in(Input.Plan)
      .differs(`a description of at most ${DESCRIPTION_SIZE_MAX} bytes`, `up to ${most} bytes`);
    return false;
  }
  new PlanDescription(frame, new JsonWriter(out)).write();
  return true;
}

/** Records may share bytes, so a small plan may tell of much more than it holds. */
function descriptionSizeMost(frame: PlanFrame): u64 {
  let sum: u64 = STEP_JSON_SIZE * (frame.stepCount + 1);
  sum += RECORD_JSON_SIZE * (<u64>frame.moduleCount + frame.patchCount + frame.noteCount);
  for (let i: u32 = 0; i < frame.patchCount; i++) {
    const patch = frame.patch(i);
    const kind = load<u32>(patch + wire.PATCH_KIND);
    if (kind == wire.ADDRESS_IN_ATTR) sum += 2 * <u64>load<u32>(patch + wire.PATCH_RANGE_SIZE);
    else sum += symbolSizeMost(patch);
  }
  for (let i: u32 = 0; i < frame.noteCount; i++) {
    const note = frame.note(i);
    // A setting is written twice.
    sum += 2 * ESCAPED * load<u32>(note + wire.NOTE_TEXT_SIZE);
    if (load<u32>(note + wire.NOTE_KIND) == wire.NOTE_MEMBER) {
      sum += 2 * <u64>load<u32>(note + wire.NOTE_RANGE_SIZE);
      const step = frame.step(load<u32>(note + wire.NOTE_STEP));
      const patch = frame.patchAt(step, load<u32>(note + wire.NOTE_OFFSET));
      if (patch != NO_PATCH) sum += symbolSizeMost(patch);
    }
  }
  return sum;
}

/** Of the name of the symbol whose address a patch writes, if it is one of those. */
function symbolSizeMost(patch: usize): u64 {
  const kind = load<u32>(patch + wire.PATCH_KIND);
  const isValue = kind == wire.VALUE_IN_ATTR || kind == wire.VALUE_IN_BLOB;
  return isValue && valueHasSymbol(load<u32>(patch + wire.PATCH_SOURCE))
    ? ESCAPED * SYMBOL_NAME_MAX
    : 0;
}

@final
class PlanDescription {
  constructor(
    private readonly frame: PlanFrame,
    private readonly json: JsonWriter,
  ) {}

  write(): void {
    const json = this.json;
    json.beginObject();
    json.key('schema');
    json.text('structops.plan/1');
    this.identities();
    json.key('capabilities');
    this.capabilities();
    json.key('slot_count');
    json.number(this.frame.slotCount);
    json.key('settings');
    this.settings();
    json.key('setting_changes');
    this.settingChanges();
    json.key('losses');
    this.notes(wire.NOTE_LOSS);
    json.key('warnings');
    this.notes(wire.NOTE_WARNING);
    json.key('steps');
    json.beginArray();
    const step = new StepDescription(this.frame, json);
    for (let i: u32 = 0; i < this.frame.stepCount; i++) step.write(i);
    json.endArray();
    json.endObject();
    json.endLine();
  }

  /** Of the plan, of the object, and of the kernel that it is for. */
  private identities(): void {
    const frame = this.frame;
    const json = this.json;
    json.key('plan');
    json.beginObject();
    json.key('size');
    json.number(frame.size);
    json.key('sha256');
    json.hex(frame.at + frame.size - wire.DIGEST_SIZE, wire.DIGEST_SIZE);
    json.endObject();
    json.key('object');
    json.beginObject();
    json.key('name');
    this.sharedText(frame.at + wire.HEAD_OBJECT_NAME);
    json.key('size');
    json.number(load<u64>(frame.at + wire.HEAD_OBJECT_SIZE));
    json.key('sha256');
    json.hex(frame.at + wire.HEAD_OBJECT_SHA256, 32);
    json.endObject();
    json.key('kernel');
    json.beginObject();
    this.btf(frame.at + wire.HEAD_BTF_SIZE);
    json.key('modules');
    json.beginArray();
    for (let i: u32 = 0; i < frame.moduleCount; i++) this.module(frame.module(i));
    json.endArray();
    json.endObject();
  }

  private module(module: usize): void {
    this.json.beginObject();
    this.json.key('name');
    this.sharedText(module + wire.MODULE_NAME);
    this.btf(module + wire.MODULE_BTF_SIZE);
    this.json.key('slot');
    this.json.number(load<u32>(module + wire.MODULE_SLOT));
    this.json.endObject();
  }

  /** The head and module records alike have the XXH64 after the size. */
  private btf(sizeField: usize): void {
    this.json.key('btf_size');
    this.json.number(load<u64>(sizeField));
    this.json.key('btf_xxh64');
    this.json.text(xxh64Text(load<u64>(sizeField, 8)));
  }

  private capabilities(): void {
    const bits = load<u64>(this.frame.at + wire.HEAD_CAPABILITIES);
    this.json.beginArray();
    for (let i: u32 = 0; i < 64; i++) {
      if (((bits >> i) & 1) != 0) this.json.text(capabilityName(i));
    }
    this.json.endArray();
  }

  private settings(): void {
    this.json.beginArray();
    for (let i: u32 = 0; i < this.frame.noteCount; i++) {
      const note = this.frame.note(i);
      if (load<u32>(note + wire.NOTE_KIND) == wire.NOTE_SETTING) {
        const text = this.frame.blob + load<u32>(note + wire.NOTE_TEXT);
        this.json.bytesText(text, lineEnd(text, load<u32>(note + wire.NOTE_TEXT_SIZE)));
      }
    }
    this.json.endArray();
  }

  /** Of the settings whose notes have a second line. */
  private settingChanges(): void {
    const json = this.json;
    json.beginArray();
    for (let i: u32 = 0; i < this.frame.noteCount; i++) {
      const note = this.frame.note(i);
      const text = this.frame.blob + load<u32>(note + wire.NOTE_TEXT);
      const size = load<u32>(note + wire.NOTE_TEXT_SIZE);
      const first = lineEnd(text, size);
      if (load<u32>(note + wire.NOTE_KIND) != wire.NOTE_SETTING || first == size) continue;
      let name: u32 = 0;
      while (name < first && load<u8>(text + name) != 0x3d) name++;
      const value = min(name + 1, first);
      json.beginObject();
      json.key('name');
      json.bytesText(text, name);
      json.key('old');
      json.bytesText(text + first + 1, size - first - 1);
      json.key('new');
      json.bytesText(text + value, first - value);
      json.endObject();
    }
    json.endArray();
  }

  private notes(kind: u32): void {
    const json = this.json;
    json.beginArray();
    for (let i: u32 = 0; i < this.frame.noteCount; i++) {
      const note = this.frame.note(i);
      if (load<u32>(note + wire.NOTE_KIND) != kind) continue;
      const step = load<u32>(note + wire.NOTE_STEP);
      json.beginObject();
      json.key('step');
      if (step == wire.NONE) json.nothing();
      else json.number(step);
      json.key('text');
      this.sharedText(note + wire.NOTE_TEXT);
      json.endObject();
    }
    json.endArray();
  }

  /** In all records the size of a text stands after its offset. */
  private sharedText(field: usize): void {
    this.json.bytesText(this.frame.blob + load<u32>(field), load<u32>(field, 4));
  }
}

/** The number of bytes before the first line break. */
function lineEnd(text: usize, size: u32): u32 {
  let end: u32 = 0;
  while (end < size && load<u8>(text + end) != 0x0a) end++;
  return end;
}
