import {createHash} from 'node:crypto';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {compileCaller} from '../core/fuzz/core_program.js';
import {everyObject} from '../helpers/bpf_objects.js';
import {CORE_WASM, openCore} from '../helpers/core_wasm.js';
import {Random} from '../helpers/random.js';
import {smallKernel} from '../malformed/small_kernel.js';
import {builtNativePlanner} from '../native/structops_plan.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';
import {type Case, type Inputs, makeCases} from './cases.js';
import {orderOf} from './orders.js';

const HERE = join(REPOSITORY, 'test/determinism');
const SCRIPT = join(HERE, 'run_turns.ts');

/** What one engine made of all cases. */
export interface EngineRun {
  readonly engine: string;
  /** A line for each case, in their order: the status, the SHA-256 of the output. */
  readonly answers: readonly string[];
  readonly plans: number;
  /** SHA-256 of all answers. */
  readonly digest: string;
  readonly seconds: number;
}

type Command = readonly [file: string, ...args: string[]];

/** Makes the same plans by each engine, in another order, with memory that has been used or the kernel in windows, by a worker for each CPU. */
export async function compareEngines(
  {count, seed}: {readonly count: number; readonly seed: number},
  directory: string,
  seen: (run: EngineRun) => void = () => {},
): Promise<EngineRun[]> {
  const core = await openCore();
  const inputs = await goodInputs();
  const cases = makeCases(core, inputs, new Random(seed), count);
  await writeInputs(directory, inputs, cases);
  const engines: Readonly<Record<string, Command>> = {
    V8: [process.execPath, '--import=tsx', SCRIPT, CORE_WASM, directory],
    JavaScriptCore: ['bun', SCRIPT, CORE_WASM, directory],
    C: [await compileHost(directory), directory],
  };
  const runs: EngineRun[] = [];
  for (const [i, [engine, command]] of Object.entries(engines).entries()) {
    const run = await runEngine(engine, command, cases, new Random(seed + 1 + i));
    runs.push(run);
    seen(run);
  }
  return runs;
}

async function goodInputs(): Promise<Inputs> {
  const real = await Promise.all(KERNEL_IDS.map(async id => readFile((await getKernel(id)).btf)));
  return {objects: [...(await everyObject()).values()], kernels: [await smallKernel(), ...real]};
}

async function writeInputs(
  directory: string,
  {objects, kernels}: Inputs,
  cases: readonly Case[],
): Promise<void> {
  await rm(directory, {recursive: true, force: true});
  await mkdir(directory, {recursive: true});
  const files = [
    ...objects.map((bytes, i) => [`object-${i}`, bytes] as const),
    ...kernels.map((bytes, i) => [`kernel-${i}`, bytes] as const),
    ['options', Buffer.from(cases.map(({options}) => options).join(''))] as const,
  ];
  for (const [name, bytes] of files) await writeFile(join(directory, name), bytes);
}

/** run_turns.c with the core as it is in the native planner. */
async function compileHost(directory: string): Promise<string> {
  const native = join(dirname(await builtNativePlanner()), 'native');
  const program = join(directory, 'run_turns');
  const units = [...(await compileCaller(directory, native)), join(native, 'core.o')];
  const sources = [join(HERE, 'run_turns.c'), join(REPOSITORY, 'shim/sha256.c')];
  await execa('clang-19', ['-O2', '-Wall', '-Werror', ...sources, ...units, '-lm', '-o', program]);
  return program;
}

async function runEngine(
  engine: string,
  [file, ...args]: Command,
  cases: readonly Case[],
  random: Random,
): Promise<EngineRun> {
  let at = 0;
  const places = cases.map(({options}) => {
    const place = `${at} ${options.length}`;
    at += options.length;
    return place;
  });
  const startedMs = performance.now();
  const workers = orderOf(cases, random, Math.max(2, availableParallelism()));
  const outputs = await Promise.all(
    workers.map(turns => {
      const lines = turns.map(({index, memory}) => {
        const {object = 0, kernel = 0} = cases[index] ?? {};
        return `${index} ${memory} ${object} ${kernel} ${places[index]}\n`;
      });
      return execa(file, args, {
        cwd: REPOSITORY,
        preferLocal: true,
        // ava's own options for its workers.
        env: {NODE_OPTIONS: ''},
        input: lines.join(''),
      });
    }),
  );
  const answers = Array<string>(cases.length).fill('none');
  for (const line of outputs.flatMap(({stdout}) => stdout.split('\n'))) {
    const [index, ...answer] = line.split(' ');
    answers[Number(index)] = answer.join(' ');
  }
  return {
    engine,
    answers,
    plans: answers.filter(answer => answer.startsWith('0 ')).length,
    digest: createHash('sha256').update(answers.join('\n')).digest('hex'),
    seconds: (performance.now() - startedMs) / 1000,
  };
}
