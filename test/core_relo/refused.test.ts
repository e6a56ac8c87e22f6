import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {type CoreWasm, openCore} from '../helpers/core_wasm.js';
import {REPOSITORY} from '../rig/cache.js';
import {ObjectEditor} from './object_editor.js';
import {number, relocate} from './relocated.js';

/** Faults: of what the kernel has twice or too large, and of records that no compiler writes. */
const FOLDER = join(REPOSITORY, 'test/bpf/core_relo');

let core: CoreWasm;
let kernelBtf: Buffer;
let synthetic: Buffer;
let refused: Buffer;

test.before(async () => {
  core = await openCore();
  kernelBtf = await readFile(join(FOLDER, 'synthetic_kernel.btf'));
  synthetic = await readFile(join(FOLDER, 'synthetic.bpf.o'));
  refused = await readFile(join(FOLDER, 'refused.bpf.o'));
});

test('every relocation that cannot be is told, not the first, and where it is in C', t => {
  const {faults} = relocate(core, refused, {kernelBtf});
  const records = new ObjectEditor(refused).records;
  const told = faults.map(({code, where, wanted, found}) => {
    t.is(where.input, 'object');
    const record = records.findIndex(({offset}) => offset === where.offset);
    const field = [where.struct, where.member].filter(Boolean).join('.');
    return [code, record, where.symbol, field, wanted, found].filter(it => it !== undefined);
  });
  const [ambiguous, range] = ['CORE_AMBIGUOUS', 'CORE_RANGE'];
  const inTwice = [
    'bit 0, as in twice___a (type 2 of vmlinux)',
    'bit 32 in twice___b (type 7 of vmlinux)',
  ];
  t.deepEqual(told, [
    [ambiguous, 0, 'offset_differs', 'twice.x', ...inTwice],
    [ambiguous, 1, 'exists_differs', 'twice.x', ...inTwice],
    [
      ...[ambiguous, 2, 'two_ids', 'agree'],
      ...['10, as in agree___a (type 10 of vmlinux)', '13 in agree___b (type 13 of vmlinux)'],
    ],
    [
      ...[ambiguous, 3, 'two_sizes', 'agree'],
      ...['12, as in agree___a (type 10 of vmlinux)', '8 in agree___b (type 13 of vmlinux)'],
    ],
    [
      ...[ambiguous, 4, 'before_narrowing', 'narrow.x'],
      ...[
        'bit 64, as in narrow___a (type 16 of vmlinux)',
        'bit 0 in narrow___b (type 21 of vmlinux)',
      ],
    ],
    [range, 7, 'too_far', 'far.field', 'at most 32767', '40000'],
    [range, 8, 'too_large', 'widths.huge', '1, 2, 4 or 8 bytes', '16 bytes'],
    [range, 9, 'bits_too_far', 'tight.d'],
    ['CORE_BAD_ACCESS', 10, 'sign_of_element', 'counted.data[1]'],
    ['CORE_UNSUPPORTED', 11, 'no_name', ''],
    [ambiguous, 13, 'not_called', 'twice.x', ...inTwice],
  ]);
});

test('the message has the instruction, the kind and the field', t => {
  const {faults} = relocate(core, refused, {kernelBtf});
  t.is(
    faults[5]?.message,
    'instruction 0 of too_far: byte_offset of struct far.field is too far for a load or store',
  );
  t.is(faults[5]?.where.section, 'syscall');
});

test('what is not loaded is not relocated', t => {
  const notLoaded = 12;
  const {programs, faults} = relocate(core, new ObjectEditor(refused).keepOnly(notLoaded).bytes, {
    kernelBtf,
  });
  t.deepEqual(faults, []);
  t.true('offset_differs' in programs);
  t.false('not_loaded' in programs);
});

/** In synthetic.bpf.o. */
const OFFSET = 0;
const EXISTS = 1;
const TYPE_EXISTS = 2;

interface Told {
  readonly code: string;
  readonly says: RegExp;
  readonly wanted?: RegExp;
  readonly found?: string;
}

const isRefused = test.macro(
  (t, index: number, change: (editor: ObjectEditor) => unknown, told: Told) => {
    const editor = new ObjectEditor(synthetic).keepOnly(index);
    t.deepEqual(relocate(core, editor.bytes, {kernelBtf}).faults, [], 'sound without the change');
    change(editor);
    const {faults} = relocate(core, editor.bytes, {kernelBtf});
    t.deepEqual(
      faults.map(({code}) => code),
      [told.code],
    );
    t.regex(faults[0]?.message ?? '', told.says);
    if (told.wanted === undefined) t.is(faults[0]?.wanted, undefined);
    else t.regex(faults[0]?.wanted ?? '', told.wanted);
    t.is(faults[0]?.found, told.found);
    t.is(faults[0]?.where.offset, editor.record(index).offset);
  },
);

const RECORD = 'CORE_BAD_RECORD';
const ACCESS = 'CORE_BAD_ACCESS';
const INSN = 'CORE_BAD_INSN';
const UNSUPPORTED = 'CORE_UNSUPPORTED';

test('a record between instructions', isRefused, OFFSET, it => it.set(OFFSET, 'insn', 4), {
  code: RECORD,
  says: /of section syscall is at offset 4, not on an instruction/,
});
test('a type that does not exist', isRefused, OFFSET, it => it.set(OFFSET, 'typeId', 99_999), {
  code: RECORD,
  says: /is of type 99999, which does not exist/,
  wanted: /^an id below \d+$/,
  found: '99999',
});
test('void', isRefused, OFFSET, it => it.set(OFFSET, 'typeId', 0), {
  code: ACCESS,
  says: /of \(unnamed\), access string "0:0", is of a field, but its type has no size/,
});
test('void as a type', isRefused, TYPE_EXISTS, it => it.set(TYPE_EXISTS, 'typeId', 0), {
  code: UNSUPPORTED,
  says: /is of a type that has no name/,
});
for (const kind of [13, 0xffff_ffff]) {
  test(`kind ${kind}`, isRefused, OFFSET, it => it.set(OFFSET, 'kind', kind), {
    code: UNSUPPORTED,
    says: new RegExp(`: kind ${kind} of struct agree, .* is of a kind that this version`),
  });
}

const many = (count: number) => Array(count).fill('0').join(':');
const ACCESSES: readonly (readonly [string, RegExp])[] = [
  ['', /not a list of numbers/],
  ['x', /not a list of numbers/],
  [':0', /not a list of numbers/],
  ['0:', /not a list of numbers/],
  ['0::0', /not a list of numbers/],
  ['0 0', /not a list of numbers/],
  ['-1', /not a list of numbers/],
  ['0:0x', /not a list of numbers/],
  ['0:2147483648', /beyond 31 bits/],
  ['0:00000000000', /beyond 31 bits/],
  [many(65), /more than 64 numbers/],
  ['0:2', /of a member that its struct lacks/],
  ['0:2147483647', /of a member that its struct lacks/],
  ['0:0:0', /goes into a type that has no members/],
  [many(64), /goes into a type that has no members/],
];
for (const [text, says] of ACCESSES) {
  test(`access string "${text}"`, isRefused, OFFSET, it => it.setAccess(OFFSET, text), {
    code: ACCESS,
    says,
  });
}
test('a type at a place', isRefused, TYPE_EXISTS, it => it.setAccess(TYPE_EXISTS, '0:0'), {
  code: ACCESS,
  says: /has an access string other than 0, but is of a type/,
});
test('a string beyond all', isRefused, OFFSET, it => it.set(OFFSET, 'accessOffset', 0x7fff_ffff), {
  code: ACCESS,
  says: /access string "", has an access string that is not a list of numbers/,
});

/** ENUM_VALUE(enum_red, ...) in synthetic.bpf.o. */
const enumRecord = () => new ObjectEditor(synthetic).records.findIndex(({kind}) => kind === 11);
test('enumerators that are none', t => {
  const index = enumRecord();
  for (const [text, says] of [
    ['0:0', /of an enumerator that its enum lacks/],
    ['4', /of an enumerator that its enum lacks/],
  ] as const) {
    const editor = new ObjectEditor(synthetic).keepOnly(index).setAccess(index, text);
    const {faults} = relocate(core, editor.bytes, {kernelBtf});
    t.is(faults[0]?.code, ACCESS);
    t.regex(faults[0]?.message ?? '', says);
  }
});
test('an enumerator of a struct', isRefused, OFFSET, it => it.set(OFFSET, 'kind', 11), {
  code: ACCESS,
  says: /of an enumerator, but its type is no enum/,
});

test(
  'another number in the instruction',
  isRefused,
  OFFSET,
  it => it.insn(OFFSET).writeInt32LE(9, 4),
  {
    code: INSN,
    says: /byte_offset of struct agree.x is not what its instruction holds/,
    wanted: /^0$/,
    found: '9',
  },
);
test('a negative number', isRefused, EXISTS, it => it.insn(EXISTS).writeInt32LE(-1, 4), {
  code: INSN,
  says: /is not what its instruction holds/,
  wanted: /^1$/,
  found: '-1',
});
const OPCODES: readonly (readonly [string, number])[] = [
  ['a move between registers', 0xbf],
  ['a jump', 0x05],
  ['a call', 0x85],
  ['exit', 0x95],
  ['a load of a packet', 0x20],
  ['a load of 64 bits without its second half', 0x18],
];
for (const [what, opcode] of OPCODES) {
  test(`${what} holds no number`, isRefused, OFFSET, it => it.insn(OFFSET).writeUInt8(opcode), {
    code: INSN,
    says: new RegExp(`stands at an instruction that holds no number, opcode ${opcode}$`),
  });
}

test('a load of another size than the field, where sizes differ', t => {
  const editor = new ObjectEditor(synthetic);
  // LOAD(width_byte, ...): of 8 bytes there, of 1 in the kernel.
  const index = editor.records.findIndex(
    ({insnOffset}) => editor.bytes.readUInt8(insnOffset) === 0x79,
  );
  editor.keepOnly(index);
  t.deepEqual(relocate(core, editor.bytes, {kernelBtf}).faults, []);
  const loadOf4 = 0x61;
  editor.insn(index).writeUInt8(loadOf4);
  const {faults} = relocate(core, editor.bytes, {kernelBtf});
  t.deepEqual(
    faults.map(({code, wanted, found}) => [code, wanted, found]),
    [[INSN, '8 bytes', '4 bytes']],
  );
});

test('records for a section without a name are refused, those for an unknown one passed over', t => {
  const unnamed = new ObjectEditor(synthetic).setSectionOfRecords('');
  const {faults} = relocate(core, unnamed.bytes, {kernelBtf});
  t.deepEqual(
    faults.map(({code}) => code),
    [RECORD],
  );
  const unknown = new ObjectEditor(synthetic).setSectionOfRecords('elsewhere');
  const {programs} = relocate(core, unknown.bytes, {kernelBtf});
  t.is(programs.agree_offset, number(0), 'as it was compiled');
});
