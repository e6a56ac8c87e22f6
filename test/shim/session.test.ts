import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {compile, executorSources, run} from './fake_executor.js';
import {encode} from './frame_builder.js';
import * as sample from './sample_frames.js';

let program = '';
let directory = '';
let planPath = '';
const link = encode(sample.linkFrame());
const legacy = encode(sample.legacyFrame());
const digest = link.subarray(-32).toString('hex');
const CLEAN = 'left 0 fds, 0 registered';

test.before(async () => {
  program = await compile('session', executorSources('shim/main.c'));
  directory = await mkdtemp(join(tmpdir(), 'structops-session-'));
  planPath = join(directory, 'legacy.plan');
  await writeFile(planPath, legacy);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

test('a frame is done, reported, held until the input ends, then released', async t => {
  const {exitCode, results, record} = await run(program, {input: link});
  t.is(exitCode, 0);
  t.deepEqual(results, [
    {
      schema: 'structops.result/1',
      status: 'done',
      frame: 0,
      plan_sha256: digest,
      tolerated: 0,
      slots: [
        {slot: 0, kind: 'module', id: 3},
        {slot: 1, kind: 'btf', id: 4, step: 0, name: 'x.bpf.o'},
        {slot: 2, kind: 'map', id: 5, step: 1, name: 'x.bpf.o'},
        {slot: 3, kind: 'map', id: 6, step: 4, name: 'x.bpf.o'},
        {slot: 4, kind: 'prog', id: 7, step: 5, name: 'x.bpf.o'},
        {slot: 5, kind: 'link', id: 8, step: 8, name: 'x.bpf.o', watched: false},
      ],
    },
    {
      schema: 'structops.result/1',
      status: 'released',
      why: 'end_of_input',
      frames: 1,
      left_registered: 0,
    },
  ]);
  const calls = ['18 1003', '0 1004', '2 0', '22 0', '0 1005', '5 1006', '35 0', '2 0', '28 1007'];
  // The BTF of the other two modules was looked at; the link goes before what it refers to.
  t.deepEqual(record.slice(2, 11), calls);
  t.is(record[11], 'close 1007');
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('a legacy registration is deleted before its map is closed', async t => {
  const {exitCode, record} = await run(program, {input: legacy});
  t.is(exitCode, 0);
  t.is(record[6], '3 0');
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

const signalled = test.macro({
  async exec(t, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', args: string[]) {
    const {exitCode, results, record} = await run(program, {
      ...(args.length === 0 ? {input: legacy} : {arguments: [planPath]}),
      onFirstResult: process => process.kill(signal),
    });
    t.is(exitCode, 0);
    t.deepEqual(
      results.map(result => [result.status, result.why]),
      [
        ['done', undefined],
        ['released', signal],
      ],
    );
    t.true(record.includes('3 0'));
    t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
  },
  title: (_, signal: string, args: string[]) =>
    `${signal} ends the hold ${args.length === 0 ? 'of frames' : 'of PLAN'}`,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(signalled, signal, []);
  test(signalled, signal, ['PLAN']);
}

test('PLAN is held although standard input is at its end', async t => {
  const {results} = await run(program, {
    arguments: [planPath],
    onFirstResult: process => {
      process.stdin.end();
      setTimeout(() => process.kill('SIGTERM'), 200);
    },
  });
  t.is(results[1].why, 'SIGTERM');
});

test('--load-only leaves out phase attach and leaves nothing', async t => {
  for (const input of [{arguments: ['--load-only', planPath]}, {input: link}]) {
    const args = input.arguments ?? ['--load-only'];
    const {exitCode, results, record} = await run(program, {...input, arguments: args});
    t.is(exitCode, 0);
    t.deepEqual(
      results.map(result => result.status),
      ['loaded'],
    );
    t.false(record.some(line => /^(3|28) /.test(line)));
    t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
  }
});

test('--check makes no call', async t => {
  const {exitCode, results, record} = await run(program, {
    arguments: ['--check'],
    input: Buffer.concat([link, legacy]),
  });
  t.is(exitCode, 0);
  t.deepEqual(results[0], {
    schema: 'structops.result/1',
    status: 'checked',
    frame: 0,
    plan_sha256: digest,
  });
  t.is(results.length, 2);
  t.deepEqual(record, [`calls 0, ${CLEAN}`]);
});

test('several frames: one that fails does not let go of the others', async t => {
  const changed = Buffer.from(legacy);
  changed[400] = (changed[400] ?? 0) ^ 1;
  const {exitCode, results} = await run(program, {input: Buffer.concat([link, changed, legacy])});
  t.deepEqual(
    results.map(result => [result.status, result.frame ?? result.frames]),
    [
      ['done', 0],
      ['plan_refused', 1],
      ['done', 2],
      ['released', 2],
    ],
  );
  t.is(exitCode, 2);
});

test('bytes that begin no frame end the input', async t => {
  const input = Buffer.concat([legacy, Buffer.alloc(16), legacy]);
  const {exitCode, results, record} = await run(program, {input});
  t.deepEqual(
    results.map(result => result.reason ?? result.status),
    ['done', 'bad_magic', 'released'],
  );
  t.is(exitCode, 2);
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('a refused program: errno of the first try, the log of another', async t => {
  const {exitCode, results, record} = await run(program, {
    input: legacy,
    env: {FAKE_RULES: '4-5=-13', FAKE_LOG: '0: "r0"\n\\ end\t'},
  });
  t.is(exitCode, 1);
  t.deepEqual(results, [
    {
      schema: 'structops.result/1',
      status: 'step_failed',
      frame: 0,
      plan_sha256: legacy.subarray(-32).toString('hex'),
      step: 4,
      cmd: 'BPF_PROG_LOAD',
      name: 'x.bpf.o',
      errno: 13,
      error: 'EACCES',
      log: '0: "r0"\n\\ end\t',
      log_truncated: false,
      left_registered: 0,
    },
  ]);
  t.is(record.filter(line => line === '5 -13').length, 2);
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('the log buffer doubles until the log fits', async t => {
  const {results, record} = await run(program, {
    input: legacy,
    env: {FAKE_RULES: '4-9=-13', FAKE_LOG: 'long', FAKE_LOG_SIZE: String(40 << 20)},
  });
  t.is(results[0].log, 'long');
  t.false(results[0].log_truncated);
  t.deepEqual(
    record.filter(line => line.startsWith('5 ')),
    ['5 -13', '5 -28', '5 -28', '5 -13'],
  );
});

test('a log that no buffer holds: the first errno, and what there is of it', async t => {
  const {results} = await run(program, {
    input: legacy,
    env: {FAKE_RULES: '4-9=-22', FAKE_LOG: 'long', FAKE_LOG_SIZE: String(100 << 20)},
  });
  t.is(results[0].error, 'EINVAL');
  t.is(results[0].step, 4);
});

test('a refused BTF brings its log', async t => {
  const env = {FAKE_RULES: '0-1=-22', FAKE_LOG: 'magic'};
  const {results} = await run(program, {input: legacy, env});
  t.like(results[0], {step: 0, cmd: 'BPF_BTF_LOAD', error: 'EINVAL', log: 'magic'});
});

test('PROG_LOAD is tried five times while it says EAGAIN', async t => {
  const four = await run(program, {input: legacy, env: {FAKE_RULES: '4-7=-11'}});
  t.is(four.results[0].status, 'done');
  // Five, and the one for the log.
  const six = await run(program, {input: legacy, env: {FAKE_RULES: '4-9=-11'}});
  t.like(six.results[0], {status: 'step_failed', step: 4, error: 'EAGAIN'});
});

test('a program that loads at the try for its log is loaded', async t => {
  const {exitCode, results} = await run(program, {input: legacy, env: {FAKE_RULES: '4-4=-12'}});
  t.is(exitCode, 0);
  t.deepEqual(
    results.map(result => result.status),
    ['done', 'released'],
  );
});

test('a map update that returns 1 has failed', async t => {
  const {exitCode, results} = await run(program, {input: legacy, env: {FAKE_RULES: '5-5=1'}});
  t.is(exitCode, 1);
  t.like(results[0], {status: 'step_failed', step: 5, returned: 1});
  t.false('errno' in results[0]);
});

test('errno 524 has a name', async t => {
  const {results} = await run(program, {input: link, env: {FAKE_RULES: '3-3=-524'}});
  t.like(results[0], {cmd: 'BPF_MAP_FREEZE', errno: 524, error: 'ENOTSUPP'});
});

test('a bind that fails is counted, and the rest is done', async t => {
  const {results} = await run(program, {input: link, env: {FAKE_RULES: '6-6=-22'}});
  t.like(results[0], {status: 'done', tolerated: 1});
});

test('a registration that cannot be deleted is reported, and our fault', async t => {
  const {exitCode, results} = await run(program, {input: legacy, env: {FAKE_RULES: '6-6=-1'}});
  t.like(results[1], {status: 'released', left_registered: 1});
  t.is(exitCode, 3);
});

for (const [how, env] of [
  ['read', {}],
  ['mapped', {FAKE_MAPPED: '1'}],
] as const) {
  test(`another kernel's plan is refused before the first step, naming both: its BTF ${how}`, async t => {
    const parts = sample.legacyFrame();
    Object.assign(parts.head, {btf_size: 4, btf_xxh64: 0x123n});
    const {exitCode, results, record} = await run(program, {input: encode(parts), env});
    t.is(exitCode, 2);
    t.like(results[0], {
      status: 'wrong_kernel',
      btf: 'vmlinux',
      wanted: {btf_size: 4, btf_xxh64: '0000000000000123'},
      running: {btf_size: 3, btf_xxh64: '44bc2cf5ad770999'},
    });
    t.deepEqual(record, [`calls 0, ${CLEAN}`]);
    const own = await run(program, {input: legacy, env});
    t.is(own.results[0].status, 'done');
  });
}

test('a digest that differs alone is enough', async t => {
  const parts = sample.legacyFrame();
  parts.head.btf_xxh64 = 0x44bc2cf5ad770998n;
  const {results} = await run(program, {input: encode(parts)});
  t.is(results[0].status, 'wrong_kernel');
});

test("another module's BTF, and a module that is not loaded", async t => {
  const other = sample.linkFrame();
  Object.assign(other.modules[0] ?? {}, {btf_xxh64: 5n});
  const {results, record} = await run(program, {input: encode(other)});
  t.like(results[0], {status: 'wrong_kernel', btf: 'hid', running: {btf_size: 1}});
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
  const absent = sample.linkFrame();
  Object.assign(absent.modules[0] ?? {}, {name_size: 2});
  const gone = await run(program, {input: encode(absent)});
  t.like(gone.results[0], {status: 'wrong_kernel', btf: 'hi', running: null, error: 'ENOENT'});
  t.is(gone.exitCode, 2);
});

test('names that are no text still make a line of JSON', async t => {
  const parts = sample.legacyFrame();
  Buffer.from([0x22, 0x5c, 0x0a, 0x00, 0xff, 0xc3, 0x22]).copy(parts.blob);
  const {results} = await run(program, {input: encode(parts)});
  t.is(results[0].slots[0].name, '"\\\n\0\ufffd\ufffd"');
});

test('a plan file with bytes after its frame is refused', async t => {
  const path = join(directory, 'long.plan');
  await writeFile(path, Buffer.concat([legacy, Buffer.alloc(1)]));
  const {exitCode, results, record} = await run(program, {arguments: [path]});
  t.is(exitCode, 2);
  t.is(results[0].reason, 'bad_frame_size');
  t.deepEqual(record, [`calls 0, ${CLEAN}`]);
});

test('an empty plan file, a directory and no file at all', async t => {
  const path = join(directory, 'empty.plan');
  await writeFile(path, '');
  const empty = await run(program, {arguments: [path]});
  t.deepEqual([empty.exitCode, empty.results[0].reason], [2, 'truncated']);
  const folder = await run(program, {arguments: [directory]});
  t.deepEqual([folder.exitCode, folder.results[0].error], [3, 'EISDIR']);
  const none = await run(program, {arguments: [join(directory, 'none')]});
  t.is(none.exitCode, 2);
  t.regex(none.stderr, /No such file/);
});

test('no input: nothing to do', async t => {
  const {exitCode, results} = await run(program);
  t.is(exitCode, 0);
  t.deepEqual(results, []);
});

test('arguments that are not understood', async t => {
  for (const args of [['--chek'], ['a', 'b'], ['--check', '--load-only'], ['--help', 'x']]) {
    const {exitCode, stderr} = await run(program, {arguments: args});
    t.is(exitCode, 2);
    t.regex(stderr, /^usage: structops-shim/);
  }
});
