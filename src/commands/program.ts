import {readFileSync} from 'node:fs';
import {Command} from 'commander';
import {applyCommand} from './apply.js';
import {checkCommand} from './check.js';
import {completionCommand} from './completion.js';
import {detachCommand} from './detach.js';
import {diffCommand} from './diff.js';
import {doctorCommand} from './doctor.js';
import {inspectCommand} from './inspect.js';
import {listCommand} from './list.js';
import {planCommand} from './plan.js';
import {showCommand} from './show.js';
import {typesCommand} from './types.js';
import {updateCommand} from './update.js';

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

/** The command with all of its own; with `json` errors are said on standard output alone. */
export function createProgram(json = false): Command {
  const program = new Command('structops')
    .description('Plan and apply for eBPF struct_ops.')
    .version(version())
    .addHelpText('after', HELP);
  for (const create of [
    inspectCommand,
    planCommand,
    showCommand,
    checkCommand,
    diffCommand,
    applyCommand,
    listCommand,
    updateCommand,
    detachCommand,
    doctorCommand,
    typesCommand,
    completionCommand,
  ]) {
    program.addCommand(create());
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    const name = command === program ? 'structops' : `structops ${command.name()}`;
    command.showHelpAfterError(`(${name} --help)`);
    if (json) command.configureOutput({writeErr: () => {}});
  }
  return program;
}
