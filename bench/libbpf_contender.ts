import {fileURLToPath} from 'node:url';
import {buildWithLibbpf} from '../test/oracle/build_with_libbpf.js';
import type {Contender} from './contender.js';
import {firstRun, startLoader} from './loader_program.js';
import type {Workload} from './workload.js';

const SOURCE = fileURLToPath(new URL('libbpf_bench.c', import.meta.url));

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** libbpf in a process that stays: opens, loads and attaches again and again. */
export async function libbpfWarm(workload: Workload): Promise<Contender> {
  return {name: 'libbpf', ...startLoader(await libbpfCommand(workload))};
}

/** libbpf's first time in a new process; the start of the process is not counted. */
export function libbpfFirst(workload: Workload): Contender {
  const run = async () => firstRun(await libbpfCommand(workload));
  return {name: 'libbpf, first time', run};
}

export async function libbpfCommand({
  kernel,
  objectPath,
}: Pick<Workload, 'objectPath' | 'kernel'>): Promise<string[]> {
  const program = await buildWithLibbpf('libbpf_bench', [SOURCE], 'fake', progress);
  return [program, kernel.btf, kernel.release, objectPath];
}
