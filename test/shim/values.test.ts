import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {compile, executorSources, type Run, run, writeKernelFiles} from './fake_executor.js';
import {
  encode,
  KSYM_HIGH,
  KSYM_LOW,
  layOut,
  type RangeSpec,
  type StepSpec,
  type ValueSpec,
  WEAK_KSYM_HIGH,
  WEAK_KSYM_LOW,
} from './frame_builder.js';
import * as sample from './sample_frames.js';

/** Run-time values, arenas and associations, with files and a kernel made for them. */

const POSSIBLE = '/sys/devices/system/cpu/possible';
const KALLSYMS = '/proc/kallsyms';
const HOTPLUG = '/sys/kernel/sched_ext/hotplug_seq';
const CLEAN = 'left 0 fds, 0 registered';

let program = '';
let directory = '';
const frame = encode(sample.valueFrame());

test.before(async () => {
  program = await compile('values', executorSources('shim/main.c'));
  directory = await mkdtemp(join(tmpdir(), 'structops-values-'));
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Runs a frame in a world whose files are those of KERNEL_FILES but for the `changed` ones. */
async function runWith(
  changed: Readonly<Record<string, string | null>>,
  input: Uint8Array = frame,
  more: {args?: string[]; env?: Record<string, string>} = {},
): Promise<Run> {
  const root = await mkdtemp(join(directory, 'root-'));
  await writeKernelFiles(root, changed);
  const env = {FAKE_ROOT: root, FAKE_DETAILS: '1', ...more.env};
  return run(program, {input, arguments: more.args ?? [], env});
}

/** A program that loads the addresses of these symbols, one 64-bit load each. */
function symbolFrame(symbols: readonly string[], {weak = false} = {}): Buffer {
  const [low, high] = weak ? [WEAK_KSYM_LOW, WEAK_KSYM_HIGH] : [KSYM_LOW, KSYM_HIGH];
  const values: Record<number, ValueSpec> = {};
  for (const [i, symbol] of symbols.entries()) {
    values[16 * i + 4] = {value: low, symbol};
    values[16 * i + 12] = {value: high, symbol};
  }
  const {ranges = {}} = sample.ksymProgLoad;
  const step: StepSpec = {
    ...sample.ksymProgLoad,
    numbers: {0: 31, 4: 2 * symbols.length},
    ranges: {8: {bytes: Buffer.alloc(16 * symbols.length), values}, 16: ranges[16] as RangeSpec},
    slot: 0,
  };
  return encode(layOut([step]));
}

/** What the kernel was given as the addresses of `symbolFrame`. */
function addressesIn({record}: Run): string[] {
  const insns = record.find(line => line.startsWith('insns '))?.slice(6) ?? '';
  return (insns.match(/.{32}/g) ?? []).map(text => {
    const bytes = Buffer.from(text, 'hex');
    return (
      bytes.readUInt32LE(12).toString(16).padStart(8, '0') +
      bytes.toString('hex', 4, 8).replace(/(..)(..)(..)(..)/, '$4$3$2$1')
    );
  });
}

test('every value, an arena and an association reach the kernel', async t => {
  const {exitCode, results, record, stderr} = await runWith({});
  t.is(exitCode, 0, stderr);
  t.deepEqual(
    results.map(({status, tolerated}) => [status, tolerated]),
    [
      ['done', 0],
      ['released', undefined],
    ],
  );
  t.true(record.includes('max_entries 5'));
  const [strong] = addressesIn({record} as Run);
  t.is(strong, 'ffffffff81234568');
  t.true(record.includes('38 0'));
  // The program's fd as 8 bytes at 8, and 4294967303 at 24.
  const value = Buffer.from(record.find(line => /^value .{80}$/.test(line))?.slice(6) ?? '', 'hex');
  t.is(value.readBigUInt64LE(24), 4294967303n);
  t.true(value.readBigUInt64LE(8) >= 1000n);
  // Seen when it is unmapped, which is before its fd is closed.
  const seen = record.indexOf('arena 8191 is 010203');
  t.true(seen > record.indexOf('close 1006'));
  t.is(record[seen + 1], 'close 1001');
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

// Symbols.
test('names are exact, but for a suffix of local data; modules have symbols too', async t => {
  const names = ['strong_one', 'local_data', 'of_a_module', 'first_of_all'];
  const result = await runWith({}, symbolFrame(names));
  t.deepEqual(addressesIn(result), [
    'ffffffff81234568',
    'ffffffff81000010',
    'ffffffffc0400000',
    '0000000000000000',
  ]);
});

test('a weak symbol has its address, or 0', async t => {
  const result = await runWith({}, symbolFrame(['strong_one', 'none', 'strong'], {weak: true}));
  t.is(result.exitCode, 0);
  t.deepEqual(addressesIn(result), ['ffffffff81234568', '0'.repeat(16), '0'.repeat(16)]);
});

const failed = test.macro({
  async exec(
    t,
    wanted: Record<string, unknown>,
    changed: Readonly<Record<string, string | null>>,
    input: Uint8Array = frame,
  ) {
    const {exitCode, results, record} = await runWith(changed, input);
    t.is(exitCode, 1);
    const [{schema, frame: index, plan_sha256: digest, name, left_registered: left, ...rest}] =
      results;
    t.deepEqual([schema, index, left, name], ['structops.result/1', 0, 0, 'x.bpf.o']);
    t.is(digest, Buffer.from(input).subarray(-32).toString('hex'));
    t.deepEqual(rest, {status: 'step_failed', ...wanted});
    t.is(results.length, 1);
    t.deepEqual(record, [`calls 0, ${CLEAN}`]);
  },
  title: (rule = '', wanted: Record<string, unknown>) => `${wanted.reason}: ${rule}`,
});

const LOAD = {cmd: 'BPF_PROG_LOAD', file: KALLSYMS};
const missing = {...LOAD, step: 0, reason: 'symbol_missing'};
const SUFFIXED = 'ffffffff81000010 D local_data.llvm.123456\n';
for (const name of ['strong', 'strong_one2', 'local_data.llvm.123456', 'of_a_module\t[module]']) {
  test(JSON.stringify(name), failed, {...missing, symbol: name}, {}, symbolFrame([name]));
}
test(
  'a suffix of data that is not local',
  failed,
  {...missing, symbol: 'local_data'},
  {[KALLSYMS]: SUFFIXED},
  symbolFrame(['local_data']),
);
test(
  'the first step that needs it is told',
  failed,
  {...LOAD, step: 4, reason: 'symbol_missing', symbol: 'strong_one'},
  {[KALLSYMS]: 'ffffffff81000000 T other\n'},
);
const twice = (second: string) =>
  `00000000000000ff t same\n00000000000000fe T other\n${second} d same\n`;
for (const weak of [false, true]) {
  test(
    `two addresses, ${weak ? 'weak' : 'strong'}`,
    failed,
    {...LOAD, step: 0, reason: 'symbol_ambiguous', symbol: 'same'},
    {[KALLSYMS]: twice('0000000000000000')},
    symbolFrame(['same'], {weak}),
  );
  test(
    `all addresses are 0, ${weak ? 'weak' : 'strong'}`,
    failed,
    {...LOAD, step: 0, reason: 'addresses_hidden'},
    {[KALLSYMS]: '0000000000000000 T same\n0000000000000000 t other\n'},
    symbolFrame(['same'], {weak}),
  );
}
test('an address twice is one address', async t => {
  const result = await runWith({[KALLSYMS]: twice('ff')}, symbolFrame(['same']));
  t.deepEqual(addressesIn(result), ['00000000000000ff']);
});

// Files.
const OF_FILE: Readonly<Record<string, {step: number; cmd: string; file: string}>> = {
  [POSSIBLE]: {step: 0, cmd: 'BPF_MAP_CREATE', file: POSSIBLE},
  [KALLSYMS]: {step: 4, cmd: 'BPF_PROG_LOAD', file: KALLSYMS},
  [HOTPLUG]: {step: 7, cmd: 'BPF_MAP_UPDATE_ELEM', file: HOTPLUG},
};
for (const [file, of] of Object.entries(OF_FILE)) {
  const absent = {...of, reason: 'file_unreadable', errno: 2, error: 'ENOENT'};
  test(`no ${file}`, failed, absent, {[file]: null});
  test(`${file} is a directory`, async t => {
    const root = await mkdtemp(join(directory, 'root-'));
    await writeKernelFiles(root, {[file]: null});
    await mkdir(root + file, {recursive: true});
    const {results, record} = await run(program, {input: frame, env: {FAKE_ROOT: root}});
    t.like(results[0], {...of, reason: 'file_unreadable', error: 'EISDIR'});
    t.deepEqual(record, [`calls 0, ${CLEAN}`]);
  });
}

const NOT_UNDERSTOOD: Record<string, readonly string[]> = {
  [POSSIBLE]: [
    ...['', '\n', '0-3', '3-1\n', '0,0\n', '1,0\n', '0-2,2-3\n', 'x\n', '0x1\n', '0-\n', '-1\n'],
    ...['0,\n', ' 0\n', '0-3\n\n', '0-1048576\n', `${2n ** 64n}\n`, '0,'.repeat(5000)],
  ],
  [HOTPLUG]: ['', '\n', '7', 'x\n', '-1\n', '1 2\n', `${2n ** 64n}\n`, '1'.repeat(5000)],
  [KALLSYMS]: [
    ...['x\n', 'fg T name\n', ' T name\n', '12 T\n', '12 T  \n', '12  name\n', '12\n'],
    ...['12Tname\n', '12 TT name\n', '\n', '12 T name', '12345678901234567 T name\n'],
    ...['FF T name\n', `12 T ${'x'.repeat(70_000)}\n`],
  ],
};
for (const [file, contents] of Object.entries(NOT_UNDERSTOOD)) {
  for (const content of contents) {
    const shown = content.length > 30 ? `${content.length} bytes` : JSON.stringify(content);
    const wanted = {...OF_FILE[file], reason: 'file_not_understood'};
    test(`${file}: ${shown}`, failed, wanted, {[file]: content});
  }
}

const CPUS: Record<string, number> = {
  ...{'0\n': 1, '0-127\n': 128, '0,2-3,9\n': 4, '5\n': 1, '1-1\n': 1, '0-1048575\n': 1 << 20},
};
for (const [content, count] of Object.entries(CPUS)) {
  test(`${JSON.stringify(content)} are ${count} CPUs`, async t => {
    const {record} = await runWith({[POSSIBLE]: content});
    t.true(record.includes(`max_entries ${count}`));
  });
}
for (const number of [0n, 2n ** 64n - 1n]) {
  test(`hotplug_seq ${number}`, async t => {
    const {record} = await runWith({[HOTPLUG]: `${number}\n`});
    const value = record.find(line => /^value .{80}$/.test(line))?.slice(6) ?? '';
    t.is(Buffer.from(value, 'hex').readBigUInt64LE(24), number);
  });
}

test('a list of 300,000 symbols is read in pieces, and the last line counts', async t => {
  const name = 'n'.repeat(511);
  const lines = Array.from({length: 300_000}, (_, i) => `${(i + 1).toString(16)} t symbol_${i}\n`);
  const list = `${lines.join('')}deadbeef T ${name}\tx\n`;
  const result = await runWith({[KALLSYMS]: list}, symbolFrame([name, 'symbol_65535']));
  t.deepEqual(addressesIn(result), ['00000000deadbeef', '0000000000010000']);
});

test('4096 symbols, found in any order', async t => {
  const names = Array.from({length: 4096}, (_, i) => `symbol_${(i * 2731) % 4096}`);
  const list = names
    .map(name => `${name.slice(7)} T ${name}\n`)
    .sort()
    .join('');
  const result = await runWith({[KALLSYMS]: list}, symbolFrame(names));
  t.is(result.exitCode, 0, result.stderr);
  t.deepEqual(
    addressesIn(result),
    names.map(name => name.slice(7).padStart(16, '0')),
  );
});

test('two frames: each reads anew', async t => {
  const input = Buffer.concat([frame, symbolFrame(['of_a_module']), symbolFrame(['strong_one'])]);
  const {exitCode, record} = await runWith({}, input);
  t.is(exitCode, 0);
  const insns = record.filter(line => line.startsWith('insns '));
  t.deepEqual(
    insns.slice(-2).map(line => addressesIn({record: [line]} as Run)),
    [['ffffffffc0400000'], ['ffffffff81234568']],
  );
});

test('a file that no step needs is not read', async t => {
  const none = {[POSSIBLE]: null, [KALLSYMS]: null, [HOTPLUG]: null};
  const {exitCode} = await runWith(none, encode(sample.linkFrame()));
  t.is(exitCode, 0);
  const check = await runWith(none, frame, {args: ['--check']});
  t.is(check.results[0].status, 'checked');
  const load = await runWith({[HOTPLUG]: null}, frame, {args: ['--load-only']});
  t.is(load.results[0].status, 'loaded');
  t.regex(load.record.at(-1) ?? '', new RegExp(CLEAN));
});

// Arenas and associations.
/** An arena in slot 0, and its mapping. */
function arenaSteps(create: Partial<StepSpec>, map: Partial<StepSpec> = {}): StepSpec[] {
  return [
    {...sample.arenaCreate, slot: 0, ...create},
    {...sample.arenaMap, slots: {0: 0}, ...map},
  ];
}

test('an arena at an address that the kernel chooses, of 4 GiB, filled at its end', async t => {
  const numbers = {0: 33, 12: 1 << 20, 16: 0x400};
  const steps = arenaSteps({numbers}, {numbers: {8: 0xffff_fffd, 24: 3}});
  const {results, record} = await runWith({}, encode(layOut(steps)));
  t.is(results[0].status, 'done');
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('an arena without data', async t => {
  const steps = arenaSteps({}, {numbers: {}, ranges: {}});
  const {results, record} = await runWith({}, encode(layOut(steps)));
  t.is(results[0].status, 'done');
  t.false(record.some(line => line.startsWith('arena ')));
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('an arena never takes the place of something else', async t => {
  const second = arenaSteps({slot: 1}, {slots: {0: 1}});
  const {exitCode, results, record} = await runWith(
    {},
    encode(layOut([...arenaSteps({}), ...second])),
  );
  t.is(exitCode, 1);
  t.like(results[0], {step: 3, cmd: 'STRUCTOPS_ARENA_MAP', errno: 17, error: 'EEXIST'});
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('a kernel without memory for the data is a failure, not a signal', async t => {
  const env = {FAKE_ARENA_MEMORY: '8192'};
  const {exitCode, results, record} = await runWith({}, frame, {env});
  t.is(exitCode, 1);
  t.like(results[0], {step: 2, cmd: 'STRUCTOPS_ARENA_MAP', error: 'EFAULT'});
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('an arena that is refused', async t => {
  const {exitCode, results, record} = await runWith({}, frame, {env: {FAKE_RULES: '2-2=-12'}});
  t.is(exitCode, 1);
  t.like(results[0], {step: 2, cmd: 'STRUCTOPS_ARENA_MAP', error: 'ENOMEM'});
  t.false('reason' in results[0]);
  t.regex(record.at(-1) ?? '', new RegExp(CLEAN));
});

test('an association that the kernel does not know is counted, and the rest is done', async t => {
  const {results} = await runWith({}, frame, {env: {FAKE_RULES: '5-5=-22'}});
  t.like(results[0], {status: 'done', tolerated: 1});
});
