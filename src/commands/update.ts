import {Command} from 'commander';
import {ShimError} from '../errors.js';
import type {Update} from '../registered/update_registration.js';
import {renderError} from '../render/error.js';
import {renderPlan} from '../render/plan.js';
import {screenOf} from '../render/screen.js';
import {renderSwap, renderUpdate} from '../render/update.js';
import {type ExecutorArguments, executorOptions, withExecutorOptions} from './executor_options.js';
import {endSignal, hold} from './hold.js';
import {type PlanOptions, readObject, runningRequest} from './inputs.js';
import {type OutputOptions, printJson, printJsonLine, printLine, writeOutput} from './output.js';
import {withProgress} from './progress.js';
import {withSettingOptions} from './setting_arguments.js';

const EXAMPLES = `
Examples:
  sudo structops update so_second new.bpf.o             back to it if it fails
  sudo structops update so_second new.bpf.o --dry-run   every step, nothing done
  sudo structops update link:7 two.bpf.o --variable so_new --pin cc
`;

interface Options extends PlanOptions, ExecutorArguments, OutputOptions {
  readonly dryRun?: boolean;
  readonly variable?: string;
  readonly pin?: string;
  readonly output?: string;
}

export function updateCommand(): Command {
  const command = new Command('update')
    .summary('swap a struct_ops, and back if that fails')
    .description(
      'Puts a struct_ops of an object in the place of one in force, whatever loaded that. The new\n' +
        'one is verified in full before the old one is touched; if it is refused, the old one stays.',
    )
    .argument('<what>', 'what is replaced: a name, link:ID, map:ID, or the path of a pin')
    .argument('<object>', 'a compiled BPF object; - is standard input')
    .option('--dry-run', 'show every step, and do nothing')
    .option('-o, --output <file>', 'with --dry-run: keep the plan')
    .option('--variable <name>', 'the struct_ops variable of the object, if it has several')
    .option('--pin <dir>', 'pin the new one there (default: where the old one was)')
    .option('--json', 'print structops.update/1 (docs/registrations.md)');
  return withSettingOptions(withExecutorOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(runUpdate);
}

async function runUpdate(what: string, path: string, options: Options): Promise<void> {
  const {variable, pin, json = false} = options;
  const request = {
    ...runningRequest(readObject(path), options),
    ...executorOptions(options),
    ...(variable !== undefined && {variable}),
    ...(pin !== undefined && {pin}),
  };
  if (options.dryRun) return dryRun(what, request, options);
  const signal = endSignal();
  const {updateRegistration} = await import('../registered/update_registration.js');
  const act = () => updateRegistration(what, {...request, signal});
  let update: Update;
  try {
    update = options.sudo ? await act() : await withProgress('the kernel verifies and loads', act);
  } catch (error) {
    if (error instanceof ShimError && error.holding !== undefined) {
      if (!json) printLine(renderError(error, screenOf(process.stdout)));
      await hold(error.holding, signal, json);
    }
    throw error;
  }
  if (json) printJsonLine(updateJson(update));
  else printLine(renderUpdate(update, screenOf(process.stdout)));
  if (update.stays) await update.applied.release();
  else await hold(update.applied, signal, json);
}

async function dryRun(
  what: string,
  request: Parameters<typeof import('../registered/plan_update.js').planUpdate>[1],
  {json = false, output}: Options,
): Promise<void> {
  const {findRegistration} = await import('../registered/find_registration.js');
  const {listRegistrations} = await import('../registered/list_registrations.js');
  const {planUpdate} = await import('../registered/plan_update.js');
  const {registrations} = await listRegistrations(request);
  const planned = planUpdate(findRegistration(registrations, what), request);
  if (output !== undefined) writeOutput(output, 'the plan', planned.plan.bytes);
  const screen = screenOf(process.stdout);
  if (json) printJson(planned.plan.describe());
  else
    printLine(`${renderSwap(planned, screen)}\n\n${renderPlan(planned.plan.describe(), screen)}`);
}

function updateJson({applied, replaces, variable, swap, stays, gapNs}: Update): object {
  return {
    schema: 'structops.update/1',
    name: replaces.name,
    kind: replaces.kind ?? null,
    variable,
    swap,
    gap_ns: gapNs ?? null,
    stays,
    old: {map: replaces.map, link: replaces.link ?? null},
    slots: applied.slots,
  };
}
