import test from 'ava';
import type {PlanDescription} from '../../src/index.js';
import type {ElfEdit} from '../helpers/elf_edit.js';
import {moduleBtf} from '../module/btf_of_module.js';
import {outcomeOf, refused, sameAsLibbpf} from './conform.js';
import {fields, insnsOf, loadedBtf, names, progLoad} from './in_plan.js';

/** Programs as they are loaded. */

const programs = {object: 'programs'};
const ofModule = {object: 'module_kind', modules: () => moduleBtf('6.12')} as const;

test(
  '4.1 functions of .text and programs that are not asked for are not loaded',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    t.is(names(plan, 'BPF_PROG_LOAD').length, 6);
  },
);
test('4.2 the fields of a callback, and no other', sameAsLibbpf, programs, (t, plan) => {
  const {attr, patches} = progLoad(plan, 'sections_ssthresh');
  t.deepEqual(Object.keys(attr), [
    ...['prog_type', 'insn_cnt', 'kern_version', 'prog_flags', 'prog_name', 'func_info_rec_size'],
    ...['func_info_cnt', 'line_info_rec_size', 'line_info_cnt', 'attach_btf_id'],
  ]);
  t.is(attr.prog_name, 'sections_ssthre');
  t.deepEqual(
    patches.filter(({in: place}) => place === 'attr').map(({field}) => field),
    [...['insns', 'license', 'prog_btf_fd', 'func_info', 'line_info']],
  );
});
test(
  '4.2 the version of the kernel, when the object does not say one',
  sameAsLibbpf,
  {object: 'matching', kernel: 'newest'},
  (t, plan) => {
    const versions = new Set(Object.values(fields(plan, 'BPF_PROG_LOAD', 'kern_version')));
    t.is(versions.size, 1);
    t.is(Number([...versions][0]) >> 16, 7);
  },
);
test('4.3 programs that user space runs', sameAsLibbpf, programs, (t, plan) => {
  const {prog_type, prog_flags, expected_attach_type, attach_btf_id} = progLoad(
    plan,
    'run_from_user_space',
  ).attr;
  t.deepEqual(
    [prog_type, prog_flags, expected_attach_type, attach_btf_id],
    [31, 16, undefined, undefined],
  );
});

for (const kernel of ['6.12', 'newest'] as const) {
  test(
    `4.4 every type of program that Linux 6.6 has, on ${kernel}`,
    sameAsLibbpf,
    {object: 'program_types', kernel},
    (t, plan) => {
      t.is(names(plan, 'BPF_PROG_LOAD').length, 90);
      // Those that are attached to a type of the kernel.
      t.is(
        Object.values(fields(plan, 'BPF_PROG_LOAD', 'attach_btf_id')).filter(id => id !== 0).length,
        12,
      );
      t.true(plan.capabilities.includes('CAP_NET_ADMIN'));
    },
  );
}
test('4.4 those that came until 6.12', sameAsLibbpf, {object: 'program_types_6_12'}, (t, plan) => {
  t.deepEqual(Object.values(fields(plan, 'BPF_PROG_LOAD', 'expected_attach_type')), [
    ...[45, 54, 55, 56, 49, 50, 51, 52, 53],
  ]);
});
test(
  '4.4 those that came until 7.2',
  sameAsLibbpf,
  {object: 'program_types_newest', kernel: 'newest'},
  (t, plan) => {
    t.deepEqual(
      Object.values(fields(plan, 'BPF_PROG_LOAD', 'expected_attach_type')),
      [58, 58, 57, 57],
    );
  },
);
test(
  '4.4 differs: what the kernel has not is known before',
  refused,
  {object: 'program_types_6_12', kernel: '6.1'},
  'loads',
  'KERN_NO_PROGRAM_TYPE',
);
test(
  '4.4 attach types that a kernel only looks at when it attaches are left to it',
  sameAsLibbpf,
  {object: 'attach_types', kernel: '6.1'},
  (t, plan) => {
    t.deepEqual(fields(plan, 'BPF_PROG_LOAD', 'expected_attach_type'), {
      ...{beside_ssthresh: 0, beside_cong_avoid: 1, beside_undo_cwnd: 8},
      ...{incoming: 46, outgoing: 47, primary: 54, session: 56},
      ...{of_users: 48, session_of_users: 57},
    });
  },
);
test('4.4 those that only libbpf 1.8 knows', async t => {
  const {libbpf, plan, faults} = await outcomeOf({object: 'program_types_1_8', kernel: 'newest'});
  t.is(libbpf.error?.code, 'EINVAL');
  t.deepEqual(faults, []);
  if (plan === null) return;
  t.deepEqual(fields(plan, 'BPF_PROG_LOAD', 'prog_flags'), {
    typed_sleeps: 16,
    classic_sleeps: 16,
    tracepoint_sleeps: 16,
    raw_sleeps: 16,
    raw_tracepoint_sleeps: 16,
    entries: 0,
    exits: 16,
    sessions: 0,
  });
  t.deepEqual(fields(plan, 'BPF_PROG_LOAD', 'expected_attach_type'), {
    typed_sleeps: 23,
    classic_sleeps: 0,
    tracepoint_sleeps: 0,
    raw_sleeps: 0,
    raw_tracepoint_sleeps: 0,
    entries: 59,
    exits: 60,
    sessions: 61,
  });
});
test('4.4 a function of a module is looked up there', sameAsLibbpf, ofModule, (t, plan) => {
  const {attr, patches} = progLoad(plan, 'at_entry');
  t.true(Number(attr.attach_btf_id) > 100_000);
  t.is(
    patches.find(({field}) => field === 'attach_btf_obj_fd')?.slot,
    plan.kernel.modules[0]?.slot,
  );
});
test(
  '4.11 every map of read-only data is bound to every program',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const bound = plan.steps.filter(({cmd}) => cmd === 'BPF_PROG_BIND_MAP');
    t.is(bound.length, 6 * 2);
    t.true(bound.every(({may_fail}) => may_fail));
  },
);
test(
  '4.12 without .BTF.ext there is neither func_info nor line_info',
  sameAsLibbpf,
  {
    ...programs,
    edit: (elf: ElfEdit) => {
      const {header} = elf.section('.BTF.ext');
      // .BTF.ext becomes BTF.ext, which is nothing.
      elf.u32(header, elf.bytes.readUInt32LE(header) + 1);
    },
  },
  (t, plan) => {
    const {func_info_rec_size, func_info_cnt, line_info_cnt} = progLoad(
      plan,
      'sections_ssthresh',
    ).attr;
    t.deepEqual(
      [func_info_rec_size, func_info_cnt, line_info_cnt],
      [undefined, undefined, undefined],
    );
  },
);

/** Of func_info: where each function begins, in instructions. */
const starts = (hex = '') =>
  Array.from({length: hex.length / 16}, (_, i) => Buffer.from(hex, 'hex').readUInt32LE(8 * i));

test(
  '4.13 records are counted from the start of the program',
  sameAsLibbpf,
  programs,
  (t, plan) => {
    const load = progLoad(plan, 'sections_ssthresh');
    const places = starts(load.blobs.func_info);
    t.is(places[0], 0);
    t.true(places.every(place => place < insnsOf(load).length));
  },
);
test(
  '4.14 a program without records of its own has none at all',
  sameAsLibbpf,
  {
    ...programs,
    edit: (elf: ElfEdit) => nameless(elf, 0),
  },
  (t, plan) => {
    const counts = fields(plan, 'BPF_PROG_LOAD', 'func_info_cnt');
    t.true(Object.values(counts).includes(0));
  },
);
test(
  '4.14 a function without records below a program that has them',
  refused,
  {
    ...programs,
    edit: (elf: ElfEdit) => nameless(elf, -1),
  },
  'load ENOENT',
  'OBJ_NO_DEBUG_INFO',
);

/** Lets the func_info of .text, or of the first other section, be of a section that is not there. */
function nameless(elf: ElfEdit, which: 0 | -1): void {
  const {offset} = elf.section('.BTF.ext');
  const {bytes, btf} = elf;
  const part = offset + bytes.readUInt32LE(offset + 4) + bytes.readUInt32LE(offset + 8);
  const size = bytes.readUInt32LE(offset + 12);
  for (let at = part + 4; at < part + size; at += 8 + 8 * bytes.readUInt32LE(at + 4)) {
    const isText = btf.name(bytes.readUInt32LE(at)) === '.text';
    if (isText !== (which === -1)) continue;
    elf.u32(at, bytes.readUInt32LE(at) + 1);
    return;
  }
}

test('4.15 records are in the order of the functions', sameAsLibbpf, programs, (t, plan) => {
  const places = starts(progLoad(plan, 'sections_ssthresh').blobs.func_info);
  t.is(places.length, 5);
  t.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
});

/** How often the BTF that is loaded has a function or struct of each of these names. */
function count(plan: PlanDescription, ...wanted: readonly string[]): number[] {
  const {types} = loadedBtf(plan);
  return wanted.map(name => types.filter(type => type.name === name).length);
}

const contexts = {object: 'context_arguments'} as const;
test(
  '4.16 before 6.8 each program has its own copies of functions with __arg_ctx',
  sameAsLibbpf,
  {...contexts, kernel: '6.1'},
  (t, plan) => {
    t.deepEqual(count(plan, 'of_any', 'of_calls', 'of_registers'), [6, 3, 3]);
    // Those have the type that the kernel knows already.
    t.deepEqual(count(plan, 'of_packet', 'of_event'), [1, 1]);
    // For two programs; the copied functions of each have one pointer to it.
    t.deepEqual(count(plan, 'bpf_user_pt_regs_t'), [3]);
  },
);
test('4.16 kernels that know the tag get none', sameAsLibbpf, contexts, (t, plan) => {
  t.deepEqual(count(plan, 'of_any', 'of_calls', 'of_registers'), [1, 1, 1]);
});
