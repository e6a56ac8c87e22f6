import type {StepFailed} from '../../src/executor/shim_report.js';
import type {Plan} from '../../src/plan/plan.js';
import {WEAK_OPTIONS} from './allowed_differences.js';
import {compareUpTo, compareWithPlan, type Difference, unexpected} from './compare_with_plan.js';
import {errorCode, type LibbpfRun} from './libbpf_steps.js';
import type {OurPlan} from './our_plan.js';
import {hasEnded, type NoResult, type Recording} from './recording.js';

/** What became of an object on one side. */
export interface Outcome {
  readonly kind:
    | 'attached'
    /** Planned, and nobody has carried the plan out. */
    | 'planned'
    /** The kernel refused a step. */
    | 'refused'
    /** Given up before the kernel was asked for what cannot be. */
    | 'unusable'
    /** It took too long, crashed, or was the end of the guest. */
    | 'none';
  /** One line: the step and its error, the faults, how it ended. */
  readonly text: string;
  /** Who has refused it: the verifier, the subsystem that it is for, or the kernel before both. */
  readonly by?: 'verifier' | 'subsystem' | 'kernel';
}

/** What the oracle says of one object: `structops oracle --json` has a list of these. */
export interface Verdict {
  readonly object: string;
  readonly same: boolean;
  readonly libbpf: Outcome;
  readonly ours: Outcome;
  /** What is wrong, the first first; empty if same. */
  readonly why: readonly string[];
  /** Steps and fields that differ and may, each with how often. */
  readonly meant: Readonly<Record<string, number>>;
  /** libbpf's log, the verifier's or the faults in full, for people. */
  readonly log: string;
}

/** Codes of faults that say before what the kernel would say to this command. */
const SAID_BEFORE: Readonly<Record<string, string>> = {
  KERN_NO_LINKS: 'BPF_MAP_CREATE',
  KERN_NO_MAP_TYPE: 'BPF_MAP_CREATE',
  KERN_NO_PROGRAM_TYPE: 'BPF_PROG_LOAD',
};

interface Comparison {
  readonly differences: readonly Difference[];
  /** Index of the plan's step that the kernel refused to libbpf. */
  readonly refusedStep?: number | undefined;
}

/** Compares what libbpf did with an object, and what became of it, with ours. */
export function judge({object, libbpf, executor, left}: Recording, plan: OurPlan): Verdict {
  const theirs = theirOutcome(libbpf);
  const ours = ourOutcome(plan, executor);
  const {differences, refusedStep} = compare(libbpf, plan);
  const isMeant =
    theirs.kind === 'unusable' && WEAK_OPTIONS.log.test(libbpf.log) && !('faults' in plan);
  const wrong = unexpected(differences).map(sentence);
  const why = [
    ...(isMeant ? [] : outcomesDiffer(libbpf, plan, executor, refusedStep, theirs, ours)),
    ...wrong,
    ...(left === '' ? [] : [`left in the kernel ${left}`]),
  ];
  return {
    object,
    same: why.length === 0,
    libbpf: theirs,
    ours,
    why,
    meant: {...countMeant(differences), ...(isMeant && {[WEAK_OPTIONS.name]: 1})},
    log: [libbpf.log, executorLog(executor), faultLines(plan)].filter(Boolean).join('\n'),
  };
}

function theirOutcome(run: LibbpfRun | NoResult): Outcome {
  if (hasEnded(run)) return {kind: 'none', text: run.ended};
  const {error, refused} = run;
  if (error === null) return {kind: 'attached', text: 'attached'};
  if (refused === null) return {kind: 'unusable', text: `${error.doing}: ${error.code}`};
  return {kind: 'refused', text: refusal(refused.cmd, refused.name, refused.errno ?? 0)};
}

function ourOutcome(plan: OurPlan, executor: Recording['executor']): Outcome {
  if ('faults' in plan) {
    const codes = [...new Set(plan.faults.map(({code}) => code))];
    return {kind: 'unusable', text: codes.join(' ')};
  }
  if (executor === null) return {kind: 'planned', text: 'planned'};
  if (hasEnded(executor)) return {kind: 'none', text: executor.ended};
  if (executor.status === 'done') return {kind: 'attached', text: 'attached'};
  if (executor.status !== 'step_failed') return {kind: 'unusable', text: executor.status};
  const {cmd, name, errno = 0, reason} = executor;
  const text = reason ?? refusal(cmd, name, errno);
  return {kind: 'refused', text, by: refuserOf(executor, plan.plan)};
}

function refuserOf({step, cmd, log}: StepFailed, plan: Plan): NonNullable<Outcome['by']> {
  if (plan.describe().steps[step]?.phase === 'attach') return 'subsystem';
  return cmd === 'BPF_PROG_LOAD' && log !== undefined ? 'verifier' : 'kernel';
}

function refusal(cmd: string, name: string, errno: number): string {
  return `${cmd} ${name}: ${errorCode(errno)}`;
}

function compare(libbpf: LibbpfRun | NoResult, plan: OurPlan): Comparison {
  if (hasEnded(libbpf) || 'faults' in plan) return {differences: []};
  const description = plan.plan.describe();
  if (libbpf.error === null) {
    return {differences: compareWithPlan(description, libbpf.steps)};
  }
  // What it did before it gave up of itself is no step of ours either.
  if (libbpf.refused === null) return {differences: []};
  const {differences, step} = compareUpTo(description, libbpf.steps, libbpf.refused);
  return {differences, refusedStep: step?.index};
}

function outcomesDiffer(
  libbpf: LibbpfRun | NoResult,
  plan: OurPlan,
  executor: Recording['executor'],
  refusedStep: number | undefined,
  theirs: Outcome,
  ours: Outcome,
): string[] {
  const differ = [`libbpf: ${theirs.text}; ours: ${ours.text}`];
  if (theirs.kind === 'none' || ours.kind === 'none') return differ;
  if (ours.kind === 'planned') return theirs.kind === 'unusable' ? differ : [];
  if (theirs.kind !== ours.kind) return saidBefore(libbpf, plan) ? [] : differ;
  if (theirs.kind !== 'refused') return [];
  if (executor === null || hasEnded(executor) || hasEnded(libbpf)) return differ;
  const isSame =
    executor.status === 'step_failed' &&
    executor.step === refusedStep &&
    executor.errno === libbpf.refused?.errno;
  return isSame ? [] : differ;
}

/** Whether all that we say of an object is what the kernel said when libbpf asked it. */
function saidBefore(libbpf: LibbpfRun | NoResult, plan: OurPlan): boolean {
  if (hasEnded(libbpf) || libbpf.refused === null || !('faults' in plan)) return false;
  const {cmd} = libbpf.refused;
  return plan.faults.every(({code}) => SAID_BEFORE[code] === cmd);
}

function sentence({plan, libbpf, what, ours, theirs}: Difference): string {
  const [our, their] = [`plan ${plan ?? '-'}`, `libbpf ${libbpf ?? '-'}`];
  return `step ${our}, ${their}: ${what}: ours ${ours || 'nothing'}, libbpf's ${theirs || 'nothing'}`;
}

function countMeant(differences: readonly Difference[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {allowed} of differences) {
    if (allowed !== undefined) counts[allowed.name] = (counts[allowed.name] ?? 0) + 1;
  }
  return counts;
}

function executorLog(executor: Recording['executor']): string {
  if (executor === null) return '';
  if (hasEnded(executor)) return executor.log;
  return executor.status === 'step_failed' ? (executor.log ?? '') : '';
}

function faultLines(plan: OurPlan): string {
  return 'faults' in plan
    ? plan.faults.map(({code, message}) => `${code}: ${message}`).join('\n')
    : '';
}
