import {Command} from 'commander';
import {renderPlan} from '../render/plan.js';
import {screenOf} from '../render/screen.js';
import {type PlanOptions, planFile, readObject} from './inputs.js';
import {type OutputOptions, printJson, printLine, writeOutput} from './output.js';

const EXAMPLES = `
Examples:
  structops plan second.bpf.o                      a dry run for this machine's kernel
  structops plan second.bpf.o --btf other.btf      for another one: its /sys/kernel/btf/vmlinux
  structops plan second.bpf.o -o second.plan       keeps the plan, for \`structops apply\`
  structops plan second.bpf.o -o - | ssh root@host structops-shim
  structops plan second.bpf.o --json | jq '.steps[] | .cmd'
`;

interface Options extends PlanOptions, OutputOptions {
  readonly output?: string;
}

/** Adds the options that say for which kernel to plan. */
export function withKernelOptions(command: Command): Command {
  return command
    .option('--btf <file>', "raw BTF of the kernel to plan for (default: this machine's)")
    .option(
      '--module-btf <name[=file]>',
      "raw BTF of a kernel module; without =file this machine's; may be given again",
      (value: string, all: readonly string[] = []) => [...all, value],
    );
}

export function planCommand(): Command {
  const command = new Command('plan')
    .summary('every system call that loading an object would make: a dry run')
    .description(
      'Plans the load of an object into one kernel, and shows every bpf(2) call of it.\n' +
        'Needs no privilege, and asks the running kernel for nothing but its BTF.',
    )
    .argument('<object>', 'a compiled BPF object; - is standard input');
  return withKernelOptions(command)
    .option('-o, --output <file>', 'keep the plan in a file; - is standard output')
    .option('--json', 'print structops.plan/1, with every byte (docs/plan-json.md)')
    .addHelpText('after', EXAMPLES)
    .action(runPlan);
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
