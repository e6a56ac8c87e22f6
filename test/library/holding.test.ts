import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {ShimError} from '../../src/errors.js';
import {applyPlan} from '../../src/executor/apply_plan.js';
import {Plan} from '../../src/plan/plan.js';
import {encode, layOut} from '../shim/frame_builder.js';
import * as life from '../shim/life_frames.js';
import * as sample from '../shim/sample_frames.js';
import {compileExecutor, type FakeKernel} from './executors.js';

// What a plan had taken out of force, and a step after that failed: the executor puts it back, and
// somebody has to hold it if no pin does.

let executor: (kernel: FakeKernel) => Promise<string>;

test.before(async () => {
  executor = await compileExecutor('library_holding');
});

/** In a world with a link, whose pin the plan does not know: applies, and what was recorded. */
async function failingSwap(t: ExecutionContext, world: string) {
  const pinRoot = await mkdtemp(join(tmpdir(), 'structops-holding-'));
  t.teardown(() => rm(pinRoot, {recursive: true}));
  const record = `${pinRoot}.record`;
  t.teardown(() => rm(record, {force: true}));
  // Where the plan has its last step pin something.
  await writeFile(join(pinRoot, 'taken'), '');
  const unpins = world.includes('pin:') ? [life.unpin('old', 0)] : [];
  const frame = layOut([
    {...sample.arrayCreate, slots: {}, slot: 1},
    life.getById(life.LINK_GET_FD_BY_ID, 2, 0),
    ...[...unpins, life.detach(0), life.pin('taken', 1)],
  ]);
  const kernel = {FAKE_WORLD: world, FAKE_PINS: pinRoot, FAKE_RECORD: record};
  const options = {path: await executor(kernel), pinRoot};
  const error = await t.throwsAsync(applyPlan(new Plan(encode(frame)), options), {
    instanceOf: ShimError,
  });
  t.is(error?.code, 'STEP_FAILED');
  return {error: error as ShimError, inForce: () => readFile(record, 'utf8')};
}

test('it is held by the error, until that is released', async t => {
  const {error, inForce} = await failingSwap(t, 'link');
  t.regex(error.hint, /what it replaces was put back after/);
  const {holding} = error;
  t.truthy(holding);
  const first = await Promise.race([
    holding?.ended.then(() => 'ended'),
    new Promise(resolve => setTimeout(resolve, 300, 'held')),
  ]);
  t.is(first, 'held');
  t.like(await holding?.release(), {status: 'released', frames: 1, left_registered: 0});
  t.regex(await inForce(), /in force: \ncalls/);
  t.like(await holding?.ended, {exitCode: 1});
  // Once more does no harm.
  t.like(await holding?.release(), {frames: 1});
});

test('`await using` releases it', async t => {
  const {error, inForce} = await failingSwap(t, 'link');
  {
    await using _ = error.holding as NonNullable<typeof error.holding>;
  }
  t.regex(await inForce(), /in force: \ncalls/);
});

test('what a pin keeps is held by nobody', async t => {
  const {error, inForce} = await failingSwap(t, 'link pin:old');
  t.is(error.holding, undefined);
  t.regex(await inForce(), /in force: map 1 \ncalls/);
});
