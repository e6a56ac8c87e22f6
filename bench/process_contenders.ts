import {spawnSync} from 'node:child_process';
import {builtNativePlanner} from '../test/native/structops_plan.js';
import {ensureSystemPackages} from '../test/rig/system_packages.js';
import type {Contender} from './contender.js';
import {libbpfCommand} from './libbpf_contender.js';
import type {Workload} from './workload.js';

/** Whole processes, from their start to their end: all are static programs that plan or load once. */

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** For its standard input. */
  readonly input: string;
}

export interface Instructions {
  readonly ours: number;
  readonly libbpf: number;
}

export async function nativeProcess(workload: Workload): Promise<Contender> {
  return {...wholeProcess(await nativeProgram(workload)), goal: 0.3};
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

async function nativeProgram({
  objectPath,
  kernel,
}: Pick<Workload, 'objectPath' | 'kernel'>): Promise<Program> {
  const planner = await builtNativePlanner();
  const command = [planner, objectPath, '--btf', kernel.btf, '-o', '/dev/null'];
  return {name: 'structops-plan, whole process', command, input: ''};
}

async function libbpfProgram(workload: Pick<Workload, 'objectPath' | 'kernel'>): Promise<Program> {
  return {name: 'libbpf, whole process', command: await libbpfCommand(workload), input: '\n'};
}

export function wholeProcess(program: Program): Contender {
  return {
    name: program.name,
    async run() {
      const start = performance.now();
      runProgram(program);
      return performance.now() - start;
    },
  };
}

function instructionsOf(program: Program): number {
  const valgrind = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'];
  const log = runProgram({...program, command: [...valgrind, ...program.command]});
  const count = /Collected : (\d+)/.exec(log)?.[1];
  if (count === undefined) throw new Error(`no count of callgrind in: ${log}`);
  return Number(count);
}

/** What it wrote to standard error. */
function runProgram({command: [file = '', ...args], input}: Program): string {
  const {status, signal, error, stderr} = spawnSync(file, args, {input, encoding: 'utf8', env: {}});
  if (status !== 0) throw error ?? new Error(`${file} ended: ${signal ?? status} ${stderr}`);
  return stderr;
}
