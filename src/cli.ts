#!/usr/bin/env node
import {readFileSync} from 'node:fs';
import {Command, CommanderError} from 'commander';
import {applyCommand} from './commands/apply.js';
import {checkCommand} from './commands/check.js';
import {diffCommand} from './commands/diff.js';
import {doctorCommand} from './commands/doctor.js';
import {inspectCommand} from './commands/inspect.js';
import {printJsonLine} from './commands/output.js';
import {planCommand} from './commands/plan.js';
import {showCommand} from './commands/show.js';
import {typesCommand} from './commands/types.js';
import {EXIT, exitCodeOf} from './exit_code.js';
import {renderError} from './render/error.js';
import {errorJson} from './render/error_json.js';
import {screenOf} from './render/screen.js';

const HELP = `
Exit codes:
  0  done
  1  the kernel refused, or something differs or does not load
  2  it cannot be done: bad input, bad arguments, an unusable plan
  3  a fault of structops itself

Example:
  structops plan second.bpf.o -o second.plan    see every system call, keep the plan
  sudo structops apply second.plan              carry it out, hold it until Ctrl-C
`;

function version(): string {
  const url = new URL('../package.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).version;
}

function createProgram(json: boolean): Command {
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
    doctorCommand,
    typesCommand,
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

function report(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    // Commander has said it already, but for machines.
    if (json && exitCodeOf(error) !== 0) printJsonLine(usageJson(error));
  } else if (json) {
    printJsonLine(errorJson(error));
  } else {
    process.stderr.write(`${renderError(error, screenOf(process.stderr))}\n`);
  }
}

function usageJson({message}: CommanderError): object {
  const text = message.replace(/^error: /, '');
  return {
    schema: 'structops.error/1',
    code: 'USAGE',
    message: text,
    why: '',
    hint: 'structops --help',
  };
}

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  try {
    await createProgram(json).parseAsync(args, {from: 'user'});
    // A command that was done may still have found a difference.
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    report(error, json);
    return exitCodeOf(error);
  }
}

// `structops plan x.bpf.o | head`: whoever reads no more wants no more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2));
