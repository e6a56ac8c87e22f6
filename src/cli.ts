#!/usr/bin/env node
import {CommanderError} from 'commander';
import {EXIT, exitCodeOf} from './commands/exit_code.js';
import {printJsonLine} from './commands/output.js';
import {createProgram} from './commands/program.js';
import {renderError} from './render/error.js';
import {errorJson} from './render/error_json.js';
import {screenOf} from './render/screen.js';

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
    const program = await createProgram(json, args[0]);
    await program.parseAsync(args, {from: 'user'});
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
