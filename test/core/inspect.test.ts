import {createHash} from 'node:crypto';
import test from 'ava';
import type {Inspection} from '../../src/inspect/inspection.js';
import {bpfObject, exampleObject} from '../helpers/bpf_objects.js';
import {type CoreWasm, jsonOf, openCore, STATUS} from '../helpers/core_wasm.js';

let core: CoreWasm;

test.before(async () => {
  core = await openCore();
});

function inspect(object: Uint8Array, name: string): Inspection {
  const answer = core.call('inspectObject', {object, objectName: Buffer.from(name)});
  if (answer.status !== STATUS.done) throw new Error(answer.output.toString());
  return jsonOf(answer);
}

const callback = (name: string, offset: number, program: string) => ({
  ...{name, offset, size: 8, kind: 'PTR', program},
});

const program = (name: string, insn_count: number) => ({
  ...{name, section: 'struct_ops', type: 'struct_ops', sleepable: false, optional: false},
  ...{insn_count, subprogram: false},
});

const subprogram = (name: string, insn_count: number) => ({
  ...program(name, insn_count),
  ...{section: '.text', type: 'unknown', subprogram: true},
});

const counter = (name: string, offset: number) => ({name, offset, size: 8, type: '__u64'});
const parameter = (name: string, offset: number) => ({
  ...{name, offset, size: 4, type: 'const volatile __u32'},
});

test('the second example', async t => {
  const object = await exampleObject('second');
  t.deepEqual(inspect(object, 'second.bpf.o'), {
    schema: 'structops.inspect/1',
    object: {
      name: 'second.bpf.o',
      size: object.length,
      sha256: createHash('sha256').update(object).digest('hex'),
    },
    license: 'GPL',
    struct_ops: [
      {
        ...{name: 'so_second', struct: 'tcp_congestion_ops', section: '.struct_ops'},
        ...{link: false, optional: false, size: 56},
        members: [
          {
            ...{name: 'name', offset: 0, size: 16, kind: 'ARRAY', text: 'so_second'},
            bytes: Buffer.from('so_second'.padEnd(16, '\0')).toString('hex'),
          },
          callback('init', 16, 'second_init'),
          callback('ssthresh', 24, 'second_ssthresh'),
          callback('cong_avoid', 32, 'second_cong_avoid'),
          callback('set_state', 40, 'second_set_state'),
          callback('undo_cwnd', 48, 'second_undo_cwnd'),
        ],
      },
    ],
    programs: [
      subprogram('second_cubic', 35),
      subprogram('time_to_grow', 13),
      subprogram('cube_root', 15),
      program('second_init', 14),
      program('second_ssthresh', 31),
      program('second_cong_avoid', 120),
      program('second_set_state', 20),
      program('second_undo_cwnd', 7),
    ],
    maps: [
      {
        ...{name: '.rodata', section: '.rodata', size: 12},
        variables: [
          parameter('beta_per_mille', 0),
          parameter('scale_per_mille', 4),
          parameter('window_min', 8),
        ],
      },
      {
        ...{name: '.bss', section: '.bss', size: 56},
        variables: [
          counter('acks', 0),
          counter('slow_start_acks', 8),
          counter('connections', 16),
          counter('ssthresh_calls', 24),
          counter('loss_calls', 32),
          counter('undo_calls', 40),
          {name: 'largest_window', offset: 48, size: 4, type: '__u32'},
          {name: 'most_timeouts', offset: 52, size: 4, type: '__u32'},
        ],
      },
    ],
    externs: [
      {name: 'tcp_cong_avoid_ai', kind: 'kfunc', weak: false},
      {name: 'tcp_reno_undo_cwnd', kind: 'kfunc', weak: false},
      {name: 'tcp_slow_start', kind: 'kfunc', weak: false},
    ],
    core_relocations: 29,
  });
});

test('a .link build differs in its section and its registration', async t => {
  const [legacy, link] = await Promise.all(
    ['first', 'first_link'].map(
      async name => inspect(await exampleObject(name), 'first.bpf.o').struct_ops[0],
    ),
  );
  t.like(legacy, {section: '.struct_ops', link: false});
  t.deepEqual(link, {...legacy, section: '.struct_ops.link', link: true} as typeof link);
});

const LONG = `int (*)(${'struct with_a_name_that_takes_much_room *, '.repeat(7)}`;

test('every form of declaration: inspected.bpf.c', async t => {
  const {maps, struct_ops, programs, externs, license} = inspect(
    await bpfObject('inspected'),
    'inspected.bpf.o',
  );
  t.is(license, 'Dual BSD/GPL');

  const types = Object.fromEntries(
    maps.flatMap(({variables}) => variables.map(({name, type}) => [name, type])),
  );
  t.deepEqual(types, {
    number: 'u64',
    table: 'int[2][3]',
    text: 'const char[6]',
    pointer: 'char *',
    constant_pointer: 'char *const',
    pointers: 'const char *const **',
    to_array: 'int (*)[4]',
    to_function: 'int (*)(struct known *, u64, void *)',
    of_typedef: 'callback_t[3]',
    variadic: 'void (*)(int, ...)',
    returns_function: 'void (*(*)(int))(void)',
    functions: 'int *(*[2])(void)',
    anonymous: 'struct {...}',
    a_union: 'union choice',
    an_enum: 'enum state',
    unknown: 'struct unknown *',
    real: 'double',
    flag: 'bool',
    volatile_pointer: 'volatile u64 *volatile',
    not_global: 'volatile int',
    // In a map of its own, .kconfig.
    CONFIG_HZ: 'int',
    long_one: `${LONG.slice(0, 256)}...`,
  });
  const sizes = maps.flatMap(({variables}) => variables.map(({size}) => size));
  t.true(sizes.every(size => size > 0));

  t.deepEqual(
    struct_ops.map(({name, link, optional, section}) => ({name, link, optional, section})),
    [
      {name: 'now', link: false, optional: false, section: '.struct_ops'},
      {name: 'later', link: true, optional: true, section: '?.struct_ops.link'},
    ],
  );
  t.deepEqual(struct_ops[0]?.members, [
    {name: 'low', offset: 0, size: 1, kind: 'INT', bytes: '18'},
    {name: 'wide', offset: 1, size: 5, kind: 'INT', bytes: '0100000000'},
    {name: 'label', offset: 6, size: 8, kind: 'ARRAY', bytes: '6865790000000000', text: 'hey'},
    {name: 'raw', offset: 14, size: 4, kind: 'ARRAY', bytes: '01020304'},
    {name: 'mode', offset: 20, size: 4, kind: 'ENUM', bytes: '01000000'},
    {name: 'run', offset: 24, size: 8, kind: 'PTR', program: 'inspected_run'},
  ]);
  // A flavour is not part of the kind's name.
  t.is(struct_ops[1]?.struct, 'some_ops');
  t.deepEqual(struct_ops[1]?.members, []);

  t.deepEqual(
    programs.map(({name, type, sleepable, optional, section}) => [
      ...[name, section, type, sleepable, optional],
    ]),
    [
      ['inspected_run', 'struct_ops/run', 'struct_ops', false, false],
      ['inspected_sleeps', '?struct_ops.s', 'struct_ops', true, true],
      ['inspected_syscall', 'syscall', 'syscall', true, false],
      ['inspected_other', 'xdp', 'xdp', false, false],
    ],
  );
  t.deepEqual(externs, [
    {name: 'CONFIG_HZ', kind: 'kconfig', weak: true},
    {name: 'a_kfunc', kind: 'kfunc', weak: true},
    {name: 'a_typed_ksym', kind: 'ksym', weak: false},
    {name: 'an_address', kind: 'ksym', weak: false},
  ]);
});
