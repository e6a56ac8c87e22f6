import type {Explanation} from '../errors.js';
import type {StepFailed} from '../executor/shim_report.js';
import type {PlanDescription, PlanStep} from '../plan/plan_description.js';
import {explainMissingValue} from './explain_value.js';
import {explainVerifier} from './explain_verifier.js';

interface Reason {
  readonly errno: string;
  /** Commands; all if absent. */
  readonly cmds?: readonly string[];
  /** What else must hold. */
  readonly when?: (failed: StepFailed, step: PlanStep | undefined) => boolean;
  readonly why: string;
  readonly hint: string;
}

const ATTACH = ['BPF_LINK_CREATE', 'BPF_MAP_UPDATE_ELEM'];

const hasLog = (failed: StepFailed) => failed.log !== undefined;

/** Data maps are written as well, in phase `load`. */
const attaches = (_: StepFailed, step: PlanStep | undefined) => step?.phase === 'attach';

/**
 * What an error of bpf(2) means where, for struct_ops; the first that fits. From the kernel's
 * kernel/bpf/syscall.c, verifier.c and bpf_struct_ops.c, and from what was tried on 6.1, 6.12
 * and 7.2.
 */
const REASONS: readonly Reason[] = [
  {
    errno: 'EPERM',
    why: 'this process lacks a privilege, or a security policy forbids the call',
    hint: 'apply as root or with --sudo; in a container, its seccomp profile must allow bpf(2)',
  },
  {
    errno: 'EEXIST',
    cmds: ATTACH,
    when: attaches,
    why: 'the kernel has one with this name already',
    hint: 'take the other one away first, or give this one another name',
  },
  {
    errno: 'EBUSY',
    cmds: ATTACH,
    when: attaches,
    why: 'the kernel has only one of this kind at a time, and one is in force',
    hint: 'end the other one first',
  },
  {
    errno: 'EINVAL',
    cmds: ['BPF_MAP_UPDATE_ELEM'],
    when: attaches,
    why: 'the kernel does not take these values: a callback that it requires is missing, or a member has a value that it does not allow',
    hint: "the kernel's log may say which: dmesg | tail",
  },
  {
    errno: 'EINVAL',
    cmds: ['BPF_LINK_CREATE'],
    why: 'the kernel does not take this struct_ops into force',
    hint: "the kernel's log may say why: dmesg | tail",
  },
  {
    errno: 'ENOTSUPP',
    cmds: ['BPF_PROG_LOAD'],
    why: 'the kernel cannot call a BPF program here: it does not allow this member to be one, or it has no JIT',
    hint: 'see the log above, if there is one; sysctl net.core.bpf_jit_enable must be 1',
  },
  {
    errno: 'ENOTSUPP',
    cmds: ['BPF_MAP_CREATE'],
    why: 'the kernel has the type of this struct_ops, but does not offer it now',
    hint: 'its subsystem may be a module that is not loaded, or be turned off',
  },
  {
    errno: 'EOPNOTSUPP',
    cmds: ATTACH,
    when: attaches,
    why: "the struct's subsystem does not allow this now",
    hint: "the kernel's log may say why: dmesg | tail",
  },
  {
    errno: 'E2BIG',
    cmds: ['BPF_PROG_LOAD'],
    why: 'the program is too large or too complex for the verifier',
    hint: 'bound its loops, or split it into global functions, which are verified one by one',
  },
  {
    errno: 'E2BIG',
    why: 'the call uses a field that this kernel does not know',
    hint: 'plan with the BTF of the kernel that runs here',
  },
  {
    errno: 'EAGAIN',
    cmds: ['BPF_PROG_LOAD'],
    why: 'signals disturbed the verifier each time',
    hint: 'try again',
  },
  {
    errno: 'EINVAL',
    cmds: ['BPF_PROG_LOAD'],
    when: failed => !hasLog(failed),
    why: 'the kernel refused the call before it looked at the program',
    hint: 'check the attr of the step with `structops show --json`',
  },
  {
    errno: 'ENOMEM',
    why: 'the kernel has no memory for it',
    hint: 'a memory cgroup may limit it; kernels before 5.11 count it against `ulimit -l`',
  },
  {
    errno: 'ENOSYS',
    why: 'this kernel has no bpf(2)',
    hint: 'it was built without CONFIG_BPF_SYSCALL',
  },
];

const BTF_CHECK: Omit<Reason, 'errno'> = {
  why: "the kernel refused the object's type information",
  hint: 'its log, at the end, says which type; a newer clang or pahole may write better BTF',
};

/** What each subsystem asks of its struct, where the kernel only says EINVAL. */
const REQUIREMENTS: Readonly<Record<string, string>> = {
  // tcp_validate_congestion_control() and bpf_tcp_ca_init_member()
  bpf_struct_ops_tcp_congestion_ops:
    'tcp_congestion_ops needs ssthresh, undo_cwnd, one of cong_avoid and cong_control, and a name',
};

/** What the kernel's refusal of a step means, and what to try. */
export function explainStepFailed(failed: StepFailed, plan: PlanDescription): Explanation {
  const explanation = explainRefusal(failed, plan);
  if (failed.lacks === undefined) return explanation;
  const lacks = `the executor lacks ${failed.lacks.join(' and ')}, which the plan needs`;
  return {...explanation, hint: [lacks, explanation.hint].filter(Boolean).join('\n')};
}

function explainRefusal(failed: StepFailed, plan: PlanDescription): Explanation {
  if (failed.reason !== undefined) return explainMissingValue(failed);
  const what =
    `step ${failed.step}, ${failed.cmd} of ${failed.name}: ` +
    (failed.error ?? `the kernel returned ${failed.returned}`);
  if (failed.returned !== undefined) {
    return {
      what,
      why: 'a positive number: the value names an owner (a kernel module), and was not registered',
      hint: 'leave the member `owner` zero',
    };
  }
  if (isVerifierLog(failed)) return explainVerifier(failed, plan);
  const step = plan.steps[failed.step];
  const reason = reasonOf(failed, step);
  const hints = [
    reason?.hint,
    requirement(failed, step),
    registration(failed, step),
    privileges(failed, plan),
  ];
  return {what, why: reason?.why ?? '', hint: hints.filter(Boolean).join('\n')};
}

/** With these two the log tells of no check of the program itself. */
function isVerifierLog(failed: StepFailed): boolean {
  if (failed.cmd !== 'BPF_PROG_LOAD' || !hasLog(failed)) return false;
  return failed.error !== 'EPERM' && failed.error !== 'ENOTSUPP';
}

function reasonOf(
  failed: StepFailed,
  step: PlanStep | undefined,
): Omit<Reason, 'errno'> | undefined {
  if (hasLog(failed) && failed.error !== 'EPERM' && failed.error !== 'ENOTSUPP') {
    return BTF_CHECK;
  }
  return REASONS.find(
    ({errno, cmds, when}) =>
      errno === failed.error &&
      (cmds === undefined || cmds.includes(failed.cmd)) &&
      (when === undefined || when(failed, step)),
  );
}

function requirement(failed: StepFailed, step: PlanStep | undefined): string | undefined {
  return failed.error === 'EINVAL' ? REQUIREMENTS[step?.value_type ?? ''] : undefined;
}

/** What a call needs by itself; bpf(2) and kernel/bpf/syscall.c, bpf_capable() and its kin. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  BPF_PROG_LOAD: 'CAP_BPF and CAP_PERFMON',
  BPF_MAP_CREATE: 'CAP_BPF',
  BPF_BTF_LOAD: 'CAP_BPF',
  BPF_BTF_GET_FD_BY_ID: 'CAP_SYS_ADMIN',
};

function privileges(failed: StepFailed, plan: PlanDescription): string | undefined {
  if (failed.error !== 'EPERM' || plan.capabilities.length === 0) return undefined;
  const own = CAPABILITIES[failed.cmd];
  const ofCall = own === undefined ? '' : `this call needs ${own}; `;
  return `${ofCall}the plan needs ${plan.capabilities.join(', ')}`;
}

/** Where the one that is in the way can be seen. */
const IN_FORCE: Readonly<Record<string, string>> = {
  bpf_struct_ops_tcp_congestion_ops: 'sysctl net.ipv4.tcp_available_congestion_control',
  bpf_struct_ops_sched_ext_ops: 'cat /sys/kernel/sched_ext/root/ops',
};

/** By which registration the place is taken: of that name, or the only one of its kind. */
function registration(failed: StepFailed, step: PlanStep | undefined): string | undefined {
  if (failed.error !== 'EEXIST' && failed.error !== 'EBUSY') return undefined;
  if (step?.value_type === undefined) return undefined;
  const hex = step.members?.find(({name}) => name === 'name')?.hex;
  const name = hex && Buffer.from(hex, 'hex').toString('latin1').replace(/\0.*$/s, '');
  const kind = step.value_type.replace(/^bpf_struct_ops_/, '');
  const which = failed.error === 'EEXIST' && name ? `the ${kind} "${name}"` : `another ${kind}`;
  const shown = IN_FORCE[step.value_type];
  return `${which} is registered${shown === undefined ? '' : `, see: ${shown}`}`;
}
