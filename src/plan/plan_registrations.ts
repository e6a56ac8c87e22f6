import type {Plan} from './plan.js';
import type {PlanStep} from './plan_description.js';

/** A struct_ops that a plan registers. */
export interface PlannedRegistration {
  readonly name: string;
  /** Registered by a link, not by the update of its map. */
  readonly link: boolean;
  /** Where it is pinned, below the pin root: it then stays when the executor ends. */
  readonly pin: string | undefined;
}

/** What a plan registers, and what of it will stay. */
export function registrationsOf(plan: Plan): PlannedRegistration[] {
  const {steps} = plan.describe();
  return steps
    .filter(({phase, value_type}) => phase === 'attach' && value_type !== undefined)
    .map(write => {
      const map = slotRead(write, 'map_fd');
      const link = steps.find(
        ({cmd, ...step}) => cmd === 'BPF_LINK_CREATE' && slotRead(step, 'map_fd') === map,
      );
      const kept = link === undefined ? map : link.slot;
      const pin = steps.find(
        ({cmd, ...step}) => cmd === 'BPF_OBJ_PIN' && slotRead(step, 'bpf_fd') === kept,
      );
      return {name: write.name, link: link !== undefined, pin: pin && pathOf(pin)};
    });
}

function slotRead({patches}: Pick<PlanStep, 'patches'>, wanted: string): number | undefined {
  return patches.find(({field, put}) => field === wanted && put === 'slot')?.slot;
}

/** It ends in NUL. */
function pathOf({blobs}: PlanStep): string {
  return Buffer.from(blobs.pathname ?? '', 'hex')
    .toString('utf8')
    .replace(/\0$/, '');
}
