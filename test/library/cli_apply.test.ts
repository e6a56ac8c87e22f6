import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {encode} from '../shim/frame_builder.js';
import * as sample from '../shim/sample_frames.js';
import {compileExecutor, type FakeKernel, script} from './executors.js';
import {type CliRun, runCli, startCli} from './run_cli.js';

/** `structops apply` with the real executor, whose kernel is a table. */

let executor: (kernel: FakeKernel) => Promise<string>;
let directory = '';
let legacyPlan = '';
let linkPlan = '';
const link = encode(sample.linkFrame());

test.before(async () => {
  executor = await compileExecutor('library_cli');
  directory = await mkdtemp(join(tmpdir(), 'structops-apply-'));
  legacyPlan = join(directory, 'legacy.plan');
  linkPlan = join(directory, 'link.plan');
  await writeFile(legacyPlan, encode(sample.legacyFrame()));
  await writeFile(linkPlan, link);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Applies a plan, and runs `act` once it is held. */
async function hold(
  args: readonly string[],
  kernel: FakeKernel,
  act: (child: ReturnType<typeof startCli>) => unknown,
): Promise<CliRun> {
  const child = startCli(['apply', '--shim', await executor(kernel), ...args]);
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const before = /held|"done"/.test(seen);
    seen += chunk;
    if (!before && /held|"done"/.test(seen)) act(child);
  });
  const {exitCode, stdout, stderr} = await child;
  return {exitCode, stdout: String(stdout), stderr: String(stderr)};
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`held until ${signal}, then released, exit code 0`, async t => {
    const record = join(directory, signal);
    const run = await hold([legacyPlan], {FAKE_RECORD: record}, child => child.kill(signal));
    t.is(run.exitCode, 0);
    t.is(run.stderr, '');
    t.regex(run.stdout, /^loaded and attached\n[\s\S]*\n\nheld until Ctrl-C\nreleased$/);
    t.regex(await readFile(record, 'utf8'), /^3 0$[\s\S]*left 0 fds, 0 registered\n$/m);
  });
}

test('Ctrl-C reaches the executor as well, and may end it first', async t => {
  const pidFile = join(directory, 'pid');
  const real = await executor({});
  const shim = await script(`echo $$ > ${pidFile}\nexec ${real} "$@"`);
  const run = await hold([legacyPlan, '--shim', shim, '--json'], {}, async child => {
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGINT');
    child.kill('SIGINT');
  });
  t.is(run.exitCode, 0);
});

test('--json: the lines of the executor', async t => {
  const run = await hold([linkPlan, '--json'], {}, child => child.kill('SIGTERM'));
  t.is(run.exitCode, 0);
  const [done, released] = run.stdout.split('\n').map(line => JSON.parse(line));
  t.like(done, {schema: 'structops.result/1', status: 'done'});
  t.is(done.plan_sha256, link.subarray(-32).toString('hex'));
  t.is(done.slots.length, 6);
  t.like(released, {schema: 'structops.result/1', status: 'released', left_registered: 0});
});

test('--load-only attaches nothing and does not hold', async t => {
  const record = join(directory, 'load-only');
  const shim = await executor({FAKE_RECORD: record});
  const run = await runCli(['apply', '--load-only', '--shim', shim, linkPlan]);
  t.is(run.exitCode, 0);
  t.regex(run.stdout, /^loaded, and let go again\n/);
  t.regex(run.stdout, /prog +7 +x\.bpf\.o +slot 4/);
  t.notRegex(await readFile(record, 'utf8'), /^(3|28) /m);
});

test('a plan from standard input', async t => {
  const args = ['apply', '--load-only', '--json', '--shim', await executor({}), '-'];
  const run = await runCli(args, {input: link});
  t.is(run.exitCode, 0);
  t.is(JSON.parse(run.stdout).status, 'loaded');
});

test('an executor that is killed while it holds: said, exit code 3', async t => {
  const pidFile = join(directory, 'killed');
  const shim = await script(`echo $$ > ${pidFile}\nexec ${await executor({})} "$@"`);
  const run = await hold([legacyPlan, '--shim', shim], {}, async () => {
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
  });
  t.is(run.exitCode, 3);
  t.regex(run.stderr, /error: the executor ended by SIGKILL/);
  t.regex(run.stderr, /without a link may be left/);
});

test('a registration that stays is said loudly, exit code 3', async t => {
  const run = await hold([legacyPlan], {FAKE_RULES: '6-6=-1'}, child => child.kill('SIGINT'));
  t.is(run.exitCode, 3);
  t.regex(run.stderr, /1 registration\(s\) are STILL IN FORCE/);
});

interface Refusal {
  readonly plan: () => Buffer;
  readonly code: string;
  readonly says: RegExp;
  /** Of the executor's answer, if it was asked. */
  readonly status?: string;
}

const refused = test.macro({
  async exec(t, {plan, code, says, status}: Refusal) {
    const path = join(await mkdtemp(join(directory, 'refused-')), 'x.plan');
    await writeFile(path, plan());
    const shim = await executor({});
    const run = await runCli(['apply', '--shim', shim, path]);
    t.is(run.exitCode, 2);
    t.regex(run.stderr, says);
    const json = await runCli(['apply', '--json', '--shim', shim, path]);
    t.is(json.exitCode, 2);
    const error = JSON.parse(json.stdout);
    if (status === undefined) {
      t.is(error.schema, 'structops.faults/1');
      t.is(error.faults[0].code, code);
    } else {
      t.like(error, {schema: 'structops.error/1', code, undone: true});
      t.is(error.result.status, status);
    }
  },
  title: (title = '') => `exit code 2: ${title}`,
});

test('a damaged plan, before the executor is asked', refused, {
  plan: () => {
    const plan = Buffer.from(link);
    plan[500] = (plan[500] ?? 0) ^ 1;
    return plan;
  },
  code: 'PLAN_DIGEST',
  says: /not the one that its digest was made of[\s\S]*copy it again/,
});

test('a plan with its end cut off', refused, {
  plan: () => link.subarray(0, -1),
  code: 'PLAN_TRUNCATED',
  says: /ends too early[\s\S]*copy it again/,
});

test('a plan that nobody made by the rules', refused, {
  plan: () => encode(sample.linkFrame(steps => steps.splice(3, 1, {...sample.freeze, phase: 2}))),
  code: 'PLAN_BAD',
  says: /breaks a rule[\s\S]*do not carry it out/,
});

test("another kernel's plan", refused, {
  plan: () => {
    const parts = sample.legacyFrame();
    Object.assign(parts.head, {btf_size: 4, btf_xxh64: 0x123n});
    return encode(parts);
  },
  code: 'WRONG_KERNEL',
  says: /another kernel[\s\S]*4 bytes, xxh64 0000000000000123; here is 3 bytes/,
  status: 'wrong_kernel',
});
