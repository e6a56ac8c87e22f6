import {nameLengthWithin} from '../bytes/c_string';
import {isZero} from '../bytes/zeros';
import {JsonWriter} from '../json/json_writer';
import {BPF_OBJ_GET} from '../uapi/bpf';
import {BpfCommand, BpfCommands, FieldUse} from '../uapi/bpf_attr';
import {kindName} from '../uapi/btf';
import {isInBlob, NO_PATCH, PlanFrame} from './plan_frame';
import {SYMBOL_NAME_MAX, valueHasSymbol, valueName} from './plan_values';
import * as wire from './plan_wire';

/** Writes the steps of a checked plan as JSON. */
@final
export class StepDescription {
  private readonly commands: BpfCommands = new BpfCommands();
  /** The notes of each step as a list: index + 1 of the first by step, and of the next by note. */
  private readonly firstNote: StaticArray<u32>;
  private readonly nextNote: StaticArray<u32>;

  constructor(
    private readonly frame: PlanFrame,
    private readonly json: JsonWriter,
  ) {
    this.firstNote = new StaticArray<u32>(frame.stepCount);
    this.nextNote = new StaticArray<u32>(frame.noteCount);
    // From the end, so that each list is in the order of the plan.
    for (let i = frame.noteCount; i > 0; i--) {
      const step = load<u32>(frame.note(i - 1) + wire.NOTE_STEP);
      if (step == wire.NONE) continue;
      this.nextNote[i - 1] = this.firstNote[step];
      this.firstNote[step] = i;
    }
  }

  write(index: u32): void {
    const json = this.json;
    const step = this.frame.step(index);
    const command = this.commands.find(load<u32>(step + wire.STEP_CMD))!;
    const slot = load<u32>(step + wire.STEP_SLOT);
    json.beginObject();
    json.key('index');
    json.number(index);
    json.key('phase');
    json.text(load<u32>(step + wire.STEP_PHASE) == wire.PHASE_LOAD ? 'load' : 'attach');
    json.key('cmd');
    json.text(command.name);
    json.key('name');
    this.sharedText(step + wire.STEP_NAME);
    json.key('slot');
    if (slot == wire.NONE) json.nothing();
    else json.number(slot);
    json.key('may_fail');
    json.boolean((load<u32>(step + wire.STEP_FLAGS) & wire.FLAG_MAY_FAIL) != 0);
    if (command.cmd == BPF_OBJ_GET) {
      json.key('gets');
      json.text((load<u32>(step + wire.STEP_FLAGS) & wire.FLAG_GETS_LINK) != 0 ? 'link' : 'map');
    }
    this.attr(step, command);
    this.blobs(step, command);
    this.patches(step, command);
    this.value(step, index);
    json.endObject();
  }

  private attr(step: usize, command: BpfCommand): void {
    const json = this.json;
    const image = this.frame.blob + load<u32>(step + wire.STEP_ATTR);
    json.key('attr');
    json.beginObject();
    for (let i = 0; i < command.fields.length; i++) {
      const field = command.fields[i];
      const at = image + field.offset;
      if (isZero(at, field.size)) continue;
      json.key(field.name);
      if (field.use == FieldUse.Name) json.bytesText(at, nameLengthWithin(at, field.size));
      else json.number(field.size == 8 ? load<u64>(at) : load<u32>(at));
    }
    json.endObject();
    json.key('attr_size');
    json.number(command.attrSize);
    json.key('attr_hex');
    json.hex(image, command.attrSize);
  }

  private blobs(step: usize, command: BpfCommand): void {
    const json = this.json;
    json.key('blobs');
    json.beginObject();
    const first = load<u32>(step + wire.STEP_PATCH_FIRST);
    const count = load<u32>(step + wire.STEP_PATCH_COUNT);
    for (let i: u32 = 0; i < count; i++) {
      const patch = this.frame.patch(first + i);
      if (load<u32>(patch + wire.PATCH_KIND) != wire.ADDRESS_IN_ATTR) continue;
      json.key(fieldName(patch, command));
      json.hex(
        this.frame.blob + load<u32>(patch + wire.PATCH_SOURCE),
        load<u32>(patch + wire.PATCH_RANGE_SIZE),
      );
    }
    json.endObject();
  }

  private patches(step: usize, command: BpfCommand): void {
    this.json.key('patches');
    this.json.beginArray();
    const first = load<u32>(step + wire.STEP_PATCH_FIRST);
    const count = load<u32>(step + wire.STEP_PATCH_COUNT);
    for (let i: u32 = 0; i < count; i++) this.patch(this.frame.patch(first + i), step, command);
    this.json.endArray();
  }

  private patch(patch: usize, step: usize, command: BpfCommand): void {
    const json = this.json;
    const kind = load<u32>(patch + wire.PATCH_KIND);
    const offset = load<u32>(patch + wire.PATCH_OFFSET);
    const width = load<u32>(patch + wire.PATCH_WIDTH);
    json.beginObject();
    json.key('in');
    if (isInBlob(patch)) {
      const range = this.frame.rangePatch(step, offset, width);
      json.text(fieldName(range, command));
      json.key('offset');
      json.number(offset - load<u32>(range + wire.PATCH_SOURCE));
    } else {
      json.text('attr');
      json.key('field');
      json.text(fieldName(patch, command));
      json.key('offset');
      json.number(offset);
    }
    json.key('width');
    json.number(width);
    json.key('put');
    if (kind == wire.ADDRESS_IN_ATTR) {
      json.text('address');
      json.key('blob');
      json.text(fieldName(patch, command));
    } else {
      const isSlot = kind == wire.SLOT_IN_ATTR || kind == wire.SLOT_IN_BLOB;
      json.text(isSlot ? 'slot' : 'value');
      this.source(patch);
    }
    json.endObject();
  }

  /** The slot or the run-time value that a patch writes. */
  private source(patch: usize): void {
    const json = this.json;
    const kind = load<u32>(patch + wire.PATCH_KIND);
    const source = load<u32>(patch + wire.PATCH_SOURCE);
    if (kind == wire.SLOT_IN_ATTR || kind == wire.SLOT_IN_BLOB) {
      json.key('slot');
      json.number(source);
      return;
    }
    json.key('value');
    json.text(valueName(source));
    if (!valueHasSymbol(source)) return;
    const name = this.frame.blob + load<u32>(patch + wire.PATCH_RANGE_SIZE);
    json.key('symbol');
    json.bytesText(name, nameLengthWithin(name, SYMBOL_NAME_MAX));
  }

  /** What the notes tell of a `kern_vdata`. */
  private value(step: usize, index: u32): void {
    const json = this.json;
    let hasMembers = false;
    for (let i = this.firstNote[index]; i != 0; i = this.nextNote[i - 1]) {
      const note = this.frame.note(i - 1);
      const kind = load<u32>(note + wire.NOTE_KIND);
      if (kind == wire.NOTE_MEMBER) hasMembers = true;
      if (kind != wire.NOTE_VALUE_TYPE) continue;
      json.key('value_type');
      this.sharedText(note + wire.NOTE_TEXT);
    }
    if (!hasMembers) return;
    json.key('members');
    json.beginArray();
    for (let i = this.firstNote[index]; i != 0; i = this.nextNote[i - 1]) {
      const note = this.frame.note(i - 1);
      if (load<u32>(note + wire.NOTE_KIND) == wire.NOTE_MEMBER) this.member(note, step);
    }
    json.endArray();
  }

  private member(note: usize, step: usize): void {
    const json = this.json;
    const offset = load<u32>(note + wire.NOTE_OFFSET);
    const size = load<u32>(note + wire.NOTE_RANGE_SIZE);
    const range = this.frame.rangePatch(step, offset, size);
    json.beginObject();
    json.key('name');
    this.sharedText(note + wire.NOTE_TEXT);
    json.key('offset');
    json.number(offset - load<u32>(range + wire.PATCH_SOURCE));
    json.key('size');
    json.number(size);
    json.key('kind');
    json.text(kindName(load<u32>(note + wire.NOTE_ARGUMENT)));
    const patch = this.frame.patchFrom(step, offset);
    if (
      patch != NO_PATCH &&
      load<u32>(patch + wire.PATCH_OFFSET) == offset &&
      load<u32>(patch + wire.PATCH_WIDTH) == size
    ) {
      this.source(patch);
    } else {
      json.key('hex');
      json.hex(this.frame.blob + offset, size);
    }
    json.endObject();
  }

  /** In all records the size of a text stands after its offset. */
  private sharedText(field: usize): void {
    this.json.bytesText(this.frame.blob + load<u32>(field), load<u32>(field, 4));
  }
}

/** The field that a patch into the attr image writes. */
function fieldName(patch: usize, command: BpfCommand): string {
  return command.fieldAt(load<u32>(patch + wire.PATCH_OFFSET))!.name;
}
