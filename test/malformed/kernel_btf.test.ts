import {readFile} from 'node:fs/promises';
import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import {BTF_HEADER, BTF_KINDS, BTF_TYPE, BtfEdit, type BtfType} from '../helpers/btf_edit.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {getKernel} from '../rig/kernels.js';
import {type Refusal, refused, smallKernel} from './refused.js';

/** Kernel BTFs that are none, or damaged ones; the object is the second example. */

const object = await exampleObject('second');
const good = new BtfEdit(await smallKernel());
const {bytes} = good;

const kernel = (content: Uint8Array | string) => (): Inputs => ({
  object,
  kernelBtf: Buffer.from(content),
});

const edited = (edit: (btf: BtfEdit) => unknown) => (): Inputs => {
  const btf = new BtfEdit(Buffer.from(bytes));
  edit(btf);
  return {object, kernelBtf: btf.bytes};
};

const field = (name: keyof typeof BTF_HEADER, value: number) =>
  edited(btf => btf.u32(BTF_HEADER[name], value));

const notBtf = (found: string): Refusal => ({
  code: 'KERN_NOT_BTF',
  says: ['not BTF'],
  where: {input: 'kernel', offset: 0},
  wanted: 'magic 0xeb9f and a header of 24 bytes or more',
  found,
});

test('an empty file', refused, kernel(''), notBtf('0 bytes'));
test('a text', refused, kernel('CONFIG_DEBUG_INFO_BTF is not set'), notBtf('0x4f43'));
test('an ELF file, such as vmlinux', refused, kernel(object), notBtf('0x457f'));
test('23 bytes', refused, kernel(bytes.subarray(0, 23)), notBtf('23 bytes'));
test(
  'big-endian',
  refused,
  edited(btf => btf.bytes.writeUInt16LE(0x9feb, BTF_HEADER.magic)),
  notBtf('the magic of the other byte order'),
);

const bad = (says: string[], offset: number, wanted: string, found: string): Refusal => ({
  code: 'KERN_BAD_BTF',
  says,
  where: {input: 'kernel', offset},
  wanted,
  found,
});

test(
  'another version',
  refused,
  edited(btf => btf.bytes.writeUInt8(2, BTF_HEADER.version)),
  bad(['unknown version'], 2, 'version 1, flags 0', 'version 2, flags 0'),
);
for (const length of [8, bytes.length + 1, 0xffff_ffff]) {
  test(
    `a header of ${length} bytes`,
    refused,
    field('hdr_len', length),
    bad(['header', 'length'], 4, `24 to ${bytes.length}`, `${length}`),
  );
}

const [typeLen, strOff, strLen] = [
  good.header('type_len'),
  good.header('str_off'),
  good.header('str_len'),
];
const outside = (what: string, size: number, offset: number, rest = bytes.length - 24) =>
  bad([what, 'beyond the end'], 0, `${size} bytes at ${offset}`, `${rest} bytes after the header`);

for (const size of [24, 24 + typeLen - 1]) {
  test(
    `cut to ${size} bytes`,
    refused,
    kernel(bytes.subarray(0, size)),
    outside('type section', typeLen, 0, size - 24),
  );
}
test(
  'its last byte cut off',
  refused,
  kernel(bytes.subarray(0, bytes.length - 1)),
  outside('string section', strLen, strOff, bytes.length - 25),
);
test('4 GiB of types', refused, field('type_len', 2 ** 32 - 1), outside('type', 2 ** 32 - 1, 0));
test(
  '4 GiB of strings',
  refused,
  field('str_len', 2 ** 32 - 1),
  outside('string', 2 ** 32 - 1, strOff),
);
test('strings that do not end', refused, field('str_len', strLen - 1), {
  code: 'KERN_BAD_BTF',
  says: ['string section', 'NUL'],
  where: {input: 'kernel', offset: good.stringsAt},
});

const inner = good.type('STRUCT', 'tcp_congestion_ops');
const value = good.type('STRUCT', 'bpf_struct_ops_tcp_congestion_ops');
const last = good.types.at(-1) as BtfType;
const STRUCT = BTF_KINDS.indexOf('STRUCT');

for (const kind of [0, 20, 127]) {
  test(
    `a type of kind ${kind}`,
    refused,
    edited(btf => btf.setInfo(inner, kind, 0)),
    bad([`type ${inner.id}`, `kind ${kind}`], inner.at, 'a kind from 1 to 19', `kind ${kind}`),
  );
}
test(
  'more members than the file has room for',
  refused,
  edited(btf => btf.setInfo(inner, STRUCT, 0xff_ffff)),
  bad(
    [`type ${inner.id}`, 'beyond the type section'],
    inner.at,
    'a record within the type section',
    `${12 + 12 * 0xff_ffff} bytes`,
  ),
);
test(
  'the last type is cut',
  refused,
  field('type_len', typeLen - 4),
  bad(
    [`type ${good.types.length}`, 'beyond the type section'],
    last.at,
    'a record within the type section',
    `${good.typesAt + typeLen - last.at} bytes`,
  ),
);

const missing = ['tcp_cong_avoid_ai', 'tcp_reno_undo_cwnd', 'tcp_slow_start'].map(
  (symbol): Refusal => ({
    code: 'KERN_NO_KFUNC',
    says: [symbol],
    where: {input: 'kernel', symbol},
  }),
);

test(
  'no types at all',
  refused,
  field('type_len', 0),
  {
    code: 'KERN_NO_STRUCT_OPS',
    says: ['tcp_congestion_ops', 'so_second'],
    where: {input: 'kernel', symbol: 'so_second', struct: 'tcp_congestion_ops'},
    wanted: 'bpf_struct_ops_tcp_congestion_ops',
    found: 'the kinds (none)',
  },
  ...missing,
);

const badSize = (offset: number, size: number): Refusal => ({
  code: 'KERN_BAD_BTF',
  says: ['bpf_struct_ops_tcp_congestion_ops', 'size'],
  where: {input: 'kernel', symbol: 'so_second', struct: 'tcp_congestion_ops'},
  wanted: `104 bytes at ${offset}, at most 1048576 in all`,
  found: `${size} bytes`,
});

for (const size of [0, 64 + 103, 2 ** 20 + 1, 2 ** 31 - 1, 2 ** 32 - 1]) {
  test(
    `a value of ${size} bytes`,
    refused,
    edited(btf => btf.u32(value.at + BTF_TYPE.size_or_type, size)),
    badSize(64, size),
  );
}
test(
  'a value that holds its struct far away',
  refused,
  edited(btf => btf.u32(btf.part(value, 1) + 8, 0xffff_fff8)),
  badSize(0x1fff_ffff, 192),
);
test(
  'a value that holds void',
  refused,
  edited(btf => btf.u32(btf.part(value, 1) + 4, 0)),
  {
    code: 'KERN_NO_INNER_TYPE',
    says: ['bpf_struct_ops_tcp_congestion_ops', 'struct tcp_congestion_ops'],
    where: {input: 'kernel', symbol: 'so_second', struct: 'tcp_congestion_ops'},
  },
);

const MEMBERS = ['name', 'init', 'ssthresh', 'cong_avoid', 'set_state', 'undo_cwnd'];
const everyMember = (offset: number, number: number) =>
  edited(btf => {
    for (let i = 0; i < inner.vlen; i++) btf.u32(btf.part(inner, i) + offset, number);
  });
const place = {section: '.struct_ops', symbol: 'so_second', struct: 'tcp_congestion_ops'};

test(
  'members far outside their struct',
  refused,
  everyMember(8, 0xffff_fff8),
  ...MEMBERS.map(
    (member): Refusal => ({
      code: 'KERN_BAD_BTF',
      says: [member, 'so_second', "outside the kernel's struct"],
      where: {input: 'kernel', ...place, member},
    }),
  ),
);
test(
  'members of types that do not exist',
  refused,
  everyMember(4, 0xff_ffff),
  ...MEMBERS.map(
    (member): Refusal => ({
      code: 'KERN_MEMBER_KIND',
      says: [member, 'so_second', 'another kind'],
      where: {input: 'object', ...place, member},
      at: 0,
      wanted: member === 'name' ? 'ARRAY' : 'PTR',
      found: 'void',
    }),
  ),
);
test(
  'members with their names elsewhere',
  refused,
  everyMember(0, 0xffff_fff0),
  ...MEMBERS.map(
    (member): Refusal => ({
      code: 'KERN_NO_MEMBER',
      says: [member, 'so_second', 'does not exist in this kernel'],
      where: {input: 'object', ...place, member},
      at: 0,
    }),
  ),
);

const kfunc = good.type('FUNC', 'tcp_slow_start');
for (const [why, id] of [
  ['a type that does not exist', 0xff_ffff],
  ['itself', kfunc.id],
  ['void', 0],
  ['a struct', inner.id],
] as const) {
  test(
    `a kfunc whose prototype is ${why}`,
    refused,
    edited(btf => btf.u32(kfunc.at + BTF_TYPE.size_or_type, id)),
    {
      code: 'KERN_KFUNC_PROTO',
      says: ['tcp_slow_start', 'another prototype'],
      where: {input: 'kernel', symbol: 'tcp_slow_start'},
    },
  );
}

test('a real one cut in half', async t => {
  const whole = await readFile((await getKernel('6.12')).btf);
  const half = whole.subarray(0, whole.length >> 1);
  // Its types are the larger part.
  const [size, offset] = [whole.readUInt32LE(BTF_HEADER.type_len), 0];
  await refused.exec(t, kernel(half), outside('type section', size, offset, half.length - 24));
});
