import {stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {contentName} from '../../rig/cache.js';
import {costOf, FUEL_MAX, HOSTILE, type Hostile, OBJECT_SIZE_MAX} from './bounds.js';
import {
  type CoreFuzzer,
  keptInputs,
  packed,
  prepareCoreFuzzing,
  runTarget,
} from './core_program.js';
import {TARGETS, type Target} from './material.js';

/** `npm run fuzz:core` does more of it. */

/** New inputs of each target, beside those that are kept. Some of `calls` are dozens of plans. */
const RUNS = 2000;
const RUNS_OF_CALLS = 100;
/** Of all targets together. */
const PACKED_SIZE_MAX = 2 ** 20;

let fuzzer: CoreFuzzer;

test.before(async t => {
  t.timeout(600_000);
  fuzzer = await prepareCoreFuzzing('build/test/fuzz-core');
});

const holds = test.macro({
  async exec(t, target: Target) {
    t.timeout(300_000);
    const kept = await keptInputs(target);
    t.true(kept.length > 0);
    const runs = kept.length + (target === 'calls' ? RUNS_OF_CALLS : RUNS);
    const args = [`-runs=${runs}`, '-seed=1', fuzzer.corpus(target)];
    const {stderr = '', exitCode} = await runTarget(fuzzer, target, args, 'pipe');
    t.is(exitCode, 0, stderr);
    // libFuzzer ends a few later than it is told.
    const [, done = '0'] = /^Done (\d+) runs/m.exec(stderr) ?? [];
    t.true(Number(done) >= runs, stderr);
  },
  title: (_ = '', target) => `${target}: what is kept, and some inputs more, have an answer`,
});

const canary = test.macro({
  async exec(t, input: string, says: string) {
    const path = join(fuzzer.material, contentName(input));
    await writeFile(path, input, 'latin1');
    const {stderr = '', exitCode} = await runTarget(fuzzer, 'canary', [path], 'pipe');
    if (says === '') t.is(exitCode, 0, stderr);
    else t.true(stderr.includes(`broken: ${says}`), stderr);
  },
  title: (_ = '', input, says) => `canary ${JSON.stringify(input)}: ${says || 'nothing'}`,
});

test('t', canary, 't', 'the core trapped');
for (const json of ['{"a": [1, -20, "\\u00e9\\n", null, true, {}]}', ' 0 ', '"\xc3\xa9"']) {
  test(canary, `j${json}`, '');
}
const BAD_JSON = [
  ...['', '[1,]', '01', '"\n"', '"\\x"', '1 2', '{1: 2}', '"\xff"', '"\xc0\x80"', '"\xed\xa0\x80"'],
];
for (const json of BAD_JSON) test(canary, `j${json}`, 'it is JSON');

test('what is kept stays small', async t => {
  const inputs = (await Promise.all(TARGETS.map(keptInputs))).flat();
  t.true(inputs.length > 300, `${inputs.length} inputs`);
  const sizes = await Promise.all(TARGETS.map(async name => (await stat(packed(name))).size));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  t.true(size < PACKED_SIZE_MAX, `${size} bytes`);
});

for (const target of TARGETS) test.serial(holds, target);

const isBounded = test.macro({
  async exec(t, _why: string, make: () => Promise<Hostile>, bytesMin?: number) {
    t.timeout(600_000);
    const inputs = await make();
    const {length} = inputs.object;
    t.true(
      length <= OBJECT_SIZE_MAX && length >= (bytesMin ?? OBJECT_SIZE_MAX / 2),
      `${length} bytes`,
    );
    const {fuel, memory, memoryMax, stderr} = await costOf(fuzzer, inputs);
    t.log(`fuel ${fuel}, memory ${memory}, ${/in (\d+ ms)/.exec(stderr)?.[1]}`);
    t.true(fuel <= FUEL_MAX, stderr);
    t.true(memory <= memoryMax, stderr);
  },
  title: (_ = '', why) => `bounded: ${why}`,
});

for (const [why, make, bytesMin] of HOSTILE) test.serial(isBounded, why, make, bytesMin);
