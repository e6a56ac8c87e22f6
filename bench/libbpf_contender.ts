import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {buildWithLibbpf} from '../test/oracle/build_with_libbpf.js';
import type {Contender} from './contender.js';
import type {Workload} from './workload.js';

const SOURCE = fileURLToPath(new URL('libbpf_bench.c', import.meta.url));

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** libbpf in a process that stays: opens, loads and attaches again and again. */
export async function libbpfWarm(workload: Workload): Promise<Contender> {
  const libbpf = await startLibbpf(workload);
  return {name: 'libbpf', run: libbpf.run, close: libbpf.close};
}

/** libbpf's first time in a new process; the start of the process is not counted. */
export function libbpfFirst(workload: Workload): Contender {
  return {
    name: 'libbpf, first time',
    async run() {
      const libbpf = await startLibbpf(workload);
      const ms = await libbpf.run();
      libbpf.close();
      return ms;
    },
  };
}

export function builtLibbpfBench(): Promise<string> {
  return buildWithLibbpf('libbpf_bench', [SOURCE], 'fake', progress);
}

async function startLibbpf({kernel, objectPath}: Workload) {
  const child = spawn(await builtLibbpfBench(), [kernel.btf, kernel.release, objectPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
  });
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  return {
    async run(): Promise<number> {
      child.stdin.write('\n');
      const {value, done} = await lines.next();
      if (done) throw new Error(`libbpf_bench ended: ${endOf(child)}`);
      return Number(value) / 1e6;
    },
    close: () => child.stdin.end(),
  };
}

function endOf({exitCode, signalCode}: ChildProcess): string {
  return String(signalCode ?? exitCode ?? 'standard output closed');
}
