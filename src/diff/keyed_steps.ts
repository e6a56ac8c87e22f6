import type {PlanDescription, PlanStep} from '../plan/plan_description.js';

export const BTF_LOAD = 'BPF_BTF_LOAD';

/** The steps of a plan by keys, and names for its slots: steps of two plans with one key belong together. */
export class KeyedSteps {
  readonly steps: ReadonlyMap<string, PlanStep>;
  readonly #slots = new Map<number, string>();

  constructor({kernel, steps}: PlanDescription) {
    for (const {slot, name} of kernel.modules) this.#slots.set(slot, name);
    const keyed = new Map<string, PlanStep>();
    const counts = new Map<string, number>();
    for (const step of steps) {
      if (step.slot !== null) this.#slots.set(step.slot, nameOfStep(step));
      const key = this.#keyOf(step);
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      // Names need not be unique: the second of a name belongs to the second.
      keyed.set(`${key} ${count}`, step);
    }
    this.steps = keyed;
  }

  nameOf(slot: number): string {
    return this.#slots.get(slot) ?? `slot ${slot}`;
  }

  /** What a step that only brings things together is about are those things. */
  #keyOf(step: PlanStep): string {
    const {cmd, slot, blobs, patches} = step;
    const name = nameOfStep(step);
    if (slot !== null || Object.keys(blobs).length > 0) return `${cmd} ${name}`;
    const fds = patches.flatMap(patch => (patch.slot === undefined ? [] : [patch.slot]));
    return [cmd, name, ...fds.map(fd => this.nameOf(fd))].join(' ');
  }
}

/** BTF has the name of its object's file: a copy is not another BTF. */
export function nameOfStep({cmd, name}: PlanStep): string {
  return cmd === BTF_LOAD ? 'BTF' : name;
}
