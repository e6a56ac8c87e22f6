import type {Command} from 'commander';
import type {ShimOptions} from '../executor/shim_process.js';

/** Options of every command that starts the executor. */
export interface ExecutorArguments {
  readonly sudo?: boolean;
  readonly shim?: string;
}

export function withExecutorOptions(command: Command): Command {
  return command
    .option('--sudo', 'start only the executor through sudo')
    .option('--shim <file>', 'the executor (default: the one installed or built here)');
}

export function executorOptions({sudo = false, shim}: ExecutorArguments): ShimOptions {
  return {sudo, ...(shim !== undefined && {path: shim})};
}
