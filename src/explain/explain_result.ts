import {type Explanation, ShimError, type ShimErrorCode} from '../errors.js';
import type {
  Checked,
  Done,
  FrameResult,
  Interrupted,
  PlanRefused,
  StepFailed,
  WrongKernel,
} from '../executor/shim_report.js';
import type {Plan} from '../plan/plan.js';
import type {BtfIdentity} from '../plan/plan_description.js';
import {explainStepFailed} from './explain_errno.js';

type Success = Done | Checked;
type Failure = Exclude<FrameResult, Success>;

/**
 * The result, if the plan was carried out.
 *
 * @throws {ShimError} It was not: what the executor's answer means for this plan.
 */
export function expectSuccess(result: FrameResult, plan: Plan): Success {
  switch (result.status) {
    case 'done':
    case 'loaded':
    case 'checked':
      return result;
    case 'step_failed':
      throw failure(
        'STEP_FAILED',
        result,
        withLeftovers(result, explainStepFailed(result, plan.describe())),
      );
    case 'interrupted':
      throw failure('INTERRUPTED', result, withLeftovers(result, explainInterrupted(result)));
    case 'plan_refused':
      throw failure('PLAN_REFUSED', result, explainRefused(result));
    case 'wrong_kernel':
      throw failure('WRONG_KERNEL', result, explainWrongKernel(result));
  }
}

function failure(code: ShimErrorCode, result: Failure, explanation: Explanation): ShimError {
  return new ShimError(code, explanation, {result});
}

/** What matters most where it happens: something is still in force. */
function withLeftovers(result: StepFailed | Interrupted, explanation: Explanation): Explanation {
  const {left_registered, left_pinned = 0, not_restored = 0, restored = []} = result;
  const gap = result.gap_ns === undefined ? '' : ` after ${durationText(result.gap_ns)}`;
  const warnings = [
    restored.length > 0 && `what it replaces was put back${gap}`,
    not_restored > 0 && `${not_restored} registration(s) could not be put back: OUT OF FORCE`,
    left_registered > 0 &&
      `${left_registered} registration(s) could not be taken back and are STILL IN FORCE`,
    left_pinned > 0 && `${left_pinned} pin(s) could not be removed`,
  ];
  return {...explanation, hint: [explanation.hint, ...warnings].filter(Boolean).join('\n')};
}

/** Nanoseconds for people. */
export function durationText(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(0)} µs`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(1)} s`;
}

function explainInterrupted({step, cmd, name}: Interrupted): Explanation {
  return {
    what: `interrupted by a signal before step ${step}, ${cmd} of ${name}`,
    why: 'everything that had been made was taken back',
  };
}

/** Reasons that a damaged or foreign file has; all others mean that nobody made it by the rules. */
const DAMAGED = new Set(['truncated', 'bad_magic', 'bad_frame_size', 'bad_digest']);

function explainRefused({reason, part, index, field}: PlanRefused): Explanation {
  const place = part === 'head' ? 'its head' : `${part} ${index}`;
  return {
    what: `the executor refuses the plan: ${reason}, in ${place}${field ? `, field ${field}` : ''}`,
    why: DAMAGED.has(reason)
      ? 'the plan is damaged: nothing was done'
      : 'the plan breaks a rule that every plan must keep: nothing was done',
    hint: DAMAGED.has(reason)
      ? 'copy it again, or make it again with `structops plan -o`'
      : 'do not apply it; make one with `structops plan -o`. docs/executor.md explains the reason',
  };
}

function explainWrongKernel({btf, wanted, running, error}: WrongKernel): Explanation {
  const isModule = btf !== 'vmlinux';
  return {
    what: isModule
      ? `the plan is for another build of the module ${btf}`
      : 'the plan is for another kernel than the one that runs here',
    why:
      `it was made for BTF of ${identity(wanted)}; here is ` +
      (running === null ? `none${error ? ` (${error})` : ''}` : identity(running)),
    hint:
      isModule && running === null
        ? `load the module: modprobe ${btf}`
        : 'plan again, on this machine or with its /sys/kernel/btf/vmlinux as --btf FILE',
  };
}

function identity({btf_size, btf_xxh64}: BtfIdentity): string {
  return `${btf_size} bytes, xxh64 ${btf_xxh64}`;
}
