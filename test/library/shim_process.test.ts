import {getEventListeners} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {execa} from 'execa';
import {ShimError, type ShimErrorCode} from '../../src/errors.js';
import {ShimProcess} from '../../src/executor/shim_process.js';
import {encode} from '../shim/frame_builder.js';
import * as sample from '../shim/sample_frames.js';
import {compileExecutor, type FakeKernel, script} from './executors.js';

const link = encode(sample.linkFrame());
const legacy = encode(sample.legacyFrame());
const damaged = Buffer.from(legacy);
damaged[400] = (damaged[400] ?? 0) ^ 1;

let executor: (kernel: FakeKernel) => Promise<string>;
let directory = '';

test.before(async () => {
  executor = await compileExecutor('library');
  directory = await mkdtemp(join(tmpdir(), 'structops-library-'));
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

test('frames are answered one by one, held, and let go at the release', async t => {
  const record = join(directory, 'release');
  const shim = await ShimProcess.start({path: await executor({FAKE_RECORD: record})});
  const first = await shim.send(link);
  t.like(first, {status: 'done', frame: 0, plan_sha256: link.subarray(-32).toString('hex')});
  t.like(await shim.send(damaged), {status: 'plan_refused', frame: 1, reason: 'bad_digest'});
  t.like(await shim.send(legacy), {status: 'done', frame: 2});
  const exit = await shim.release();
  t.like(exit.released, {why: 'end_of_input', frames: 2, left_registered: 0});
  t.is(exit.exitCode, 2);
  t.regex(await readFile(record, 'utf8'), /left 0 fds, 0 registered\n$/);
});

test('a release without anything held has no last word', async t => {
  const shim = await ShimProcess.start({path: await executor({})});
  t.like(await shim.release(), {exitCode: 0, released: undefined});
});

test('load-only and check are passed on', async t => {
  for (const [mode, status] of [
    ['load-only', 'loaded'],
    ['check', 'checked'],
  ] as const) {
    const shim = await ShimProcess.start({path: await executor({}), mode});
    t.is((await shim.send(link)).status, status);
    t.is((await shim.release()).exitCode, 0);
  }
});

test('a long verifier log arrives whole, with all that JSON escapes', async t => {
  const log = `${'0123456789 "x" \\\t'.repeat(5000)} end`;
  const shim = await ShimProcess.start({
    path: await executor({FAKE_RULES: '4-5=-13', FAKE_LOG: log}),
  });
  const result = await shim.send(legacy);
  t.true(result.status === 'step_failed' && result.log === log);
  await shim.release();
});

test('an abort ends the hold', async t => {
  const abort = new AbortController();
  const shim = await ShimProcess.start({path: await executor({}), signal: abort.signal});
  await shim.send(legacy);
  abort.abort();
  t.regex((await shim.exited).released?.why ?? '', /^(SIGTERM|end_of_input)$/);
});

test('a signal that outlives an executor keeps nothing of it', async t => {
  const {signal} = new AbortController();
  const shim = await ShimProcess.start({path: await executor({}), signal});
  t.is(getEventListeners(signal, 'abort').length, 1);
  await shim.release();
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('an abort before the first frame', async t => {
  const shim = await ShimProcess.start({path: await executor({}), signal: AbortSignal.abort()});
  await t.throwsAsync(shim.send(legacy), {instanceOf: ShimError});
  t.is((await shim.exited).released, undefined);
});

test('when its host is killed the executor lets everything go', async t => {
  const record = join(directory, 'orphan');
  const path = await executor({FAKE_RECORD: record});
  const holder = fileURLToPath(new URL('holder.ts', import.meta.url));
  const host = execa('node', ['--import', 'tsx', holder, path], {reject: false, buffer: false});
  for await (const line of host.iterable()) {
    t.is(line, 'done');
    host.kill('SIGKILL');
    break;
  }
  await host;
  await waitUntil(async () => /\n$/.test(await readFile(record, 'utf8').catch(() => '')));
  t.regex(await readFile(record, 'utf8'), /^3 0$[\s\S]*left 0 fds, 0 registered\n$/m);
});

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 50));
}

const RESULT = '{"schema":"structops.result/1","status":"checked","frame":0,"plan_sha256":""}';

const fails = test.macro({
  async exec(t, text: string, code: ShimErrorCode, message: RegExp) {
    const shim = await ShimProcess.start({path: await script(text), timeoutMs: 2000});
    const error = await t.throwsAsync(shim.send(link), {instanceOf: ShimError});
    t.is(error?.code, code);
    t.regex(error?.message ?? '', message);
    // No frame can follow, and the process is gone soon.
    await t.throwsAsync(shim.send(link), {instanceOf: ShimError});
    await shim.exited;
  },
  title: (title = '') => `${title}`,
});

test(
  'it dies without an answer',
  fails,
  'cat > /dev/null & echo why >&2; exit 7',
  'SHIM_DIED',
  /exit code 7\nwhy/,
);
test('it is killed', fails, 'kill -KILL $$', 'SHIM_DIED', /by SIGKILL/);
test(
  'it dies in the middle of a line',
  fails,
  `printf '${RESULT.slice(0, 40)}'`,
  'SHIM_DIED',
  /exit code 0/,
);
test(
  'it does not read its input',
  fails,
  'exec 0<&-; sleep 0.2; exit 3',
  'SHIM_DIED',
  /exit code 3/,
);
test('it does not answer', fails, 'exec sleep 100', 'SHIM_TIMEOUT', /did not answer within 2 s/);
test('it says something else', fails, 'echo hello; exec cat > /dev/null', 'SHIM_PROTOCOL', /hello/);
test(
  'it speaks another version',
  fails,
  `echo '${RESULT.replace('/1', '/2')}'; exec cat > /dev/null`,
  'SHIM_PROTOCOL',
  /same version/,
);
test(
  'it has a status of its own',
  fails,
  `echo '${RESULT.replace('checked', 'fine')}'; exec cat > /dev/null`,
  'SHIM_PROTOCOL',
  /fine/,
);
test(
  'it reports a fault of its own',
  fails,
  `echo '{"schema":"structops.result/1","status":"error","doing":"read plans","errno":5,"error":"EIO"}'; exec cat > /dev/null & kill $$`,
  'SHIM_FAULT',
  /could not read plans: EIO/,
);
test('it says the same twice', async t => {
  const path = await script(
    `head -c 16 > /dev/null; echo '${RESULT}'; echo '${RESULT}'; exec cat > /dev/null`,
  );
  const shim = await ShimProcess.start({path});
  t.is((await shim.send(link)).status, 'checked');
  const error = await t.throwsAsync(shim.release(), {instanceOf: ShimError});
  t.is(error?.code, 'SHIM_PROTOCOL');
});

test('one that does not end is left to itself', async t => {
  const path = await script(`echo '${RESULT}'; trap '' TERM; sleep 3`);
  const shim = await ShimProcess.start({path, timeoutMs: 500});
  await shim.send(link);
  const error = await t.throwsAsync(shim.release(), {instanceOf: ShimError});
  t.is(error?.code, 'SHIM_TIMEOUT');
  t.false(error?.undone);
});

test('a missing executor: says what builds it', async t => {
  const error = await t.throwsAsync(ShimProcess.start({path: '/nowhere/structops-shim'}), {
    instanceOf: ShimError,
  });
  t.is(error?.code, 'SHIM_NOT_STARTED');
  t.regex(error?.message ?? '', /\/nowhere\/structops-shim[\s\S]*build:shim/);
  t.true(error?.undone);
});

test('a file that the machine cannot run', async t => {
  const path = join(directory, 'no-interpreter');
  await writeFile(path, '#!/nowhere/sh\n', {mode: 0o755});
  const shim = await ShimProcess.start({path});
  const error = await t.throwsAsync(shim.send(link), {instanceOf: ShimError});
  t.is(error?.code, 'SHIM_NOT_STARTED');
  t.regex(error?.why ?? '', /ENOENT/);
});

test('two frames at once are a mistake of the caller', async t => {
  const shim = await ShimProcess.start({path: await executor({})});
  const first = shim.send(link);
  await t.throwsAsync(shim.send(link), {message: /not answered/});
  t.is((await first).status, 'done');
  await shim.release();
});
