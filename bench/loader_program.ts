import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** What runs: `run` gives the milliseconds of one more time. */
export interface RunningLoader {
  run(): Promise<number>;
  close(): void;
}

/**
 * Starts a program that loads an object once for each line of its standard input, prints the
 * nanoseconds that it took, and ends with its input.
 */
export function startLoader([file = '', ...args]: readonly string[]): RunningLoader {
  const child = spawn(file, args, {stdio: ['pipe', 'pipe', 'inherit'], env: {}});
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  return {
    async run() {
      child.stdin.write('\n');
      const {value, done} = await lines.next();
      if (done) throw new Error(`${file} ended: ${endOf(child)}`);
      return Number(value) / 1e6;
    },
    close: () => child.stdin.end(),
  };
}

/** Its first time in a new process; the start of the process is not counted. */
export async function firstRun(command: readonly string[]): Promise<number> {
  const loader = startLoader(command);
  const ms = await loader.run();
  loader.close();
  return ms;
}

function endOf({exitCode, signalCode}: ChildProcess): string {
  return String(signalCode ?? exitCode ?? 'standard output closed');
}
