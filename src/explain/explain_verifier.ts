import type {Explanation} from '../errors.js';
import type {StepFailed} from '../executor/shim_report.js';
import type {PlanDescription} from '../plan/plan_description.js';
import {explainVerifierLog, type VerifierExplanation} from './verifier_log.js';

/** Why the verifier refused a program: the cause first, then where, and what to change. */
export function explainVerifier(failed: StepFailed, plan: PlanDescription): Explanation {
  const log = explainVerifierLog(failed.log ?? '');
  return {
    what: `the verifier refused program ${failed.name}${memberText(failed, plan)}: ${log.cause}`,
    why: [log.reason, ...placeLines(log), ...pathLines(log)].filter(Boolean).join('\n'),
    hint: log.suggestion ?? 'the log below says how the program comes there',
  };
}

/** ` (ssthresh of tcp_congestion_ops)`: where the kernel would call it. */
function memberText(failed: StepFailed, {steps}: PlanDescription): string {
  const slot = steps[failed.step]?.slot;
  const uses = steps.flatMap(({members = [], value_type: type = ''}) =>
    members
      .filter(member => slot !== null && slot !== undefined && member.slot === slot)
      .map(({name}) => `${name} of ${type.replace(/^bpf_struct_ops_/, '')}`),
  );
  return uses.length === 0 ? '' : ` (${[...new Set(uses)].join(', ')})`;
}

function placeLines({source, instruction, registers}: VerifierExplanation): string[] {
  const place = source?.file === undefined ? 'source' : `${source.file}:${source.line}`;
  return [
    ...(source === undefined ? [] : [`${place}: ${source.text}`]),
    ...(instruction === undefined ? [] : [`instruction ${instruction.index}: ${instruction.text}`]),
    ...(registers === undefined ? [] : [`registers: ${registers}`]),
  ];
}

function pathLines({causalPath = []}: VerifierExplanation): string[] {
  return causalPath.length === 0 ? [] : ['how it comes there:', ...causalPath];
}
