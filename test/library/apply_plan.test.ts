import test from 'ava';
import {PlanError, ShimError} from '../../src/errors.js';
import {applyPlan} from '../../src/executor/apply_plan.js';
import {ShimProcess} from '../../src/executor/shim_process.js';
import {expectSuccess} from '../../src/explain/explain_result.js';
import {Plan} from '../../src/plan/plan.js';
import {encode, type StepSpec} from '../shim/frame_builder.js';
import * as sample from '../shim/sample_frames.js';
import {compileExecutor, type FakeKernel} from './executors.js';

/** The real executor, with a kernel that refuses what the test says. */

let executor: (kernel: FakeKernel) => Promise<string>;
const link = new Plan(encode(sample.linkFrame()));
const legacy = new Plan(encode(sample.legacyFrame()));

test.before(async () => {
  executor = await compileExecutor('library_apply');
});

test('what was made is held until the end of the block', async t => {
  let ended: Promise<unknown>;
  {
    await using applied = await applyPlan(link, {path: await executor({})});
    t.deepEqual(
      applied.slots.map(({kind}) => kind),
      ['module', 'btf', 'map', 'map', 'prog', 'link'],
    );
    ended = applied.ended;
  }
  t.like(await ended, {exitCode: 0, released: {frames: 1, left_registered: 0}});
});

test('load-only is over when it returns', async t => {
  const applied = await applyPlan(link, {path: await executor({}), loadOnly: true});
  t.is(applied.result.status, 'loaded');
  t.like(await applied.ended, {exitCode: 0, released: undefined});
  t.is(await applied.release(), undefined);
});

test('a damaged plan does not come to the executor', async t => {
  for (const bytes of [legacy.bytes.subarray(0, -1), Buffer.from(legacy.bytes).fill(1, 300, 301)]) {
    await t.throwsAsync(applyPlan(new Plan(bytes), {path: '/nowhere'}), {instanceOf: PlanError});
  }
});

interface Refusal {
  readonly plan?: Plan;
  /** See test/shim/fake_sys_bpf.c: calls from-to=result. */
  readonly rules: string;
  readonly log?: string;
  readonly lacking?: bigint;
  /** What, why and hint. */
  readonly says: RegExp;
}

const explained = test.macro({
  async exec(t, {plan = link, rules, log, lacking, says}: Refusal) {
    const path = await executor({
      FAKE_RULES: rules,
      ...(log !== undefined && {FAKE_LOG: log}),
      ...(lacking !== undefined && {FAKE_LACKING: String(lacking)}),
    });
    const error = await t.throwsAsync(applyPlan(plan, {path}), {instanceOf: ShimError});
    t.is(error?.code, 'STEP_FAILED');
    t.regex(error?.message ?? '', says);
    t.is(error?.verifierLog, log);
    t.is(error?.undone, true);
    t.false(error?.shortMessage.includes('\n'));
  },
  title: (title = '') => `the kernel refuses: ${title}`,
});

test('no privilege', explained, {
  rules: '0-1=-1',
  says: /^step 0, BPF_BTF_LOAD of x\.bpf\.o: EPERM\n.*lacks a privilege.*\n.*--sudo/,
});
test('no privilege, and which', explained, {
  rules: '0-1=-1',
  lacking: 1n << 39n,
  says: /EPERM\n.*lacks a privilege.*\nthe executor lacks CAP_BPF, which the plan needs\n/,
});
test('a program, with a log', explained, {
  rules: '5-6=-13',
  log: 'R0 !read_ok',
  says: /^the verifier refused program /,
});
test('a program, without a log', explained, {rules: '5-6=-22', says: /before it looked/});
test('the BTF, with a log', explained, {
  rules: '0-1=-22',
  log: '[3] STRUCT x',
  says: /^step 0.*EINVAL\n.*type information/,
});
test('a program that is too large', explained, {rules: '5-6=-7', says: /too complex/});
test('an attr that it does not know', explained, {rules: '4-4=-7', says: /field that this kernel/});
test('a program where it wants none', explained, {rules: '5-6=-524', says: /ENOTSUPP\n.*member/});
test('a struct_ops that it does not offer', explained, {
  rules: '4-4=-524',
  says: /ENOTSUPP\n.*does not offer it/,
});
test('a name that is taken', explained, {rules: '8-8=-17', says: /EEXIST\n.*this name already/});
test('a second one where there is one', explained, {rules: '8-8=-16', says: /EBUSY\n.*only one/});
test('the values of a struct_ops', explained, {rules: '7-7=-22', says: /EINVAL\n.*callback/});
test('an owner in the values', explained, {rules: '7-7=1', says: /returned 1\n.*owner/});
test('a legacy registration', explained, {
  plan: legacy,
  rules: '5-5=-17',
  says: /^step 5, BPF_MAP_UPDATE_ELEM .*EEXIST\n.*this name already/,
});
test('the data of a map: not said to be about callbacks', explained, {
  rules: '2-2=-22',
  says: /^step 2, BPF_MAP_UPDATE_ELEM of x\.bpf\.o: EINVAL$/,
});
test('memory', explained, {rules: '1-1=-12', says: /ENOMEM\n.*no memory/});
test('an errno that has no name', explained, {rules: '1-1=-133', says: /: unknown$/});

function addSecondRegistration(steps: StepSpec[]): void {
  steps.splice(4, 0, {...sample.structOpsCreate(0), slot: 5});
  steps.push({...sample.structOpsUpdate, slots: {0: 5}});
}

test('a registration that stays after a failure is said', async t => {
  // The update of a second map fails, and so does the deletion of the first one's registration.
  const twice = new Plan(encode(sample.legacyFrame(addSecondRegistration)));
  const path = await executor({FAKE_RULES: '7-8=-22'});
  const error = await t.throwsAsync(applyPlan(twice, {path}), {instanceOf: ShimError});
  t.is(error?.undone, false);
  t.regex(error?.hint ?? '', /1 registration\(s\).*STILL IN FORCE/);
});

test('the reason of a plan that the executor refuses', async t => {
  const damaged = Buffer.from(legacy.bytes).fill(1, 300, 301);
  const shim = await ShimProcess.start({path: await executor({})});
  const result = await shim.send(damaged);
  await shim.release();
  const error = t.throws(() => expectSuccess(result, new Plan(damaged)), {instanceOf: ShimError});
  t.is(error?.code, 'PLAN_REFUSED');
  t.regex(error?.message ?? '', /bad_digest[\s\S]*damaged/);
});
