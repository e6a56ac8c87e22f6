import {mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {compile, executorSources, type Run, run, SANITIZER_ENVIRONMENT} from './fake_executor.js';
import {encode, type FrameParts, layOut} from './frame_builder.js';
import * as life from './life_frames.js';
import * as sample from './sample_frames.js';

/** Pins, what others have loaded, swaps and their undo, on the kernel that is a table. */

let program = '';
let frameProgram = '';

test.before(async () => {
  program = await compile('life', executorSources('shim/main.c'));
  frameProgram = await compile('life_frame', executorSources('test/shim/frame_main.c'));
});

async function scratch(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'structops-life-'));
  t.teardown(() => rm(directory, {recursive: true, force: true}));
  return directory;
}

interface World {
  readonly world?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
}

interface LifeRun extends Run {
  /** Pins that are left, by path. */
  readonly pins: string[];
  /** What is in force at the end, such as "map 1 ". */
  readonly inForce: string | undefined;
}

async function runIn(
  t: ExecutionContext,
  parts: FrameParts,
  options: World = {},
): Promise<LifeRun> {
  const pins = await scratch(t);
  const env = {
    FAKE_WORLD: options.world ?? '',
    FAKE_PINS: pins,
    FAKE_EXCLUSIVE: '1',
    ...options.env,
  };
  const args = ['--pin-root', pins, ...(options.arguments ?? [])];
  const result = await run(program, {input: encode(parts), arguments: args, env});
  const entries = await readdir(pins, {recursive: true, withFileTypes: true});
  const files = entries.map(entry => join(entry.parentPath, entry.name).slice(pins.length + 1));
  const line = result.record.find(one => one.startsWith('in force: '));
  return {...result, pins: files.sort(), inForce: line?.slice('in force: '.length)};
}

test('a pinned link stays, in directories made for it; so does a map pinned by its name', async t => {
  const {results, pins, inForce, exitCode} = await runIn(t, life.pinFrame());
  t.is(exitCode, 0);
  t.is(results[0].status, 'done');
  t.deepEqual(pins, ['a', 'a/b', 'a/b/link', 'shared']);
  t.is(inForce, 'map 2 ');
});

test('a pinned legacy registration is not deleted at the end', async t => {
  const {results, pins, inForce, record} = await runIn(t, life.legacyPinFrame());
  t.like(results[1], {status: 'released', left_registered: 0});
  t.deepEqual(pins, ['legacy']);
  t.is(inForce, 'map 1 ');
  t.false(record.includes('3 0'));
});

test('a map that is pinned already is used, and not written to', async t => {
  const {attrSize, ranges = {}} = sample.arrayUpdate;
  const hash = {...life.pinnedMap('old'), numbers: {...life.pinnedMap('old').numbers, 0: 12}};
  const write = {
    ...sample.arrayUpdate,
    attrSize,
    ranges: {...ranges, 16: {bytes: Buffer.alloc(8)}},
  };
  const other = await runIn(t, layOut([hash, {...write, phase: 1}]), {world: 'data pin:old'});
  t.like(other.results[0], {
    status: 'step_failed',
    reason: 'pin_differs',
    cmd: 'STRUCTOPS_PINNED_MAP',
  });
  const same = await runIn(t, layOut([life.pinnedMap('old')]), {world: 'data pin:old'});
  t.like(same.results[0], {status: 'done', slots: [{slot: 2, kind: 'map', id: 1, got: true}]});
  t.deepEqual(same.pins, ['old']);
  const none = await runIn(t, layOut([hash, {...write, phase: 1}]));
  t.like(none.results[0], {status: 'done', slots: [{slot: 2, kind: 'map'}]});
  t.true(none.record.includes('2 0'), 'a map that is new is filled');
  t.deepEqual(none.pins, ['old']);
});

test('--load-only removes the pin of a map that it made', async t => {
  const {results, pins} = await runIn(t, life.pinFrame(), {arguments: ['--load-only']});
  t.is(results[0].status, 'loaded');
  t.deepEqual(pins, []);
});

test('a link is updated at once, and stays where it is pinned', async t => {
  const {results, inForce, pins} = await runIn(t, life.updateFrame(), {world: 'link pin:old/link'});
  t.is(results[0].status, 'done');
  t.false('gap_ns' in results[0]);
  t.is(inForce, 'map 3 ');
  t.deepEqual(pins, ['elsewhere', 'old', 'old/link']);
});

test('an update to the map that the link has is never asked of the kernel', async t => {
  const own = life.update(5, 3);
  const {attrSize, numbers = {}, ranges = {}} = sample.progLoad;
  const load = {
    ...sample.progLoad,
    attrSize,
    numbers,
    slots: {},
    ranges: {...ranges, 8: {bytes: Buffer.alloc(16)}},
  };
  const frame = layOut(
    [
      {...sample.structOpsCreate(0x2000), slots: {}},
      load,
      sample.structOpsUpdate,
      sample.linkCreate,
      own,
    ],
    {btf: sample.KERNEL_BTF},
  );
  const {results, record, inForce} = await runIn(t, frame);
  t.like(results[0], {status: 'step_failed', step: 4, reason: 'same_map', error: 'EALREADY'});
  t.false(record.some(line => line.startsWith('29 ')));
  t.is(inForce, '');
});

test('detach and attach: the gap is measured, the pin is that of the new link', async t => {
  const {results, inForce, pins, record} = await runIn(t, life.swapFrame(), {
    world: 'link pin:old/link',
  });
  t.is(results[0].status, 'done');
  t.true(results[0].gap_ns > 0 && results[0].gap_ns < 1e9);
  t.is(inForce, 'map 3 ');
  t.deepEqual(pins, ['old', 'old/link']);
  const calls = record.filter(line => /^(34|28|6) /.test(line)).map(line => line.split(' ')[0]);
  t.deepEqual(calls, ['34', '28', '6']);
});

test('the new one cannot be attached: the old one is back, by a new link at the old pin', async t => {
  const clean = await runIn(t, life.swapFrame(), {world: 'link pin:old/link'});
  const calls = clean.record.filter(line => /^\d+ -?\d+$/.test(line));
  const attach = calls.findIndex(line => line.startsWith('28 '));
  const {results, inForce, pins} = await runIn(t, life.swapFrame(), {
    world: 'link pin:old/link',
    env: {FAKE_RULES: `${attach}-${attach}=-22`},
  });
  t.like(results[0], {
    ...{status: 'step_failed', cmd: 'BPF_LINK_CREATE', error: 'EINVAL', left_registered: 0},
    restored: [{slot: 6, held: false}],
  });
  t.true(results[0].gap_ns > 0);
  t.false('not_restored' in results[0]);
  t.is(inForce, 'map 1 ');
  t.deepEqual(pins, ['old', 'old/link']);
});

test('a restored link that no pin keeps is held until the executor ends, by PLAN too', async t => {
  const steps = [life.getById(life.LINK_GET_FD_BY_ID, 2, 0), life.detach(0), life.pin('a', 1)];
  const frame = layOut([{...sample.arrayCreate, slots: {}, slot: 1}, ...steps]);
  const pins = await scratch(t);
  const plan = join(await scratch(t), 'x.plan');
  await writeFile(plan, encode(frame));
  // The pin is refused: its directory is a file.
  await writeFile(join(pins, 'a'), '');
  const {results, exitCode} = await run(program, {
    arguments: ['--pin-root', pins, plan],
    env: {FAKE_WORLD: 'link', FAKE_PINS: pins},
    onFirstResult: process => process.kill('SIGTERM'),
  });
  t.like(results[0], {
    status: 'step_failed',
    cmd: 'BPF_OBJ_PIN',
    restored: [{slot: 0, held: true}],
  });
  t.like(results[1], {status: 'released', why: 'SIGTERM', frames: 1});
  t.is(exitCode, 1);
});

test('a legacy registration that was deleted for one that fails is told of', async t => {
  const {results, inForce} = await runIn(t, life.legacySwapFrame(), {
    world: 'legacy',
    env: {FAKE_RULES: '4-4=-22'},
  });
  t.like(results[0], {status: 'step_failed', cmd: 'BPF_MAP_UPDATE_ELEM', not_restored: 1});
  t.is(inForce, '');
});

test('what others have loaded is detached, with its pin', async t => {
  const link = await runIn(t, life.detachFrame(), {world: 'link pin:old/link'});
  t.is(link.results[0].status, 'done');
  t.is(link.inForce, '');
  t.deepEqual(link.pins, ['old']);
  const steps = [life.getById(life.MAP_GET_FD_BY_ID, 1, 0), life.deleteElem(0)];
  const legacy = await runIn(t, layOut(steps), {world: 'legacy'});
  t.is(legacy.results[0].status, 'done');
  t.is(legacy.inForce, '');
});

test('a legacy registration that somebody else has deleted is not one that is left', async t => {
  const pins = await scratch(t);
  // The BTF, an array, and then the struct_ops map.
  const others = layOut([life.getById(life.MAP_GET_FD_BY_ID, 3, 0), life.deleteElem(0)]);
  const {results, exitCode} = await run(program, {
    input: Buffer.concat([encode(sample.legacyFrame()), encode(others)]),
    arguments: ['--pin-root', pins],
    env: {FAKE_WORLD: '', FAKE_PINS: pins},
  });
  t.deepEqual(
    results.map(({status}) => status),
    ['done', 'done', 'released'],
  );
  t.is(results[2].left_registered, 0);
  t.is(exitCode, 0);
});

test('PLAN that only detaches, or lists, ends at once', async t => {
  for (const make of [life.detachFrame, life.listFrame]) {
    const pins = await scratch(t);
    const plan = join(pins, 'x.plan');
    await writeFile(plan, encode(make()));
    const {results, exitCode} = await run(program, {
      arguments: ['--pin-root', pins, plan],
      env: {FAKE_WORLD: 'link pin:old/link', FAKE_PINS: pins},
    });
    t.is(exitCode, 0);
    t.is(results[0].status, 'done');
  }
});

const notLetIn = test.macro({
  async exec(t, world: string, step: Parameters<typeof layOut>[0][number], error: object) {
    const {results, record} = await runIn(t, layOut([step]), {world});
    t.like(results[0], {status: 'step_failed', step: 0, ...error});
    t.regex(record.at(-1) ?? '', /left 0 fds/);
  },
  title: (what = '') => `not let in: ${what}`,
});
const foreign = {reason: 'not_struct_ops', error: 'EINVAL'};
test('a map of another type', notLetIn, 'data', life.getById(life.MAP_GET_FD_BY_ID, 1, 0), foreign);
test('a pinned program as a map', notLetIn, 'program pin:p', life.getPin('p', 'map', 0), foreign);
test('a pinned program as a link', notLetIn, 'program pin:p', life.getPin('p', 'link', 0), foreign);
test('a pinned map as a link', notLetIn, 'legacy pin:p', life.getPin('p', 'link', 0), foreign);
test('a pinned link as a map', notLetIn, 'link pin:p', life.getPin('p', 'map', 0), foreign);
test('no such id', notLetIn, '', life.getById(life.LINK_GET_FD_BY_ID, 9, 0), {error: 'ENOENT'});
test('no such pin', notLetIn, '', life.getPin('none', 'link', 0), {error: 'ENOENT'});

test('a pin of something else is not removed', async t => {
  const steps = [life.getById(life.LINK_GET_FD_BY_ID, 2, 0), life.unpin('p', 0)];
  const {results, pins} = await runIn(t, layOut(steps), {world: 'link data pin:p'});
  t.like(results[0], {status: 'step_failed', reason: 'pin_is_other', error: 'ESTALE'});
  t.deepEqual(pins, ['p']);
});

test('no symbolic link is followed, on the way to a pin or at its end', async t => {
  const pins = await scratch(t);
  const outside = await scratch(t);
  await symlink(outside, join(pins, 'a'));
  await symlink(join(outside, 'x'), join(pins, 'x'));
  const env = {FAKE_WORLD: '', FAKE_PINS: pins};
  const args = ['--pin-root', pins];
  const way = await run(program, {input: encode(life.pinFrame()), arguments: args, env});
  t.like(way.results[0], {status: 'step_failed', cmd: 'BPF_OBJ_PIN', error: 'ENOTDIR'});
  t.deepEqual(await readdir(outside), []);
  const end = encode(layOut([life.getPin('x', 'link', 0)]));
  const got = await run(program, {input: end, arguments: args, env});
  t.like(got.results[0], {status: 'step_failed', error: 'ELOOP'});
});

test('without a pin root a plan with a path fails, and an own one must be a bpffs', async t => {
  const input = encode(layOut([life.getPin('x', 'link', 0)]));
  const {results} = await run(program, {input, env: {FAKE_NO_BPFFS: '1'}});
  t.like(results[0], {status: 'step_failed', reason: 'no_pin_root'});
  for (const [directory, why] of [
    [tmpdir(), /not a bpffs/],
    [join(tmpdir(), 'structops-no-such-directory'), /No such file/],
  ] as const) {
    const own = await run(program, {
      input,
      arguments: ['--pin-root', directory],
      env: {FAKE_NO_BPFFS: '1'},
    });
    t.is(own.exitCode, 2);
    t.regex(own.stderr, why);
  }
});

test('the list: maps with their values, links, programs, pins; nothing of other kinds', async t => {
  const {results, exitCode} = await runIn(t, life.listFrame(), {
    world: 'data pin:d link pin:l program pin:p',
  });
  t.is(exitCode, 0);
  t.like(results[0], {
    status: 'done',
    maps: [{id: 2, name: 'theirs', flags: 0x2000, value_type_id: 77, state: 1}],
    links: [{id: 3, map_id: 2}],
    programs: [{id: 4, load_time: 4000, uid: 0}],
    pins: [{id: 3, kind: 'link', path: 'l'}],
    complete: true,
  });
  t.is(results[0].maps[0].value.length, 80);
});

test('a list that leaves out directories deep below says so', async t => {
  const pins = await scratch(t);
  await mkdir(join(pins, ...Array.from({length: 18}, () => 'd')), {recursive: true});
  const {results} = await run(program, {
    input: encode(life.listFrame()),
    arguments: ['--pin-root', pins],
    env: {FAKE_WORLD: '', FAKE_PINS: pins},
  });
  t.like(results[0], {status: 'done', pins: [], complete: false});
});

test('a kernel that does not tell fails the list', async t => {
  const {results} = await runIn(t, life.listFrame(), {env: {FAKE_RULES: '0-9=-1'}});
  t.like(results[0], {status: 'step_failed', cmd: 'STRUCTOPS_LIST', error: 'EPERM'});
});

/** Name of a frame -> how often a registration was lost that the kernel lets nobody restore. */
const UNDONE = {pin: 0, legacyPin: 0, update: 0, swap: 0, detach: 0, legacySwap: 24};

for (const [name, lost] of Object.entries(UNDONE)) {
  test(`every call of the frame ${name} fails, with each of twelve errnos: all is as before`, async t => {
    const {make, world} = life.LIFE_FRAMES[name as keyof typeof UNDONE];
    const pins = await scratch(t);
    const plan = join(await scratch(t), 'x.plan');
    await writeFile(plan, encode(make()));
    const options = {cwd: pins, env: SANITIZER_ENVIRONMENT};
    const {stderr} = await execa(frameProgram, ['undo', world, plan], options);
    const counts = Object.fromEntries(
      stderr.split('\n').map(line => line.split(' ') as [string, string]),
    );
    t.log(counts);
    t.is(counts.done, '12', 'one run goes to the end, and is undone after it');
    t.is(Number(counts.not_restored ?? 0), lost);
    t.true(Number(counts.as_before) >= 48);
  });
}

test('a reader of the results that has gone: the frame is undone', async t => {
  const pins = await scratch(t);
  const plan = join(await scratch(t), 'x.plan');
  const record = join(await scratch(t), 'record');
  await writeFile(plan, encode(life.pinFrame()));
  const env = {...SANITIZER_ENVIRONMENT, FAKE_WORLD: '', FAKE_PINS: pins, FAKE_RECORD: record};
  const command = '"$0" --pin-root "$1" "$2" | true';
  await execa('bash', ['-c', `sleep 0.2 | (sleep 0.2; ${command})`, program, pins, plan], {env});
  t.deepEqual(await readdir(pins), []);
  t.regex(await readFile(record, 'utf8'), /in force: \ncalls \d+, left 0 fds/);
});

test('results that cannot be written: the frame is undone, and has not succeeded', async t => {
  const pins = await scratch(t);
  const plan = join(await scratch(t), 'x.plan');
  const record = join(await scratch(t), 'record');
  await writeFile(plan, encode(life.pinFrame()));
  const env = {...SANITIZER_ENVIRONMENT, FAKE_WORLD: '', FAKE_PINS: pins, FAKE_RECORD: record};
  const command = '"$0" --pin-root "$1" "$2" > /dev/full';
  const options = {env, reject: false};
  const {exitCode} = await execa('bash', ['-c', command, program, pins, plan], options);
  t.is(exitCode, 1);
  t.deepEqual(await readdir(pins), []);
  t.regex(await readFile(record, 'utf8'), /in force: \ncalls \d+, left 0 fds/);
});

test('where the fds of the caller cannot be closed, no frame is read', async t => {
  const {exitCode, results} = await run(program, {
    input: encode(life.listFrame()),
    env: {FAKE_NO_CLOSE_RANGE: '1'},
  });
  t.is(exitCode, 3);
  t.is(results.length, 1);
  t.like(results[0], {status: 'error', doing: 'close what was open', error: 'ENOSYS'});
});

test('--notify without the socket of a service manager is an error', async t => {
  const {exitCode, results} = await run(program, {
    arguments: ['--notify'],
    env: {NOTIFY_SOCKET: ''},
  });
  t.is(exitCode, 3);
  t.like(results[0], {status: 'error', doing: 'reach the service manager'});
});
