import type {Explanation} from '../errors.js';
import type {StepFailed} from '../executor/shim_report.js';
import type {PlanDescription} from '../plan/plan_description.js';
import {adviceFor, type Marked, markedIn} from './verifier_advice.js';
import {explainVerifierLog, type VerifierExplanation, type VerifierPlace} from './verifier_log.js';

/** Why the verifier refused a program: the cause first, then where, and what to change. */
export function explainVerifier(failed: StepFailed, plan: PlanDescription): Explanation {
  const log = explainVerifierLog(failed.log ?? '');
  const marked = markedIn(log.message ?? log.cause);
  const cause = marked?.cause ?? log.cause;
  const reasons = marked === undefined ? [log.reason] : lossesBehind(marked, failed, log, plan);
  return {
    what: `the verifier refused program ${failed.name}${memberText(failed, plan)}: ${cause}`,
    why: [...reasons, ...placeLines(log), ...takenLines(log), ...pathLines(log)]
      .filter(Boolean)
      .join('\n'),
    hint:
      log.suggestion ??
      marked?.hint ??
      adviceFor(`${log.cause}\n${log.reason ?? ''}`) ??
      'the log below says how the program comes there',
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

/** What the plan says is left out, of that sort: what the place names, or all if it names none. */
function lossesBehind(
  {loss}: Marked,
  {name}: StepFailed,
  {source}: VerifierExplanation,
  {losses}: PlanDescription,
): readonly string[] {
  const texts = losses.map(({text}) => text).filter(text => loss.test(text));
  const line = source?.text ?? '';
  const named = texts.filter(text => {
    const kfunc = /no kfunc (\w+)/.exec(text)?.[1];
    return kfunc === undefined ? text.includes(` of ${name} `) : line.includes(kfunc);
  });
  return named.length > 0 ? named : texts;
}

function placeLines({registers, ...place}: VerifierExplanation): string[] {
  return [
    ...sourceLine(place),
    ...instructionLine(place),
    ...(registers === undefined ? [] : [`registers: ${registers}`]),
  ];
}

function sourceLine({source}: VerifierPlace): string[] {
  if (source === undefined) return [];
  const place = source.file === undefined ? 'source' : `${source.file}:${source.line}`;
  return [`${place}: ${source.text}`];
}

function instructionLine({instruction}: VerifierPlace): string[] {
  return instruction === undefined ? [] : [`instruction ${instruction.index}: ${instruction.text}`];
}

function takenLines({taken}: VerifierExplanation): string[] {
  if (taken === undefined) return [];
  return [`it was taken at: ${[...sourceLine(taken), ...instructionLine(taken)].join('; ')}`];
}

function pathLines({causalPath = []}: VerifierExplanation): string[] {
  return causalPath.length === 0 ? [] : ['how it comes there:', ...causalPath];
}
