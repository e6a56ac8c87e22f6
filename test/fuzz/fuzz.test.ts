import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import {
  type Answer,
  type CoreFunction,
  type CoreWasm,
  openCore,
  STATUS,
} from '../helpers/core_wasm.js';
import {fuzzSeed} from '../helpers/random.js';
import {smallKernel} from '../malformed/refused.js';
import {getKernel} from '../rig/kernels.js';
import {Broken, type Core, checkInspection, checkPlan} from './oracle.js';
import {RUN_MS_MAX, runAll} from './pool.js';

/**
 * Mutated objects, and mutated kernel BTFs: whatever they are, the core answers in time with a
 * plan that it can describe, or with faults. `FUZZ_SEED` and `FUZZ_RUNS` choose other runs and
 * more of them; `FUZZ_FIRST` with `FUZZ_RUNS=1` repeats a single one. Few, since the inputs that
 * `npm run fuzz:core` has kept are tried as well (test/core/fuzz).
 */

const RUNS = 20_000;

const numberOf = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

test('mutated inputs give a plan or faults, never a trap', async t => {
  t.timeout(3_600_000);
  await openCore();
  const seed = fuzzSeed();
  const runs = numberOf('FUZZ_RUNS', RUNS);
  const first = numberOf('FUZZ_FIRST', 0);
  t.log(`FUZZ_SEED=${seed} FUZZ_FIRST=${first} FUZZ_RUNS=${runs}`);
  const {btf: realKernel} = await getKernel('6.12');

  const startedMs = performance.now();
  const report = await runAll(
    {seed, first, runs, realKernel},
    new URL('worker.ts', import.meta.url),
  );
  const seconds = (performance.now() - startedMs) / 1000;

  const {counts, failures, slowestMs, slowestRun} = report;
  t.log(`${seconds.toFixed(1)} s; slowest: run ${slowestRun}, ${slowestMs.toFixed(0)} ms`);
  for (const [outcome, count] of Object.entries(counts).sort()) t.log(`${outcome}: ${count}`);
  for (const {run, message} of failures) {
    t.log(`FUZZ_SEED=${seed} FUZZ_FIRST=${run} FUZZ_RUNS=1: ${message}`);
  }
  t.is(failures.length, 0);
  t.is(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    runs,
  );
  if (runs < 1000) return;
  // A mutator that only makes junk, or changes nothing that matters, would find nothing.
  for (const target of ['object', 'kernel BTF']) {
    const [planned = 0, refused = 0] = ['plan', 'faults'].map(is => counts[`${target}: ${is}`]);
    t.true(planned > runs / 50, `${target}: ${planned} plans`);
    t.true(refused > runs / 50, `${target}: ${refused} refused`);
  }
});

test('canary: a worker that finds something and then hangs', async t => {
  const report = await runAll(
    {seed: 1, first: 7, runs: 2, realKernel: ''},
    new URL('hangs.ts', import.meta.url),
  );
  const planted = report.failures.filter(({message}) => message === 'planted');
  const hung = report.failures.filter(({message}) => message.includes(`${RUN_MS_MAX} ms`));
  t.true(planted.length > 0);
  t.is(hung.length, planted.length);
});

/** The real core, one function of which answers otherwise. */
function brokenCore(real: CoreWasm, name: CoreFunction, answer: (real: Answer) => Answer): Core {
  return {
    call: (asked, inputs) =>
      asked === name ? answer(real.call(asked, inputs)) : real.call(asked, inputs),
  };
}

const noFaults = Buffer.from('{"schema": "structops.faults/1", "faults": []}');
const bug = Buffer.from(
  '{"schema": "structops.faults/1", "faults": [{"code": "CORE_BUG", "number": 9, "message": "x"}]}',
);

const CANARIES: readonly (readonly [why: string, CoreFunction, (real: Answer) => Answer])[] = [
  [
    'a trap',
    'makePlan',
    () => {
      throw new Error('unreachable');
    },
  ],
  ['no faults', 'makePlan', () => ({status: STATUS.faults, output: noFaults})],
  ['a fault that is a bug', 'makePlan', () => ({status: STATUS.faults, output: bug})],
  ['a misuse', 'makePlan', ({output}) => ({status: STATUS.misuse, output})],
  ['no JSON', 'makePlan', () => ({status: STATUS.faults, output: Buffer.from('{')})],
  [
    'a plan with a byte changed',
    'makePlan',
    ({status, output}) => {
      output.writeUInt8(output.readUInt8(300) ^ 1, 300);
      return {status, output};
    },
  ],
  [
    'a description of another schema',
    'describePlan',
    ({status}) => ({status, output: Buffer.from('{"schema": "structops.plan/9", "steps": [1]}')}),
  ],
  [
    'a description that is no UTF-8',
    'describePlan',
    ({status, output}) => ({status, output: Buffer.concat([output, Buffer.from([0xff])])}),
  ],
  [
    'a trap',
    'inspectObject',
    () => {
      throw new Error('unreachable');
    },
  ],
  [
    'a description without end',
    'inspectObject',
    ({status}) => ({status, output: Buffer.alloc(10 * 2 ** 20, ' ')}),
  ],
];

for (const [why, name, answer] of CANARIES) {
  test(`canary: ${name} answers ${why}`, async t => {
    const real = await openCore();
    const object = await exampleObject('first');
    const inputs = {object, kernelBtf: await smallKernel()};
    const check = (core: Core) => {
      checkPlan(core, inputs);
      checkInspection(core, object);
    };
    t.notThrows(() => check(real));
    t.throws(() => check(brokenCore(real, name, answer)), {instanceOf: Broken});
  });
}
