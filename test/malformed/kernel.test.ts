import {readFile} from 'node:fs/promises';
import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {getKernel, KERNEL_IDS, type KernelId} from '../rig/kernels.js';
import {built, planned, refused} from './refused.js';

/** Good objects for kernels that lack what they need: test/bpf/malformed/NAME.bpf.c, and examples. */

const TCP = 'tcp_congestion_ops';

const place = (symbol: string, member: string, struct = TCP) =>
  ({input: 'object', section: '.struct_ops', symbol, struct, member}) as const;

test('a kind that the kernel has not', refused, built('unknown_kind'), {
  code: 'KERN_NO_STRUCT_OPS',
  says: ['no_such_ops', 'so_unknown'],
  where: {input: 'kernel', symbol: 'so_unknown', struct: 'no_such_ops'},
  wanted: 'bpf_struct_ops_no_such_ops',
  found: 'the kinds tcp_congestion_ops, bits_ops',
});

test('a kind whose value does not hold it', refused, built('hollow_kind'), {
  code: 'KERN_NO_INNER_TYPE',
  says: ['bpf_struct_ops_hollow_ops', 'struct hollow_ops'],
  where: {input: 'kernel', symbol: 'so_hollow', struct: 'hollow_ops'},
});

test('a member of another kind', refused, built('member_kind'), {
  code: 'KERN_MEMBER_KIND',
  says: ['flags', 'so_odd', 'another kind'],
  where: place('so_odd', 'flags'),
  at: 0,
  wanted: 'ARRAY',
  found: 'INT',
});

test(
  'members of another size',
  refused,
  built('member_size'),
  {
    code: 'KERN_MEMBER_SIZE',
    says: ['name', 'so_odd', 'another size'],
    where: place('so_odd', 'name'),
    at: 0,
    wanted: '24 bytes',
    found: '16 bytes',
  },
  {
    code: 'KERN_MEMBER_SIZE',
    says: ['flags', 'so_odd', 'another size'],
    where: place('so_odd', 'flags'),
    at: 0,
    wanted: '8 bytes',
    found: '4 bytes',
  },
);

test(
  'bit-fields, of the kernel and of the object',
  refused,
  built('member_bitfield'),
  {
    code: 'KERN_MEMBER_BITFIELD',
    says: ['bits', 'so_bits', 'bitfield'],
    where: place('so_bits', 'bits', 'bits_ops'),
    at: 0,
  },
  {
    code: 'KERN_MEMBER_BITFIELD',
    says: ['plain', 'so_bits', 'bitfield'],
    where: place('so_bits', 'plain', 'bits_ops'),
    at: 0,
  },
);

test('a callback where the kernel has a pointer to data', refused, built('not_a_pointer_there'), {
  code: 'KERN_MEMBER_POINTER',
  says: ['owner', 'so_owner', 'no function pointer'],
  where: place('so_owner', 'owner'),
  at: 0,
  wanted: 'a pointer to a function',
  found: 'a pointer to FWD',
});

test('a callback that the kernel has not, set', refused, built('missing_callback'), {
  code: 'KERN_NO_MEMBER',
  says: ['from_the_future', 'so_newer', 'does not exist in this kernel'],
  where: place('so_newer', 'from_the_future'),
  at: 0,
});

test(
  'a callback and a number that the kernel has not, unset',
  planned,
  built('missing_callback_unset'),
  ...['from_the_future', 'future_number'].map(
    name =>
      `so_newer: this kernel's tcp_congestion_ops has no member ${name}, which is zero in the object`,
  ),
);

test('a number that the kernel has not, set', refused, built('missing_number'), {
  code: 'KERN_NO_MEMBER',
  says: ['future_number', 'so_newer', 'does not exist in this kernel'],
  where: place('so_newer', 'future_number'),
  at: 0,
});

test('a kfunc that the kernel has not', refused, built('missing_kfunc'), {
  code: 'KERN_NO_KFUNC',
  says: ['no_such_kfunc', 'kernel'],
  where: {input: 'kernel', symbol: 'no_such_kfunc'},
});

test(
  'a weak kfunc that the kernel has not',
  planned,
  built('missing_kfunc_weak'),
  'this kernel has no kfunc no_such_kfunc of that type, which is weak in the object',
);

test('a kfunc with another prototype', refused, built('kfunc_prototype'), {
  code: 'KERN_KFUNC_PROTO',
  says: ['tcp_slow_start', 'another prototype'],
  where: {input: 'kernel', symbol: 'tcp_slow_start'},
});

test(
  'a weak kfunc with another prototype',
  planned,
  built('kfunc_prototype_weak'),
  'this kernel has no kfunc tcp_slow_start of that type, which is weak in the object',
);

test('a kernel variable that the kernel has not', refused, built('missing_ksym'), {
  code: 'KERN_NO_KSYM',
  says: ['no_such_variable', 'kernel'],
  where: {input: 'kernel', symbol: 'no_such_variable'},
});

test(
  'several at once',
  refused,
  built('many_faults'),
  {
    code: 'KERN_MEMBER_SIZE',
    says: ['name', 'so_many'],
    where: place('so_many', 'name'),
    at: 0,
    wanted: '24 bytes',
    found: '16 bytes',
  },
  {
    code: 'KERN_MEMBER_KIND',
    says: ['flags', 'so_many'],
    where: place('so_many', 'flags'),
    at: 0,
    wanted: 'ARRAY',
    found: 'INT',
  },
  {
    code: 'KERN_NO_MEMBER',
    says: ['future_number', 'so_many'],
    where: place('so_many', 'future_number'),
    at: 0,
  },
  {
    code: 'KERN_NO_KFUNC',
    says: ['no_such_kfunc'],
    where: {input: 'kernel', symbol: 'no_such_kfunc'},
  },
);

const of = (object: string, kernel: KernelId) => async (): Promise<Inputs> => ({
  object: await exampleObject(object),
  kernelBtf: await readFile((await getKernel(kernel)).btf),
});

/** The object asks before it uses it. */
const NO_TOTAL_RTO =
  'instruction 12 of second_set_state uses struct tcp_sock___with_total_rto.total_rto, which ' +
  'this kernel does not have: the verifier refuses the program if it can get there';

for (const example of ['first', 'second']) {
  test(`${example}, built for links, on Linux 6.1`, refused, of(`${example}_link`, '6.1'), {
    code: 'KERN_NO_LINKS',
    says: [`so_${example}`, '.struct_ops.link', 'Linux 6.4'],
    where: {input: 'kernel', section: '.struct_ops.link', symbol: `so_${example}`},
    wanted: 'Linux 6.4 or newer',
    found: 'a kernel without struct bpf_struct_ops_link',
  });
  for (const kernel of KERNEL_IDS) {
    const losses = example === 'second' && kernel === '6.1' ? [NO_TOTAL_RTO] : [];
    test(`${example} on Linux ${kernel}`, planned, of(example, kernel), ...losses);
    if (kernel === '6.1') continue;
    test(`${example}, built for links, on Linux ${kernel}`, planned, of(`${example}_link`, kernel));
  }
}
