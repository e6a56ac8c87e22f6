import type {PlanStep} from '../../src/plan/plan_description.js';
import type {LibbpfStep} from './libbpf_steps.js';

export interface AlignedSteps {
  /** undefined: only libbpf makes this call. */
  readonly ours: PlanStep | undefined;
  /** undefined: only the plan has this step. */
  readonly theirs: LibbpfStep | undefined;
}

/**
 * Puts the steps of two lists side by side, both in their order, so that one step that is missing
 * does not make all that follow it look wrong. Steps stand beside each other when they have the
 * same command and are of an object with the same kernel name.
 */
export function alignSteps(
  ours: readonly PlanStep[],
  theirs: readonly LibbpfStep[],
): readonly AlignedSteps[] {
  const [ourKeys, theirKeys] = [keysOf(ours), keysOf(theirs)];
  const rows: AlignedSteps[] = [];
  let [i, j] = [0, 0];
  while (i < ours.length || j < theirs.length) {
    const skipOurs = distance(ourKeys, i, theirKeys[j]);
    const skipTheirs = distance(theirKeys, j, ourKeys[i]);
    if (skipOurs === 0) rows.push({ours: ours[i++], theirs: theirs[j++]});
    else if (skipTheirs <= skipOurs && j < theirs.length) {
      rows.push({ours: undefined, theirs: theirs[j++]});
    } else rows.push({ours: ours[i++], theirs: undefined});
  }
  return rows;
}

/** How far after `from` the key is; Infinity: it does not come. */
function distance(keys: readonly string[], from: number, key: string | undefined): number {
  const at = key === undefined ? -1 : keys.indexOf(key, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at - from;
}

/** For each step its command, and the kernel names of the objects that it makes or works on. */
function keysOf(steps: readonly (PlanStep | LibbpfStep)[]): string[] {
  const nameOfSlot = new Map<number, unknown>();
  return steps.map(({cmd, slot, attr, patches}) => {
    const made = attr.map_name ?? attr.prog_name;
    if (slot !== null) nameOfSlot.set(slot, made);
    const used = patches
      .filter(patch => patch.field === 'map_fd' || patch.field === 'prog_fd')
      .map(patch => nameOfSlot.get(patch.slot ?? -1));
    return [cmd, made, ...used].join(' ');
  });
}
