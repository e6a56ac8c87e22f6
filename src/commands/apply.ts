import {Command} from 'commander';
import {ShimError} from '../errors.js';
import type {AppliedPlan, ApplyOptions} from '../executor/apply_plan.js';
import type {Plan} from '../plan/plan.js';
import {registrationsOf} from '../plan/plan_registrations.js';
import {renderApplied, renderPinned} from '../render/applied.js';
import {screenOf} from '../render/screen.js';
import {type ExecutorArguments, executorOptions, withExecutorOptions} from './executor_options.js';
import {DroppedLinks, endSignal, hold} from './hold.js';
import {type PlanOptions, readPlanOrObject} from './inputs.js';
import {type OutputOptions, printJsonLine, printLine, writeOutput} from './output.js';
import {withPlanOptions} from './plan.js';
import {withProgress} from './progress.js';

const EXAMPLES = `
Holds what it attached until Ctrl-C (SIGTERM, SIGHUP), then takes it away.
What is pinned (--pin) stays, and it exits at once.

Examples:
  sudo structops apply second.plan                 a plan that was reviewed
  structops apply second.bpf.o --sudo              plans without privilege first
  sudo structops apply second.bpf.o --load-only    what does the verifier say?
  sudo structops apply second.bpf.o --pin cc       pinned, and held by the pin
  sudo structops apply second.plan --json          the executor's result lines
`;

interface Options extends PlanOptions, ExecutorArguments, OutputOptions {
  readonly loadOnly?: boolean;
  readonly log?: string;
}

export function applyCommand(): Command {
  const command = new Command('apply')
    .summary('load, attach, and hold until Ctrl-C')
    .description("Has the executor make a plan's bpf(2) calls on this machine.")
    .argument('<plan|object>', 'a kept plan, or an object; - is standard input');
  withExecutorOptions(command)
    .option('--load-only', 'only load, then let go: nothing is attached')
    .option('--log <file>', "keep the kernel's log of a refused program")
    .option('--json', 'print a line for each event (docs/executor.md)');
  return withPlanOptions(command).addHelpText('after', EXAMPLES).action(runApply);
}

async function runApply(path: string, options: Options): Promise<void> {
  const plan = readPlanOrObject(path, options);
  const signal = endSignal();
  const registered = registrationsOf(plan);
  const dropped = new DroppedLinks(registered, options.json);
  const applied = await carryOut(plan, options, signal, dropped);
  if (options.json) printJsonLine(applied.result);
  else printLine(renderApplied(applied.result, screenOf(process.stdout)));
  if (options.loadOnly) return;
  if (registered.length === 0 || registered.some(({pin}) => pin === undefined)) {
    return hold(applied, signal, options.json, dropped);
  }
  await applied.release();
  if (!options.json) printLine(renderPinned(registered));
}

async function carryOut(
  plan: Plan,
  options: Options,
  signal: AbortSignal,
  {onDetached}: DroppedLinks,
): Promise<AppliedPlan> {
  // Not needed, and not loaded, by the commands that have no privilege.
  const {applyPlan} = await import('../executor/apply_plan.js');
  const {loadOnly = false, sudo = false, log} = options;
  const request: ApplyOptions = {...executorOptions(options), loadOnly, signal, onDetached};
  try {
    // A spinner would overwrite the question for the password.
    if (sudo) return await applyPlan(plan, request);
    return await withProgress('the kernel verifies and loads', () => applyPlan(plan, request));
  } catch (error) {
    if (log !== undefined && error instanceof ShimError && error.verifierLog !== undefined) {
      writeOutput(log, "the kernel's log", error.verifierLog);
    }
    throw error;
  }
}
