import {Command} from 'commander';
import {renderPlan} from '../render/plan.js';
import {screenOf} from '../render/screen.js';
import {type PlanOptions, planFile, readObject} from './inputs.js';
import {type OutputOptions, printJson, printLine, writeOutput} from './output.js';
import {collect, withSettingOptions} from './setting_arguments.js';

const EXAMPLES = `
Examples:
  structops plan second.bpf.o                      for this machine's kernel
  structops plan second.bpf.o --btf other.btf      for the kernel of that BTF
  structops plan second.bpf.o --set window_min=4   with another value
  structops plan second.bpf.o -o second.plan       keeps the plan
  structops plan second.bpf.o -o - | ssh root@host structops-shim
  structops plan second.bpf.o --json | jq '.steps[] | .cmd'
`;

interface Options extends PlanOptions, OutputOptions {
  readonly output?: string;
}

/** Adds the options that say for which kernel to plan, and with which settings. */
export function withPlanOptions(command: Command, allSettings = false): Command {
  const forKernel = command
    .optionsGroup("The kernel to plan for, by default this machine's:")
    .option('--btf <file>', 'its raw BTF')
    .option(
      '--module-btf <name[=file]>',
      "that of a module, or this machine's; repeatable",
      collect,
    )
    .option('--kconfig <file>', 'its configuration, text or gzip')
    .option('--kernel-version <version>', 'such as 6.12.107');
  const settings = withSettingOptions(forKernel, allSettings);
  return settings.option('--pin <dir>', 'pin what is attached there: it stays in force');
}

export function planCommand(): Command {
  const command = new Command('plan')
    .summary('every system call that loading an object would make: a dry run')
    .description(
      'Plans the load of an object into one kernel, and shows every bpf(2) call of it.\n' +
        'Needs no privilege. Of the kernel it reads BTF and configuration only.',
    )
    .argument('<object>', 'a compiled BPF object; - is standard input');
  command
    .option('-o, --output <file>', 'keep the plan in a file; - is standard output')
    .option('--json', 'print every byte (docs/plan-json.md)');
  return withPlanOptions(command, true).addHelpText('after', EXAMPLES).action(runPlan);
}

function runPlan(path: string, {json = false, output, ...kernel}: Options): void {
  const plan = planFile(readObject(path), kernel);
  if (output === '-') {
    process.stdout.write(plan.bytes);
    return;
  }
  if (output !== undefined) writeOutput(output, 'the plan', plan.bytes);
  if (json) printJson(plan.describe());
  else printLine(renderPlan(plan.describe(), screenOf(process.stdout)));
  if (output !== undefined && !json) printLine(`\nkept in ${output}: structops apply ${output}`);
}
