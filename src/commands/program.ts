import {readFileSync} from 'node:fs';
import {Command} from 'commander';

/** In the order of the help. A process has one of them, and what the others need takes time to load. */
const COMMANDS: Readonly<Record<string, () => Promise<() => Command>>> = {
  inspect: async () => (await import('./inspect.js')).inspectCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  show: async () => (await import('./show.js')).showCommand,
  check: async () => (await import('./check.js')).checkCommand,
  diff: async () => (await import('./diff.js')).diffCommand,
  apply: async () => (await import('./apply.js')).applyCommand,
  list: async () => (await import('./list.js')).listCommand,
  update: async () => (await import('./update.js')).updateCommand,
  detach: async () => (await import('./detach.js')).detachCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  types: async () => (await import('./types.js')).typesCommand,
  completion: async () => (await import('./completion.js')).completionCommand,
};

/** Those that tell of all others. */
const OF_ALL = ['completion'];

const HELP = `
Exit codes:
  0  done
  1  the kernel refused, or something differs or does not load
  2  it cannot be done: bad input, bad arguments, an unusable plan
  3  a fault of structops itself

Example:
  structops plan second.bpf.o -o second.plan    every system call; kept
  sudo structops apply second.plan              done, held until Ctrl-C
`;

function version(): string {
  const url = new URL('../../package.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).version;
}

/**
 * The command with all of its own, or with the one that `named` names if it is one of them; with
 * `json` errors are said on standard output alone.
 */
export async function createProgram(json = false, named = ''): Promise<Command> {
  const program = new Command('structops')
    .description('Plan and apply for eBPF struct_ops.')
    .version(version())
    .addHelpText('after', HELP);
  const alone = Object.hasOwn(COMMANDS, named) && !OF_ALL.includes(named);
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (!alone || name === named) program.addCommand((await load())());
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    const name = command === program ? 'structops' : `structops ${command.name()}`;
    command.showHelpAfterError(`(${name} --help)`);
    if (json) command.configureOutput({writeErr: () => {}});
  }
  return program;
}
