import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {compile, executorSources, SANITIZER_ENVIRONMENT, SANITIZER_EXIT} from './fake_executor.js';
import {encode} from './frame_builder.js';
import * as sample from './sample_frames.js';

/** Replay with FUZZ_SEED=; more with FUZZ_COUNT=. */
const SEED = process.env.FUZZ_SEED ?? '20240607';
const COUNT = process.env.FUZZ_COUNT ?? '40000';

let program = '';
let directory = '';
const files: string[] = [];

test.before(async () => {
  program = await compile('frame', executorSources('test/shim/frame_main.c'));
  directory = await mkdtemp(join(tmpdir(), 'structops-frame-'));
  const frames = {
    link: sample.linkFrame(),
    legacy: sample.legacyFrame(),
    value: sample.valueFrame(),
  };
  for (const [name, parts] of Object.entries(frames)) {
    const path = join(directory, `${name}.plan`);
    await writeFile(path, encode(parts));
    files.push(path);
  }
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Runs frame_main.c and returns what it counted. */
async function count(...args: string[]): Promise<Map<string, number>> {
  const {stderr} = await execa(program, args, {env: SANITIZER_ENVIRONMENT});
  const pairs = stderr.split('\n').map(line => line.split(' ') as [string, string]);
  return new Map(pairs.map(([reason, number]) => [reason, Number(number)]));
}

test('a frame with any byte changed is refused, by its digest, before any call', async t => {
  const counts = await count('flip', ...files);
  const sizes = [sample.linkFrame(), sample.legacyFrame(), sample.valueFrame()].map(
    parts => encode(parts).length,
  );
  const all = [...counts.values()].reduce((sum, number) => sum + number, 0);
  t.is(all, 3 * sizes.reduce((sum, size) => sum + size, 0));
  // Three changes to each byte of the magic, the version and the size, in three frames.
  t.is(counts.get('bad_magic'), 3 * 8 * 3);
  t.is(counts.get('bad_version'), 3 * 4 * 3);
  const early = ['bad_magic', 'bad_version', 'bad_frame_size', 'truncated', 'frame_too_large'];
  const before = early.reduce((sum, reason) => sum + (counts.get(reason) ?? 0), 0);
  t.is(before, 3 * 16 * 3);
  t.is(counts.get('bad_digest'), all - before);
});

test('whatever step fails, with whatever errno: nothing of the frame is left', async t => {
  const counts = await count('fail', ...files);
  // Nine steps, six and nine, with twelve errnos each; two of them may fail.
  t.deepEqual(Object.fromEntries(counts), {step_failed: 12 * 22, tolerated: 12 * 2});
});

test(`${COUNT} changed and re-digested frames, FUZZ_SEED=${SEED}: no finding`, async t => {
  t.log(`FUZZ_SEED=${SEED} FUZZ_COUNT=${COUNT}`);
  const counts = await count('fuzz', SEED, COUNT, ...files);
  t.log(Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)));
  t.true((counts.get('accepted') ?? 0) > 500, 'some changes do not matter');
  t.true(counts.size > 30, 'the checks are reached, each by some change');
});

test('a range that is too short for the kernel, past the checks, is found by the sanitizer', async t => {
  const env = SANITIZER_ENVIRONMENT;
  const result = await execa(program, ['canary', files[0] ?? ''], {reject: false, env});
  t.is(result.exitCode, SANITIZER_EXIT);
  t.regex(result.stderr, /heap-buffer-overflow/);
});
