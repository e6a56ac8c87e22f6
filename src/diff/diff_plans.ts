import type {Plan} from '../plan/plan.js';
import type {AttrValue, PlanDescription, PlanNote, PlanStep} from '../plan/plan_description.js';
import {type KernelNames, planInstructions} from '../plan/plan_instructions.js';
import {diffInstructions} from './diff_instructions.js';
import {diffValueMembers} from './diff_value_members.js';
import {BTF_LOAD, KeyedSteps, nameOfStep} from './keyed_steps.js';
import type {BlobDiff, FieldDiff, ListDiff, PlanDiff, RangeDiff, StepDiff} from './plan_diff.js';

/** A plan, and where the names of its kernel's functions are. */
export interface DiffSide extends KernelNames {
  readonly plan: Plan;
}

/** Sizes of blobs, which are compared themselves, and counts of records in them. */
const COUNTS = new Set(['insn_cnt', 'btf_size', 'data_size', 'func_info_cnt', 'line_info_cnt']);
/** Type ids that another kernel has given anew, and those that another object has. */
const KERNEL_IDS = new Set(['attach_btf_id', 'btf_vmlinux_value_type_id']);
const OBJECT_IDS = new Set(['btf_key_type_id', 'btf_value_type_id']);
/** What refers to types and strings of the program's BTF by their numbers: of another BTF, others. */
const OBJECT_BLOBS = new Set(['func_info', 'line_info']);
/** Compared as text, in which the same thing has the same name, and not as bytes. */
const INSNS = 'insns';

/**
 * What is different between two plans: of two builds of an object, or for two kernels. Steps
 * belong together that have the same command and name. What refers to types by number is compared
 * only where both count the same types.
 *
 * @throws {PlanError} One of the plans is damaged.
 */
export function diffPlans(old: DiffSide, now: DiffSide): PlanDiff {
  const comparison = new Comparison(new Side(old), new Side(now));
  return comparison.diff();
}

/** A plan, with its steps by keys and its instructions as text. */
class Side {
  readonly description: PlanDescription;
  readonly steps: ReadonlyMap<string, PlanStep>;
  readonly instructions: ReadonlyMap<number, readonly string[]>;
  readonly #keyed: KeyedSteps;

  constructor({plan, ...names}: DiffSide) {
    this.description = plan.describe();
    this.instructions = planInstructions(plan, names);
    this.#keyed = new KeyedSteps(this.description);
    this.steps = this.#keyed.steps;
  }

  nameOf(slot: number): string {
    return this.#keyed.nameOf(slot);
  }

  /** The attr as its reader understands it: fds by names, run-time values by theirs. */
  fieldsOf({attr, patches}: PlanStep): Map<string, AttrValue> {
    const fields = new Map(Object.entries(attr).filter(([field]) => !COUNTS.has(field)));
    for (const {in: target, field = '', slot, value} of patches) {
      if (target !== 'attr') continue;
      if (slot !== undefined) fields.set(field, this.nameOf(slot));
      else if (value !== undefined) fields.set(field, value);
    }
    return fields;
  }
}

class Comparison {
  readonly #old: Side;
  readonly #new: Side;
  /** Fields and blobs. */
  readonly #ignored: ReadonlySet<string>;

  constructor(old: Side, now: Side) {
    this.#old = old;
    this.#new = now;
    const sameKernel = old.description.kernel.btf_xxh64 === now.description.kernel.btf_xxh64;
    const sameTypes = btfOf(old.description) === btfOf(now.description);
    this.#ignored = new Set([
      ...(sameKernel ? [] : KERNEL_IDS),
      ...(sameTypes ? [] : [...OBJECT_IDS, ...OBJECT_BLOBS]),
    ]);
  }

  diff(): PlanDiff {
    const [old, now] = [this.#old.description, this.#new.description];
    const parts = {
      steps: this.#steps(),
      reordered: this.#isReordered(),
      capabilities: diffLists(old.capabilities, now.capabilities),
      settings: diffLists(old.settings, now.settings),
      losses: diffLists(textsOf(old, old.losses), textsOf(now, now.losses)),
      warnings: diffLists(textsOf(old, old.warnings), textsOf(now, now.warnings)),
    };
    const {steps, reordered, ...lists} = parts;
    const listsDiffer = Object.values(lists).some(
      ({removed, added}) => removed.length + added.length > 0,
    );
    return {
      schema: 'structops.diff/1',
      differs: steps.length > 0 || reordered || listsDiffer,
      old: identityOf(old),
      new: identityOf(now),
      ...parts,
    };
  }

  #steps(): StepDiff[] {
    const [old, now] = [this.#old.steps, this.#new.steps];
    const diffs = [...now].map(([key, step]) => this.#step(old.get(key), step));
    const removed = [...old].filter(([key]) => !now.has(key));
    return [...diffs, ...removed.map(([, step]) => this.#step(step, undefined))].filter(
      diff => diff !== undefined,
    );
  }

  #step(old: PlanStep | undefined, now: PlanStep | undefined): StepDiff | undefined {
    const step = (now ?? old) as PlanStep;
    const head = {
      ...{cmd: step.cmd, name: nameOfStep(step)},
      ...{old_step: old?.index ?? null, new_step: now?.index ?? null},
    };
    if (old === undefined) return {...head, change: 'added', fields: [], blobs: []};
    if (now === undefined) return {...head, change: 'removed', fields: [], blobs: []};
    const fields = this.#fields(old, now);
    const instructions = diffInstructions(
      this.#old.instructions.get(old.index) ?? [],
      this.#new.instructions.get(now.index) ?? [],
    );
    const members = diffValueMembers(
      {members: old.members, nameOf: slot => this.#old.nameOf(slot)},
      {members: now.members, nameOf: slot => this.#new.nameOf(slot)},
    );
    const blobs = diffBlobs(old, now).filter(({blob}) => !this.#ignored.has(blob));
    const differs = fields.length + blobs.length + members.length > 0 || instructions !== undefined;
    if (!differs) return undefined;
    return {
      ...{...head, change: 'changed', fields, blobs},
      ...(instructions !== undefined && {instructions}),
      ...(members.length > 0 && {members}),
    };
  }

  #fields(old: PlanStep, now: PlanStep): FieldDiff[] {
    const [before, after] = [this.#old.fieldsOf(old), this.#new.fieldsOf(now)];
    const fields = [...new Set([...before.keys(), ...after.keys()])];
    const diffs = fields.map(field => {
      const [left, right] = [before.get(field), after.get(field)];
      return {field, old: left ?? absent(right), new: right ?? absent(left)};
    });
    if (old.phase !== now.phase) diffs.push({field: 'phase', old: old.phase, new: now.phase});
    return diffs.filter(diff => diff.old !== diff.new && !this.#ignored.has(diff.field));
  }

  #isReordered(): boolean {
    const common = [...this.#old.steps.keys()].filter(key => this.#new.steps.has(key));
    const inNew = [...this.#new.steps.keys()].filter(key => this.#old.steps.has(key));
    return common.some((key, index) => key !== inNew[index]);
  }
}

/** A number that is not told is zero. */
function absent(other: AttrValue | undefined): AttrValue | null {
  return typeof other === 'number' ? 0 : null;
}

function btfOf({steps}: PlanDescription): string {
  return steps.find(({cmd}) => cmd === BTF_LOAD)?.blobs.btf ?? '';
}

function identityOf({object, kernel, plan}: PlanDescription) {
  return {object, kernel, plan};
}

function textsOf({steps}: PlanDescription, notes: readonly PlanNote[]): string[] {
  return notes.map(({step, text}) => (step === null ? text : `${steps[step]?.name}: ${text}`));
}

function diffLists(old: readonly string[], now: readonly string[]): ListDiff {
  return {
    removed: old.filter(text => !now.includes(text)),
    added: now.filter(text => !old.includes(text)),
  };
}

/** Of those that have members, and of instructions, more is known than their bytes. */
function diffBlobs(old: PlanStep, now: PlanStep): BlobDiff[] {
  const names = [...new Set([...Object.keys(old.blobs), ...Object.keys(now.blobs)])];
  return names.flatMap(blob => {
    const hasMembers = old.members !== undefined && now.members !== undefined;
    if (blob === INSNS || (blob === 'value' && hasMembers)) return [];
    const [before = '', after = ''] = [old.blobs[blob], now.blobs[blob]];
    if (before === after) return [];
    const sameSize = before.length === after.length;
    return [
      {
        ...{blob, old_size: before.length / 2, new_size: after.length / 2},
        ranges: sameSize ? diffBytes(before, after) : [],
      },
    ];
  });
}

/** Runs of bytes that differ, of two texts in hex of the same length. */
function diffBytes(old: string, now: string): RangeDiff[] {
  const ranges: RangeDiff[] = [];
  for (let at = 0; at < old.length; at += 2) {
    const start = at;
    while (at < old.length && old.slice(at, at + 2) !== now.slice(at, at + 2)) at += 2;
    if (at === start) continue;
    ranges.push({offset: start / 2, old: old.slice(start, at), new: now.slice(start, at)});
  }
  return ranges;
}
