import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {builtNativePlanner} from '../test/native/structops_plan.js';
import {cached, REPOSITORY} from '../test/rig/cache.js';
import {type Contender, measureInTurns, type Spread, spreadOf} from './contender.js';
import {libbpfFirst} from './libbpf_contender.js';
import {
  countInstructions,
  libbpfProcess,
  nativeProcess,
  stepInstructions,
  wholeProcess,
} from './process_contenders.js';
import type {Workload} from './workload.js';

/** What the rows of first plans are made of: why some stay above their goals. */

const COLD_STEPS = fileURLToPath(new URL('cold_steps.ts', import.meta.url));
const COMMAND = join(REPOSITORY, 'dist/cli.js');
const NOTHING = 'int main(void) { return 0; }';

export const FLOOR_COLUMNS = ['', 'ms', 'of libbpf'];

export const ABOUT_FLOOR = [
  'A first plan in Node, and whole processes, for the small object and the newest kernel (`npm run bench -- --floor`).',
  'libbpf maps the BTF. Node cannot map a file: each 4 KiB of the BTF is a page that the kernel makes, clears and fills. And V8',
  'compiles each function of Wasm when it is called first, about 220 with 100 kB for this object: makePlan() but for its running.',
  'The rest alone is above the goal. Tried by hand, which this bench does not repeat: flags of V8 do not help, compiling all at',
  'once on both cores, validating lazily, or having no tiers takes as long or longer. Smaller code (`shrinkLevel` 1) saves 0.3 ms',
  'of a first plan and costs a tenth of each later one. In windows the BTF needs no new memory, but what looks after the windows',
  'takes longer than the pages.',
  'A plan has the SHA-256 of the object and of itself, which libbpf has nothing like: with all callbacks of a scheduler of 2.4 MB,',
  'since each program has a copy of the functions that it calls. The library and the native planner hash by the instructions of',
  "the processor, where it has them. callgrind's does not: the rows of instructions have the hash of the core, a third of",
  'those with vmlinux.h, and three quarters of those of the largest scheduler. `--step` counts what this processor executes.',
  'The native planner is of musl, libbpf of glibc: what their starts differ by is part of the ratio of whole processes.',
];

export async function floorRows(workload: Workload, rounds: number): Promise<string[][]> {
  const {parts, libbpf} = await coldParts(workload, rounds);
  const rows = [...parts].map(([part, ms]) => row(part, ms, libbpf));
  rows.push(row('libbpf, first time', libbpf, libbpf));
  const processes = await processContenders(workload);
  const spreads = await measureInTurns(processes, {rounds, runs: 1, warmUps: 0});
  const theirs = (spreads[0] as Spread).median;
  for (const [index, {name}] of processes.entries()) {
    rows.push(row(name, (spreads[index] as Spread).median, theirs));
  }
  return rows;
}

/** What callgrind cannot count: one object, since each instruction takes some microseconds. */
export async function steppedLine(workload: Workload): Promise<string> {
  const {ours, libbpf} = await countInstructions(workload);
  const steps = await stepInstructions(workload);
  const millions = (count: number) => `${(count / 1e6).toFixed(1)} M`;
  return [
    `structops-plan for ${workload.kernel.id}, ${workload.title}, stepped through on this processor: ${millions(steps)}`,
    `instructions, ${(steps / libbpf).toFixed(3)} of the ${millions(libbpf)} of libbpf; ${millions(ours)} by callgrind.`,
  ].join('\n');
}

function row(what: string, ms: number, libbpf: number): string[] {
  return [what, ms.toFixed(2), (ms / libbpf).toFixed(3)];
}

/** Medians, of processes in turns with libbpf's. */
async function coldParts(workload: Workload, rounds: number) {
  const {kernel, objectPath} = workload;
  const first = libbpfFirst(workload);
  const libbpf: number[] = [];
  const samples = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    libbpf.push(await first.run());
    const args = ['--import=tsx', COLD_STEPS, kernel.btf, objectPath];
    const {stdout} = await execa(process.execPath, args);
    for (const [part, ms] of Object.entries<number>(JSON.parse(stdout))) {
      samples.set(part, [...(samples.get(part) ?? []), ms]);
    }
  }
  const parts = new Map([...samples].map(([part, all]) => [part, spreadOf(all).median]));
  return {parts, libbpf: spreadOf(libbpf).median};
}

/** libbpf's first. */
async function processContenders(workload: Workload): Promise<Contender[]> {
  const {kernel, objectPath} = workload;
  await builtNativePlanner();
  const plan = [COMMAND, 'plan', objectPath, '--btf', kernel.btf];
  const others = [
    {name: 'a process of musl that does nothing', command: [await builtNothing('musl-gcc')]},
    {name: 'a process of glibc that does nothing', command: [await builtNothing('cc')]},
    {name: 'node, an empty script', command: [process.execPath, '/dev/null']},
    {name: 'structops plan, whole process', command: [process.execPath, ...plan]},
  ];
  return [
    await libbpfProcess(workload),
    await nativeProcess(workload),
    ...(await Promise.all(others.map(wholeProcess))),
  ];
}

function builtNothing(compiler: string): Promise<string> {
  return cached(join('bench', `nothing-${compiler}`), path =>
    execa(compiler, ['-O2', '-static', '-x', 'c', '-', '-o', path], {input: NOTHING}),
  );
}
