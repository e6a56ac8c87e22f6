import test from 'ava';
import {InputError, PlanError} from '../../src/errors.js';
import {renderError, renderLog} from '../../src/render/error.js';
import {errorJson} from '../../src/render/error_json.js';
import {mapFlagNames} from '../../src/render/kernel_names.js';
import {memberValue} from '../../src/render/member_value.js';
import {screenOf} from '../../src/render/screen.js';
import {table} from '../../src/render/table.js';
import {bytesText, printable, printableJson} from '../../src/render/text.js';

const plain = screenOf({isTTY: false}, {});

const isHarmless = test.macro({
  exec: (t, text: string, expected: string) => t.is(printable(text), expected),
  title: (title = '') => `printable: ${title}`,
});
test('letters of any script stay', isHarmless, 'tcp_größe 拥塞', 'tcp_größe 拥塞');
test('an escape sequence', isHarmless, '\x1b[2J', '\\u{1b}[2J');
test('an 8-bit control', isHarmless, '\x9b31m', '\\u{9b}31m');
test('a line break in a name', isHarmless, 'a\nb\r', 'a\\u{a}b\\u{d}');
test('a change of writing direction', isHarmless, 'a\u202eb\u2066', 'a\\u{202e}b\\u{2066}');
test('nothing that has no width', isHarmless, 'a\u200bb', 'a\\u{200b}b');
test('half a surrogate pair', isHarmless, 'a\ud800', 'a\\u{d800}');

test('every string of a document is made harmless, its keys as well', t => {
  const dirty = {a: ['\x1b', {'\x07': '\x1b'}], n: 1, z: null, b: true};
  t.deepEqual(printableJson(dirty), {
    a: ['\\u{1b}', {'\\u{7}': '\\u{1b}'}],
    n: 1,
    z: null,
    b: true,
  } as unknown as typeof dirty);
});

test('an error cannot write to the terminal behind its words', t => {
  const error = new InputError('BAD_ARGUMENT', {
    what: 'x\x1b[1A',
    why: 'y\x1b[2K\nz',
    hint: '\x07',
  });
  const text = renderError(error, plain);
  t.is(text, 'error: x\\u{1b}[1A\n  y\\u{1b}[2K\n  z\n  try: \\u{7}');
});

const isColoured = test.macro({
  exec(t, isTTY: boolean, env: Record<string, string>, expected: boolean) {
    t.is(screenOf({isTTY}, env).colors.bold('x') !== 'x', expected);
  },
  title: (_, isTTY, env, expected) =>
    `colour: ${expected ? 'on' : 'off'}, ${isTTY ? '' : 'no '}terminal, ${JSON.stringify(env)}`,
});
test(isColoured, true, {}, true);
test(isColoured, false, {}, false);
test(isColoured, true, {NO_COLOR: '1'}, false);
test(isColoured, true, {NO_COLOR: ''}, true);
test(isColoured, true, {TERM: 'dumb'}, false);
test(isColoured, false, {FORCE_COLOR: '1'}, true);
test(isColoured, true, {FORCE_COLOR: '0'}, false);
test(isColoured, true, {FORCE_COLOR: '1', NO_COLOR: '1'}, false);

const isShown = test.macro({
  exec: (t, kind: string, hex: string, expected: string) => t.is(memberValue(kind, hex), expected),
  title: (_, kind, hex, expected) => `member value: ${kind} ${hex || 'empty'} is ${expected}`,
});
test(isShown, 'ARRAY', '736f5f6669727374000000', '"so_first"');
test(isShown, 'ARRAY', '73006f00', '73006f00');
test(isShown, 'ARRAY', '00000000', '00000000');
test(isShown, 'ARRAY', '1b5b324a', '1b5b324a');
test(isShown, 'ARRAY', '2200', '"\\""');
test(isShown, 'INT', '07000000', '7');
test(isShown, 'INT', '00010000', '256 (0x100)');
test(isShown, 'INT', 'ffffffffffffffff', '18446744073709551615 (0xffffffffffffffff)');
test(isShown, 'ENUM', '01', '1');
test(isShown, 'INT', '', '');
test(isShown, 'STRUCT', '01020304', '01020304');
test(isShown, 'STRUCT', 'ab'.repeat(100), `${'ab'.repeat(23)}a…`);

test('flags: by name, and what has none as a number', t => {
  t.deepEqual(mapFlagNames(0), []);
  t.deepEqual(mapFlagNames(0x2400), ['BPF_F_MMAPABLE', 'BPF_F_LINK']);
  t.deepEqual(mapFlagNames(0x80002000), ['BPF_F_LINK', 'flags 0x80000000']);
});

test('sizes', t => {
  t.deepEqual([0, 1, 1234567].map(bytesText), ['0 bytes', '1 byte', '1,234,567 bytes']);
});

test('a table: columns in line, no blanks at the ends, no head without titles', t => {
  const rows = [
    [1, 'a', ''],
    [10, 'bbb', 'c'],
  ];
  t.deepEqual(table([{title: 'n', align: 'right'}, {title: 'name'}, {title: ''}], rows, plain), [
    ' n  name',
    ' 1  a',
    '10  bbb   c',
  ]);
  t.deepEqual(table([{title: ''}, {title: ''}, {title: ''}], rows, plain), ['1   a', '10  bbb  c']);
});

test('a verifier log: its end, and how to get the rest', t => {
  const log = `${Array.from({length: 100}, (_, line) => `line ${line}\t\x1b`).join('\n')}\n`;
  const lines = renderLog(log, plain);
  t.is(lines.length, 2 + 1 + 60);
  t.is(lines[2], '  … 40 lines before these: --log FILE keeps all');
  t.is(lines[3], '  line 40    \\u{1b}');
  t.is(lines.at(-1), '  line 99    \\u{1b}');
  t.deepEqual(renderLog('one\n', plain), ['', "the kernel's log:", '  one']);
});

const FAULTS = [
  {
    ...{code: 'KERN_MEMBER_SIZE', number: 308, message: 'member x has another size'},
    ...{hint: 'rebuild', wanted: '4', found: '8'},
    where: {input: 'object', offset: 4660, section: '.struct_ops', struct: 's', member: 'x'},
  },
  {code: 'KERN_NO_KFUNC', number: 311, message: 'no kfunc y', hint: '', where: {}},
] as const;

test('faults: every one, with its place, what differs and what to try', t => {
  t.is(
    renderError(new PlanError(FAULTS), plain),
    `error: member x has another size
  at: object, section .struct_ops, struct s, member x, offset 4660 (0x1234)
  wanted: 4
  found: 8
  try: rebuild
  KERN_MEMBER_SIZE (308)

error: no kfunc y
  KERN_NO_KFUNC (311)`,
  );
});

test('errors: the first fault is the short message, all are in the message', t => {
  const error = new PlanError(FAULTS);
  t.is(error.shortMessage, 'member x has another size (and 1 more)');
  t.is(error.message, 'member x has another size (and 1 more)\nno kfunc y\nrebuild');
  t.is(error.code, 'KERN_MEMBER_SIZE');
  t.false(Object.keys(error).includes('name'));
  t.regex(String(error), /^PlanError: member x/);
});

test('errors as JSON: faults as the core has them, all others with code, why and hint', t => {
  t.deepEqual(errorJson(new PlanError(FAULTS)), {schema: 'structops.faults/1', faults: FAULTS});
  t.deepEqual(errorJson(new TypeError('x is undefined')), {
    schema: 'structops.error/1',
    code: 'INTERNAL',
    message: 'x is undefined',
    why: 'a defect of structops itself',
    hint: '',
  });
});
