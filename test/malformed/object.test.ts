import test from 'ava';
import {built, planned, refused} from './refused.js';

/** Objects that clang compiles, and that declare what cannot be: test/bpf/malformed/NAME.bpf.c. */

const TCP = 'tcp_congestion_ops';

test('a callback that is a static function', refused, built('static_program'), {
  code: 'OBJ_STATIC_PROGRAM',
  says: ['hidden_init', 'static'],
  where: {input: 'object', section: 'struct_ops', symbol: 'hidden_init'},
  at: 0,
});

test('a program for two members', refused, built('two_members'), {
  code: 'OBJ_PROGRAM_REUSED',
  says: ['twice', 'tcp_congestion_ops.ssthresh', 'tcp_congestion_ops.undo_cwnd', 'so_twice'],
  where: {
    ...{input: 'object', section: '.struct_ops', symbol: 'twice'},
    ...{struct: TCP, member: 'undo_cwnd'},
  },
  at: 0,
});

test('a program that nothing uses', refused, built('unused_program'), {
  code: 'OBJ_PROGRAM_UNUSED',
  says: ['forgotten'],
  where: {input: 'object', section: 'struct_ops', symbol: 'forgotten'},
});

test('a callback set to a variable', refused, built('callback_is_variable'), {
  code: 'OBJ_BAD_CALLBACK',
  says: ['init', 'so_variable', 'not set to the start of a program'],
  where: {
    ...{input: 'object', section: '.struct_ops', symbol: 'some_variable'},
    ...{struct: TCP, member: 'init'},
  },
  at: 16,
});

test('a callback set to a number', refused, built('callback_is_number'), {
  code: 'KERN_MEMBER_POINTER',
  says: ['init', 'so_number', 'no struct_ops program'],
  where: {
    ...{input: 'object', section: '.struct_ops', symbol: 'so_number'},
    ...{struct: TCP, member: 'init'},
  },
  at: 0,
});

test(
  'a callback that is declared and not defined',
  refused,
  built('callback_is_undefined'),
  {
    code: 'OBJ_UNDEFINED_SYMBOL',
    says: ['missing_init', 'not defined', '__ksym'],
    where: {input: 'object', symbol: 'missing_init'},
  },
  {
    code: 'OBJ_BAD_CALLBACK',
    says: ['init', 'so_undefined', 'missing_init', 'not defined'],
    where: {
      ...{input: 'object', section: '.struct_ops', symbol: 'missing_init'},
      ...{struct: TCP, member: 'init'},
    },
    at: 16,
  },
);

test('a callback that is a program of another type', refused, built('callback_in_xdp'), {
  code: 'OBJ_BAD_CALLBACK',
  says: ['not_struct_ops', 'so_xdp', 'init', 'not in a struct_ops section'],
  where: {
    ...{input: 'object', section: '.struct_ops', symbol: 'not_struct_ops'},
    ...{struct: TCP, member: 'init'},
  },
  at: 16,
  wanted: 'struct_ops or struct_ops/…',
  found: 'xdp',
});

test('a pointer to data set to an address', refused, built('owner_is_set'), {
  code: 'OBJ_BAD_CALLBACK',
  says: ['owner', 'so_owner', 'no function pointer'],
  where: {input: 'object', section: '.struct_ops', struct: TCP, member: 'owner'},
  at: 16,
  wanted: 'a pointer to a function',
  found: 'PTR',
});

test('a call of a function that is nowhere', refused, built('undefined_function'), {
  code: 'OBJ_UNDEFINED_SYMBOL',
  says: ['nowhere', 'not defined', '__ksym'],
  where: {input: 'object', symbol: 'nowhere'},
});

test(
  'an extern in a section where nothing provides it',
  refused,
  built('extern_elsewhere'),
  {
    code: 'OBJ_BAD_EXTERN',
    says: ['nowhere', '.elsewhere'],
    where: {input: 'object', section: '.elsewhere', symbol: 'nowhere'},
    wanted: '.ksyms or .kconfig',
    found: '.elsewhere',
  },
  {
    code: 'OBJ_BAD_VARIABLE',
    says: ['.elsewhere', 'does not have'],
    where: {input: 'object', section: '.elsewhere'},
  },
);

test('a program that reads its struct_ops variable', refused, built('reads_struct_ops'), {
  code: 'OBJ_BAD_REFERENCE',
  says: ['offset 0 of struct_ops', '.struct_ops', 'cannot refer to'],
  where: {input: 'object', section: 'struct_ops', symbol: 'so_self'},
  at: 0,
});

test('a call of a program', refused, built('calls_program'), {
  code: 'OBJ_BAD_REFERENCE',
  says: ['offset 0 of struct_ops/calls', 'no function in .text'],
  where: {input: 'object', section: 'struct_ops/calls', symbol: 'called'},
  at: 0,
});

test('a struct_ops variable that is no struct', refused, built('not_a_struct'), {
  code: 'OBJ_BAD_VARIABLE',
  says: ['so_number', '.struct_ops', 'struct type with a name'],
  where: {input: 'object', section: '.struct_ops', symbol: 'so_number'},
  at: 0,
  wanted: 'STRUCT with a name',
  found: 'INT',
});

test('a struct_ops variable of a nameless struct', refused, built('no_name_of_struct'), {
  code: 'OBJ_BAD_VARIABLE',
  says: ['so_nameless', '.struct_ops', 'struct type with a name'],
  where: {input: 'object', section: '.struct_ops', symbol: 'so_nameless'},
  at: 0,
  wanted: 'STRUCT with a name',
  found: 'STRUCT without a name',
});

test('neither programs nor maps', refused, built('nothing'), {
  code: 'OBJ_NOTHING',
  says: ['neither programs nor maps'],
  where: {input: 'object'},
});

test('maps of libbpf 0.x', refused, built('legacy_maps'), {
  code: 'OBJ_UNSUPPORTED_SECTION',
  says: ['section maps'],
  where: {input: 'object', section: 'maps'},
  at: 0,
});

test('a program of an unknown type', refused, built('other_program'), {
  code: 'OBJ_PROGRAM_TYPE',
  says: ['no_such_type'],
  where: {input: 'object', section: 'no_such_type', symbol: 'other'},
  wanted: 'the section of a kind of program, such as struct_ops',
  found: 'no_such_type',
});

test(
  'an option that the core does not know',
  refused,
  async () => ({
    ...(await built('unused_program')()),
    options: Buffer.from('no_such_option=1\n'),
  }),
  {
    code: 'OPTION_UNKNOWN',
    says: ['no_such_option'],
    where: {input: 'options', offset: 0},
  },
);

test('the small kernel itself, which is no struct_ops object', planned, built('small_kernel'));
