import {spawnSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {builtNativePlanner} from '../test/native/structops_plan.js';
import {cached, contentName} from '../test/rig/cache.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../test/rig/system_packages.js';
import type {Contender} from './contender.js';
import {libbpfCommand} from './libbpf_contender.js';
import type {Workload} from './workload.js';

const CLOCK = fileURLToPath(new URL('../test/rig/clock.h', import.meta.url));
const FLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror'];

/** Whole processes, from their start to their end: all are static programs that plan or load once. */

export interface Program {
  readonly name: string;
  /** What it finds in its standard input is one empty line. */
  readonly command: readonly string[];
}

export interface Instructions {
  readonly ours: number;
  readonly libbpf: number;
}

export async function nativeProcess(workload: Workload): Promise<Contender> {
  return {...(await wholeProcess(await nativeProgram(workload))), goal: 0.3};
}

export async function libbpfProcess(workload: Workload): Promise<Contender> {
  return wholeProcess(await libbpfProgram(workload));
}

/** Of both whole processes, as callgrind counts them: the same in each run, whatever else the machine does. */
export async function countInstructions(
  workload: Pick<Workload, 'objectPath' | 'kernel'>,
): Promise<Instructions> {
  await ensureSystemPackages([{lookFor: 'valgrind', package: 'valgrind'}]);
  return {
    ours: instructionsOf(await nativeProgram(workload)),
    libbpf: instructionsOf(await libbpfProgram(workload)),
  };
}

/** Of our process, as this processor executes them: minutes for tens of millions. */
export async function stepInstructions(workload: Workload): Promise<number> {
  const countSteps = await builtTool('count_steps');
  const {command} = await nativeProgram(workload);
  const {stdout} = await execa(countSteps, command, {env: {}, extendEnv: false});
  return Number(stdout);
}

async function nativeProgram({
  objectPath,
  kernel,
}: Pick<Workload, 'objectPath' | 'kernel'>): Promise<Program> {
  const planner = await builtNativePlanner();
  const command = [planner, objectPath, '--btf', kernel.btf, '-o', '/dev/null'];
  return {name: 'structops-plan, whole process', command};
}

async function libbpfProgram(workload: Pick<Workload, 'objectPath' | 'kernel'>): Promise<Program> {
  return {name: 'libbpf, whole process', command: await libbpfCommand(workload)};
}

export async function wholeProcess({name, command}: Program): Promise<Contender> {
  const processTime = await builtTool('process_time');
  return {
    name,
    async run() {
      const {stdout} = await execa(processTime, command, {env: {}, extendEnv: false});
      return Number(stdout) / 1e6;
    },
  };
}

async function builtTool(name: string): Promise<string> {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const build = contentName(await readFile(source), await readFile(CLOCK));
  return cached(join('bench', `${name}-${build}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    await execa('cc', [...FLAGS, '-o', path, source]);
  });
}

function instructionsOf({command}: Program): number {
  const valgrind = ['--tool=callgrind', '--callgrind-out-file=/dev/null', ...command];
  const log = runProgram('valgrind', valgrind);
  const count = /Collected : (\d+)/.exec(log)?.[1];
  if (count === undefined) throw new Error(`no count of callgrind in: ${log}`);
  return Number(count);
}

/** What it wrote to standard error. */
function runProgram(file: string, args: readonly string[]): string {
  const options = {input: '\n', encoding: 'utf8', env: {}} as const;
  const {status, signal, error, stderr} = spawnSync(file, args, options);
  if (status !== 0) throw error ?? new Error(`${file} ended: ${signal ?? status} ${stderr}`);
  return stderr;
}
