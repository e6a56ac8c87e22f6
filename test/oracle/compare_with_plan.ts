import type {AttrValue, PlanDescription, PlanStep} from '../../src/plan/plan_description.js';
import {alignSteps} from './align_steps.js';
import {
  ALLOWED,
  type AllowedDifference,
  type AttrFieldRule,
  SHORTER_ATTR,
} from './allowed_differences.js';
import type {LibbpfPatch, LibbpfStep} from './libbpf_steps.js';

/** Where a plan and what libbpf does differ. */
export interface Difference {
  /** Index of the plan's step; null: the plan has no such step. */
  readonly plan: number | null;
  /** Index of libbpf's step; null: libbpf makes no such call. */
  readonly libbpf: number | null;
  /** `BPF_PROG_LOAD first_init: insns`. */
  readonly what: string;
  /** What the plan has there; empty: nothing. */
  readonly ours: string;
  /** What libbpf has there; empty: nothing. */
  readonly theirs: string;
  /** Set: this one is meant. */
  readonly allowed?: AllowedDifference;
}

/** Bytes shown around the first byte that differs. */
const SHOWN_BYTES = 16;

/**
 * Every difference between a plan and libbpf's steps, those that are meant as well, in the order
 * of the steps. Numbers, bytes and the order of steps are compared as they are; fds by what they
 * are of, at the same places; `name`, `slot` and notes are for people and not compared. Where the
 * plan has a run-time value, any that libbpf has is the same.
 */
export function compareWithPlan(
  plan: PlanDescription,
  steps: readonly LibbpfStep[],
): readonly Difference[] {
  return new Comparison(plan).run(steps).differences;
}

/** As compareWithPlan(), up to the step that the kernel refused. */
export function compareUpTo(
  plan: PlanDescription,
  steps: readonly LibbpfStep[],
  refused: LibbpfStep,
): {
  readonly differences: readonly Difference[];
  /** The plan's step that is the refused one; undefined: it has none. */
  readonly step: PlanStep | undefined;
} {
  return new Comparison(plan).run([...steps, refused], refused);
}

/** Those that are not meant. */
export function unexpected(differences: readonly Difference[]): readonly Difference[] {
  return differences.filter(({allowed}) => allowed === undefined);
}

class Comparison {
  readonly #plan: PlanDescription;
  readonly #differences: Difference[] = [];
  /** Which of libbpf's objects a slot of the plan holds, once both have been made. */
  readonly #objects = new Map<number, string>();

  constructor(plan: PlanDescription) {
    this.#plan = plan;
    for (const {name, slot} of plan.kernel.modules) this.#objects.set(slot, moduleObject(name));
  }

  /** @param last of the steps, if what comes after it in the plan is not looked at */
  run(steps: readonly LibbpfStep[], last?: LibbpfStep) {
    for (const {ours, theirs} of alignSteps(this.#plan.steps, steps)) {
      if (ours !== undefined && theirs !== undefined) this.#pair(ours, withoutValues(theirs, ours));
      else if (ours !== undefined) this.#add(ours, undefined, 'step', 'made', '');
      else if (theirs !== undefined) this.#onlyTheirs(theirs, steps);
      if (theirs !== undefined && theirs === last)
        return {differences: this.#differences, step: ours};
    }
    return {differences: this.#differences, step: undefined};
  }

  #onlyTheirs(theirs: LibbpfStep, steps: readonly LibbpfStep[]): void {
    const allowed = ALLOWED.find(({step}) => step?.(theirs, steps));
    this.#add(undefined, theirs, 'step', '', 'made', allowed);
  }

  #pair(ours: PlanStep, theirs: LibbpfStep): void {
    if (ours.slot !== null && theirs.slot !== null) {
      this.#objects.set(ours.slot, stepObject(theirs.slot));
    }
    const same = (what: string, our: AttrValue, their: AttrValue) => {
      if (our !== their) this.#add(ours, theirs, what, String(our), String(their));
    };
    same('phase', ours.phase, theirs.phase);
    theirs = this.#ofSameSize(ours, theirs);
    same('attr_size', ours.attr_size, theirs.attr_size);
    if (ours.cmd === 'STRUCTOPS_ARENA_MAP') {
      same('data', arenaData(ours), arenaData(theirs));
      // libbpf has no address of the data: what it copied was seen in the arena.
      this.#patches({...ours, patches: ours.patches.filter(({put}) => put === 'slot')}, theirs);
      return;
    }
    this.#patches(ours, theirs);
    this.#attr(ours, theirs);
    for (const name of keysOf(ours.blobs, theirs.blobs)) {
      this.#bytes(ours, theirs, name, ours.blobs[name], theirs.blobs[name]);
    }
  }

  /** An older libbpf knows fewer fields: those that ours has as zero count as its own. */
  #ofSameSize(ours: PlanStep, theirs: LibbpfStep): LibbpfStep {
    const tail = ours.attr_hex.slice(2 * theirs.attr_size);
    if (tail === '' || !/^0*$/.test(tail)) return theirs;
    const sizes = [String(ours.attr_size), String(theirs.attr_size)] as const;
    this.#add(ours, theirs, 'attr_size', ...sizes, SHORTER_ATTR);
    return {...theirs, attr_size: ours.attr_size, attr_hex: theirs.attr_hex + tail};
  }

  #attr(ours: PlanStep, theirs: LibbpfStep): void {
    let theirHex = theirs.attr_hex;
    let isTold = false;
    for (const field of keysOf(ours.attr, theirs.attr)) {
      const [our = 0, their = 0] = [ours.attr[field], theirs.attr[field]];
      if (our === their) continue;
      const allowed = ALLOWED.find(one => permits(one.field, ours.cmd, field, our));
      this.#add(ours, theirs, field, String(our), String(their), allowed);
      if (allowed?.field === undefined) isTold = true;
      else theirHex = withBytesOf(ours.attr_hex, theirHex, allowed.field);
    }
    // A byte in no field that either side knows by name.
    if (!isTold) this.#bytes(ours, theirs, 'attr', ours.attr_hex, theirHex);
  }

  #bytes(ours: PlanStep, theirs: LibbpfStep, what: string, our = '', their = ''): void {
    if (our === their) return;
    let at = 0;
    while (our.slice(2 * at, 2 * at + 2) === their.slice(2 * at, 2 * at + 2)) at++;
    const show = (hex: string) =>
      `${hex.slice(2 * at, 2 * (at + SHOWN_BYTES)) || 'end'} (of ${hex.length / 2} bytes)`;
    this.#add(ours, theirs, `${what}, byte ${at}`, show(our), show(their));
  }

  #patches(ours: PlanStep, theirs: LibbpfStep): void {
    const fixed = ours.patches.filter(({put}) => put !== 'value');
    const our = new Map(fixed.map(patch => [placeOf(patch), this.#contentOf(patch)]));
    const their = new Map(theirs.patches.map(patch => [placeOf(patch), contentOf(patch)]));
    for (const [place, content] of our) {
      const theirContent = their.get(place) ?? '';
      if (content !== theirContent) this.#add(ours, theirs, place, content, theirContent);
    }
    for (const [place, content] of their) {
      if (!our.has(place)) this.#add(ours, theirs, place, '', content);
    }
  }

  /** What a patch of the plan puts, in the words for libbpf's. */
  #contentOf({put, slot}: PlanStep['patches'][number]): string {
    if (put !== 'slot') return put;
    return this.#objects.get(slot ?? -1) ?? "an object that libbpf's steps have not made";
  }

  #add(
    ours: PlanStep | undefined,
    theirs: LibbpfStep | undefined,
    what: string,
    our: string,
    their: string,
    allowed?: AllowedDifference,
  ): void {
    const {cmd, name} = ours ?? (theirs as LibbpfStep);
    this.#differences.push({
      plan: ours?.index ?? null,
      libbpf: theirs?.index ?? null,
      what: `${cmd} ${name}: ${what}`,
      ours: our,
      theirs: their,
      ...(allowed === undefined ? {} : {allowed}),
    });
  }
}

/** libbpf's step with nothing at the places of the plan's run-time values. */
function withoutValues(theirs: LibbpfStep, {patches}: PlanStep): LibbpfStep {
  const values = patches.filter(({put}) => put === 'value');
  if (values.length === 0) return theirs;
  const attr = {...theirs.attr};
  const blobs = {...theirs.blobs};
  let attrHex = theirs.attr_hex;
  for (const {in: place, field, offset, width} of values) {
    if (place === 'attr') {
      attrHex = withZeros(attrHex, offset, width);
      delete attr[field ?? ''];
    } else {
      blobs[place] = withZeros(blobs[place] ?? '', offset, width);
    }
  }
  return {...theirs, attr, attr_hex: attrHex, blobs};
}

function withZeros(hex: string, offset: number, size: number): string {
  return hex.slice(0, 2 * offset) + '00'.repeat(size) + hex.slice(2 * (offset + size));
}

function permits(
  rule: AttrFieldRule | undefined,
  cmd: string,
  field: string,
  ours: AttrValue,
): boolean {
  return rule?.cmd === cmd && rule.name === field && rule.ours === ours;
}

/** `to` with the bytes of a field as they are in `from`; both in hex. */
function withBytesOf(from: string, to: string, {offset, size}: AttrFieldRule): string {
  const [start, end] = [2 * offset, 2 * (offset + size)];
  return to.slice(0, start) + from.slice(start, end) + to.slice(end);
}

function keysOf(...records: readonly object[]): Set<string> {
  return new Set(records.flatMap(Object.keys));
}

/** Where and how much is patched. */
function placeOf(patch: LibbpfPatch | PlanStep['patches'][number]): string {
  return `${patch.width} bytes at ${patch.in} ${patch.offset}`;
}

/**
 * What an arena holds. libbpf's own size of it is not known, only what is not zero; and a plan
 * says nothing where there is nothing.
 */
function arenaData({attr, blobs}: LibbpfStep | PlanStep): string {
  const bytes = Buffer.from(blobs.data ?? '', 'hex');
  const first = bytes.findIndex(byte => byte !== 0);
  if (first < 0) return 'all zero';
  const end = bytes.findLastIndex(byte => byte !== 0) + 1;
  return `at ${Number(attr.offset ?? 0) + first}: ${bytes.subarray(first, end).toString('hex')}`;
}

const stepObject = (slot: number) => `the object in slot ${slot} of libbpf's steps`;
const moduleObject = (name: string) => `the BTF of module ${name}`;

function contentOf({put, slot, module}: LibbpfPatch): string {
  if (put !== 'slot') return put;
  if (module !== undefined) return moduleObject(module);
  return slot === null || slot === undefined ? 'an fd of nothing' : stepObject(slot);
}
