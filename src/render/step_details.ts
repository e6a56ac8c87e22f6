import type {AttrValue, PlanDescription, PlanStep, RunTimeValue} from '../plan/plan_description.js';
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
  BPF_MAP_CREATE: step => [
    mapTypeName(numberOf(step.attr.map_type)),
    `key ${numberOf(step.attr.key_size)}`,
    `value ${numberOf(step.attr.value_size)}`,
    entriesText(step),
    ...mapFlagNames(numberOf(step.attr.map_flags)),
  ],
  BPF_MAP_UPDATE_ELEM: (step, names) => [...slotsOf(step, names), writtenText(step)],
  BPF_PROG_LOAD: (step, names) => [
    progTypeName(numberOf(step.attr.prog_type)),
    `${grouped(numberOf(step.attr.insn_cnt))} instructions`,
    ...progFlagNames(numberOf(step.attr.prog_flags)),
    ...names.callbacksOf(step.slot),
    ...symbolTexts(step),
  ],
  BPF_LINK_CREATE: (step, names) => [
    attachTypeName(numberOf(step.attr.attach_type)),
    ...slotsOf(step, names),
  ],
  STRUCTOPS_ARENA_MAP: (step, names) => [
    ...slotsOf(step, names),
    `${bytesText(blobBytes(step, 'data'))} of data at offset 0x${BigInt(step.attr.offset ?? 0).toString(16)}`,
  ],
};

/** Run-time values for people; those of symbols say whose. */
const VALUE_TEXTS: Readonly<Partial<Record<RunTimeValue, string>>> = {
  POSSIBLE_CPUS: 'the number of possible CPUs',
  HOTPLUG_SEQ: "the running kernel's count of CPU hotplugs",
};

export function valueName(value: RunTimeValue): string {
  return VALUE_TEXTS[value] ?? value;
}

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
function writtenText(step: PlanStep): string {
  const size = bytesText(blobBytes(step, 'value'));
  if (step.members !== undefined) return size;
  return `${size}: ${shortened(step.blobs.value ?? '', VALUE_HEX_MAX)}`;
}

function entriesText({attr, patches}: PlanStep): string {
  const patch = patches.find(({in: target, field}) => target === 'attr' && field === 'max_entries');
  if (patch?.value !== undefined) return `as many entries as ${valueName(patch.value)}`;
  const count = numberOf(attr.max_entries);
  return count === 1 ? '1 entry' : `${grouped(count)} entries`;
}

/** Whose addresses the program is given, each once. */
function symbolTexts({patches}: PlanStep): string[] {
  const texts = patches.map(({symbol, value = ''}) => {
    if (symbol === undefined) return '';
    return `address of ${symbol}${value.startsWith('WEAK') ? ', or 0 without it' : ''}`;
  });
  return [...new Set(texts.filter(Boolean))];
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
