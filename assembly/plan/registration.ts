import {EMPTY_NAME, nameLength, nameStartsWith} from '../bytes/c_string';
import {parseInteger} from '../bytes/integer';
import {Faults} from '../fault/faults';
import {isPinPath} from '../object/pin_path';
import {Setting} from '../options';
import {refuseValue} from '../settings/setting_faults';
import * as bpf from '../uapi/bpf';
import {STRUCTOPS_UNPIN} from '../uapi/bpf_attr';
import {Plan} from './plan';
import {BlobRange} from './plan_step';
import * as wire from './plan_wire';

/** What is in force already, whoever made it: a link, or a map that has none. */
@final
export class Registration {
  /** Of its fd, once a step gets it. */
  slot: u32 = wire.NONE;

  private constructor(
    readonly isLink: bool,
    /** The kernel's; 0 of one that is told by its pin. */
    readonly id: u32,
    /** Path below the pin root, or 0. */
    readonly pin: usize,
  ) {}

  /** `link:ID`, `map:ID`, `link_pin:PATH` or `map_pin:PATH`; null and a fault. */
  static parse(setting: Setting, faults: Faults): Registration | null {
    const value = setting.value;
    const isLink = nameStartsWith(value, 'link');
    const rest = value + (isLink ? 4 : 3);
    if (isLink || nameStartsWith(value, 'map')) {
      if (nameStartsWith(rest, '_pin:') && isPinPath(rest + 5)) {
        return new Registration(isLink, 0, rest + 5);
      }
      const number = nameStartsWith(rest, ':') ? parseInteger(rest + 1) : null;
      if (number !== null && number.value > 0 && number.value <= u32.MAX_VALUE) {
        return new Registration(isLink, <u32>number.value, 0);
      }
    }
    refuseValue(faults, setting, 'link:ID, map:ID, link_pin:PATH or map_pin:PATH');
    return null;
  }

  /** The step that gets its fd: before anything is made, so that a wrong id is known first. */
  get(plan: Plan, name: BlobRange): void {
    const byPin = this.pin != 0;
    const cmd = this.isLink ? bpf.BPF_LINK_GET_FD_BY_ID : bpf.BPF_MAP_GET_FD_BY_ID;
    const step = plan.add(byPin ? bpf.BPF_OBJ_GET : cmd, wire.PHASE_LOAD, name);
    this.slot = plan.newSlot();
    step.slot = this.slot;
    if (!byPin) {
      step.set(this.isLink ? 'link_id' : 'map_id', this.id);
    } else {
      if (this.isLink) step.flags = wire.FLAG_GETS_LINK;
      step.setAddress('pathname', pathRange(plan, this.pin));
    }
  }

  /** Takes it out of force. `zeroKey`: of its map. */
  detach(plan: Plan, name: BlobRange, zeroKey: BlobRange): void {
    const cmd = this.isLink ? bpf.BPF_LINK_DETACH : bpf.BPF_MAP_DELETE_ELEM;
    const step = plan.add(cmd, wire.PHASE_ATTACH, name);
    step.setSlot(this.isLink ? 'link_fd' : 'map_fd', this.slot);
    if (!this.isLink) step.setAddress('key', zeroKey);
  }

  unpin(plan: Plan, name: BlobRange, path: usize): void {
    const step = plan.add(STRUCTOPS_UNPIN, wire.PHASE_ATTACH, name);
    step.setAddress('pathname', pathRange(plan, path));
    step.setSlot('bpf_fd', this.slot);
  }
}

/** The key of every map with one value. */
export function zeroKeyOf(plan: Plan): BlobRange {
  return plan.shared.add(EMPTY_NAME, 4);
}

/** Keeps what is in the slot when the executor ends. */
export function addPin(plan: Plan, name: BlobRange, path: usize, slot: u32): void {
  const step = plan.add(bpf.BPF_OBJ_PIN, wire.PHASE_ATTACH, name);
  step.setAddress('pathname', pathRange(plan, path));
  step.setSlot('bpf_fd', slot);
}

/** With its NUL. */
export function pathRange(plan: Plan, path: usize): BlobRange {
  return plan.shared.add(path, nameLength(path) + 1);
}

/** Whether the value is a path as docs/plan-format.md has it; else a fault. */
export function checkPath(setting: Setting, faults: Faults): bool {
  if (isPinPath(setting.value)) return true;
  refuseValue(faults, setting, 'a path below the pin root, of names without a dot');
  return false;
}
