import {Command} from 'commander';
import type {AppliedPlan, ApplyOptions} from '../apply_plan.js';
import {ShimError} from '../errors.js';
import type {Plan} from '../plan.js';
import {renderApplied} from '../render/applied.js';
import {screenOf} from '../render/screen.js';
import type {ShimExit} from '../shim_process.js';
import {type PlanOptions, readPlanOrObject} from './inputs.js';
import {type OutputOptions, printJsonLine, printLine, writeOutput} from './output.js';
import {withPlanOptions} from './plan.js';
import {withProgress} from './progress.js';

const EXAMPLES = `
Holds what it attached until Ctrl-C (or SIGTERM, SIGHUP), then takes it away and exits with 0.

Examples:
  sudo structops apply second.plan                 a plan that was reviewed
  structops apply second.bpf.o --sudo              plans without privilege, asks for the password
  sudo structops apply second.bpf.o --load-only    would this kernel's verifier take it?
  sudo structops apply second.plan --json          the executor's result lines
`;

interface Options extends PlanOptions, OutputOptions {
  readonly loadOnly?: boolean;
  readonly sudo?: boolean;
  readonly shim?: string;
  readonly log?: string;
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function applyCommand(): Command {
  const command = new Command('apply')
    .summary('load, attach, and hold until Ctrl-C')
    .description("Has the executor make a plan's bpf(2) calls on this machine.")
    .argument('<plan|object>', 'a kept plan, or an object; - is standard input');
  command
    .option('--load-only', 'only load, then let go: nothing is attached')
    .option('--sudo', 'start only the executor through sudo')
    .option('--shim <file>', 'the executor (default: the one installed or built here)')
    .option('--log <file>', "keep the kernel's log of a refused program")
    .option('--json', 'print a line for each event (docs/executor.md)');
  return withPlanOptions(command).addHelpText('after', EXAMPLES).action(runApply);
}

async function runApply(path: string, options: Options): Promise<void> {
  const plan = readPlanOrObject(path, options);
  const ending = new AbortController();
  // Not `once`: execa ends this process if its own listener is the last one left.
  for (const signal of END_SIGNALS) process.on(signal, () => ending.abort());
  const applied = await carryOut(plan, options, ending.signal);
  if (options.json) printJsonLine(applied.result);
  else printLine(renderApplied(applied.result, screenOf(process.stdout)));
  if (!options.loadOnly) await hold(applied, ending.signal, options);
}

async function carryOut(plan: Plan, options: Options, signal: AbortSignal): Promise<AppliedPlan> {
  // Not needed, and not loaded, by the commands that have no privilege.
  const {applyPlan} = await import('../apply_plan.js');
  const {loadOnly = false, sudo = false, shim, log} = options;
  const request: ApplyOptions = {loadOnly, sudo, signal, ...(shim !== undefined && {path: shim})};
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

/** Until a signal, or until the executor ends by itself. */
async function hold(applied: AppliedPlan, signal: AbortSignal, {json}: Options): Promise<void> {
  if (!json) printLine('\nheld until Ctrl-C');
  const signalled = new Promise<undefined>(resolve => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), {once: true});
  });
  const exit = await Promise.race([signalled, applied.ended]);
  if (exit !== undefined && !endedBySignal(exit)) throw lostExecutor(exit);
  const released = await applied.release();
  if (json && released !== undefined) printJsonLine(released);
  else if (!json) printLine('released');
}

/** A terminal sends Ctrl-C to the executor as well, which may be the first to end. */
function endedBySignal({released}: ShimExit): boolean {
  return END_SIGNALS.some(signal => signal === released?.why);
}

function lostExecutor({exitCode, signal, stderr}: ShimExit): ShimError {
  return new ShimError('SHIM_DIED', {
    what: `the executor ended ${signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`}`,
    why: stderr.trim() || 'links, programs and maps went with it',
    hint: 'what was registered without a link may be left: bpftool struct_ops list',
  });
}
