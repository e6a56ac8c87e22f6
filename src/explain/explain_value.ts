import type {Explanation} from '../errors.js';
import type {StepFailed} from '../executor/shim_report.js';

interface Reason {
  readonly why: (failed: StepFailed) => string;
  readonly hint: string;
}

/** docs/executor.md, "Reasons of `step_failed`". */
const REASONS: Readonly<Record<string, Reason>> = {
  file_unreadable: {
    why: ({file, error}) => `${file} cannot be read: ${error}`,
    hint: 'without /sys/kernel/sched_ext/hotplug_seq the kernel has no sched_ext; else see that /proc and /sys are mounted',
  },
  file_not_understood: {
    why: ({file}) => `${file} does not look as the kernel writes it`,
    hint: 'see what is mounted in its place',
  },
  symbol_missing: {
    why: ({symbol}) => `this kernel has no symbol ${symbol}`,
    hint: 'load the module that has it, or declare it __weak in the object',
  },
  symbol_ambiguous: {
    why: ({symbol}) => `this kernel has several symbols ${symbol}, at different addresses`,
    hint: 'ask for another symbol',
  },
  addresses_hidden: {
    why: () => 'the kernel hides the addresses of its symbols',
    hint: 'apply as root or with CAP_SYSLOG; sysctl kernel.kptr_restrict must be below 2',
  },
};

/** Why a value that only the running kernel can say was not to be had; no step was made. */
export function explainMissingValue(failed: StepFailed): Explanation {
  const reason = REASONS[failed.reason ?? ''];
  return {
    what: `step ${failed.step}, ${failed.cmd} of ${failed.name}: ${failed.reason}`,
    why: reason?.why(failed) ?? '',
    hint: reason?.hint ?? 'docs/executor.md explains the reason',
  };
}
