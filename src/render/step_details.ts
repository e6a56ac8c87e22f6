import type {AttrValue, PlanDescription, PlanStep} from '../plan_description.js';
import {
  attachTypeName,
  mapFlagNames,
  mapTypeName,
  progFlagNames,
  progTypeName,
} from './kernel_names.js';
import {bytesText, grouped, shortened} from './text.js';

const VALUE_HEX_MAX = 34;

/** What fills each slot, and which member each program serves. */
export class SlotNames {
  readonly #names = new Map<number, string>();
  readonly #callbacks = new Map<number, string[]>();

  constructor({kernel, steps}: PlanDescription) {
    for (const {slot, name} of kernel.modules) this.#names.set(slot, name);
    for (const {slot, name, value_type, members = []} of steps) {
      if (slot !== null) this.#names.set(slot, name);
      for (const member of members) {
        if (member.slot === undefined) continue;
        const served = this.#callbacks.get(member.slot) ?? [];
        served.push(`${member.name} of ${withoutPrefix(value_type ?? '')}`);
        this.#callbacks.set(member.slot, served);
      }
    }
  }

  /** Such as `.bss (slot 2)`. */
  nameOf(slot: number): string {
    return `${this.#names.get(slot) ?? '?'} (slot ${slot})`;
  }

  /** The members that call the program in a slot, each once. */
  callbacksOf(slot: number | null): string[] {
    return [...new Set(this.#callbacks.get(slot ?? -1) ?? [])];
  }
}

function withoutPrefix(valueType: string): string {
  return valueType.replace(/^bpf_struct_ops_/, '');
}

type Details = (step: PlanStep, names: SlotNames) => readonly string[];

/** The key fields of each command; `--json` has all of them. */
const DETAILS: Readonly<Record<string, Details>> = {
  BPF_BTF_LOAD: step => [bytesText(blobBytes(step, 'btf'))],
  BPF_MAP_CREATE: ({attr}) => [
    mapTypeName(numberOf(attr.map_type)),
    `key ${numberOf(attr.key_size)}`,
    `value ${numberOf(attr.value_size)}`,
    `${grouped(numberOf(attr.max_entries))} entries`.replace(/^1 entries$/, '1 entry'),
    ...mapFlagNames(numberOf(attr.map_flags)),
  ],
  BPF_MAP_UPDATE_ELEM: (step, names) => [...slotsOf(step, names), valueText(step)],
  BPF_PROG_LOAD: ({attr, slot}, names) => [
    progTypeName(numberOf(attr.prog_type)),
    `${grouped(numberOf(attr.insn_cnt))} instructions`,
    ...progFlagNames(numberOf(attr.prog_flags)),
    ...names.callbacksOf(slot),
  ],
  BPF_LINK_CREATE: (step, names) => [
    attachTypeName(numberOf(step.attr.attach_type)),
    ...slotsOf(step, names),
  ],
};

/** What a reviewer should see of a step at first sight. */
export function stepDetails(step: PlanStep, names: SlotNames): string {
  const details = DETAILS[step.cmd]?.(step, names) ?? [...slotsOf(step, names), ...scalars(step)];
  return [...details, ...(step.may_fail ? ['may fail'] : [])].join(', ');
}

/** Each fd that the step reads: `map .bss (slot 2)`. */
function slotsOf(step: PlanStep, names: SlotNames): string[] {
  return step.patches
    .filter(patch => patch.in === 'attr' && patch.slot !== undefined)
    .map(({field = 'fd', slot}) => `${field.replace(/_fd$/, '')} ${names.nameOf(slot as number)}`);
}

/** The value's start as well, unless its members are listed. */
function valueText(step: PlanStep): string {
  const size = bytesText(blobBytes(step, 'value'));
  if (step.members !== undefined) return size;
  return `${size}: ${shortened(step.blobs.value ?? '', VALUE_HEX_MAX)}`;
}

function scalars({attr}: PlanStep): string[] {
  return Object.entries(attr).map(([field, value]) => `${field} ${value}`);
}

function blobBytes(step: PlanStep, name: string): number {
  return (step.blobs[name]?.length ?? 0) / 2;
}

/** Numbers above 2^53 are strings of hex digits; flags and counts are never that large. */
function numberOf(value: AttrValue | undefined): number {
  return Number(value ?? 0);
}
