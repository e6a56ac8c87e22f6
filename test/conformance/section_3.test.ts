import test from 'ava';
import type {ElfEdit} from '../helpers/elf_edit.js';
import {moduleBtf} from '../module/btf_of_module.js';
import {KERNEL_IDS} from '../rig/kernels.js';
import {refused, sameAsLibbpf} from './conform.js';
import {fields, mapCreate, names, progLoad, update} from './in_plan.js';

/** Variables beside the structs of the kernel. */

const matching = {object: 'matching'};
const ofModule = {object: 'module_kind', modules: () => moduleBtf('6.12')} as const;

test(
  '3.1 a variable that is not created is not looked up: the kernel has no such kind',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    t.false(names(plan, 'BPF_MAP_CREATE').includes('of_nobody'));
  },
);
test('3.3 a flavour is no part of the name of the kind', sameAsLibbpf, matching, (t, plan) => {
  t.is(update(plan, 'two_is_a_very_long_name').value_type, 'bpf_struct_ops_tcp_congestion_ops');
});
test('3.4 a kind that only a module has', sameAsLibbpf, ofModule, (t, plan) => {
  t.is(update(plan, 'of_module_kind').value_type, 'bpf_struct_ops_module_ops');
  t.deepEqual(
    plan.kernel.modules.map(({name}) => name),
    ['of_module'],
  );
});
test(
  '3.4 without the module it does not exist',
  refused,
  {object: 'module_kind'},
  'load ESRCH',
  'KERN_NO_STRUCT_OPS',
);

/** What the kernel has: size of the value, index and offset of three members. */
const LAYOUTS = {
  '6.1': {ssthresh: [0, 64], cong_avoid: [1, 72], undo_cwnd: [8, 128]},
  '6.12': {ssthresh: [0, 64], cong_avoid: [1, 72], undo_cwnd: [8, 128]},
  newest: {ssthresh: [2, 80], cong_avoid: [0, 64], undo_cwnd: [9, 136]},
} as const;
for (const id of KERNEL_IDS) {
  test(
    `3.7 the value of Linux ${id}: a header, then the struct`,
    sameAsLibbpf,
    {object: 'programs', kernel: id},
    (t, plan) => {
      const {members = []} = update(plan, 'so_sections');
      for (const [member, [index, offset]] of Object.entries(LAYOUTS[id])) {
        t.is(members.find(({name}) => name === member)?.offset, offset);
        t.is(progLoad(plan, `sections_${member}`).attr.expected_attach_type ?? 0, index);
      }
    },
  );
}
test('3.9 the map has the size and the id of the value type', sameAsLibbpf, matching, (t, plan) => {
  const {value_size, btf_vmlinux_value_type_id = 0} = mapCreate(
    plan,
    'two_is_a_very_long_name',
  ).attr;
  t.is(value_size, 256);
  t.is(btf_vmlinux_value_type_id, mapCreate(plan, 'one').attr.btf_vmlinux_value_type_id ?? -1);
  t.true(Number(btf_vmlinux_value_type_id) > 0);
});
test(
  '3.10 a member of an incomplete type, which the kernel does not even have',
  refused,
  {
    ...matching,
    edit: ({btf}: ElfEdit) => {
      const type = btf.type('STRUCT', 'tcp_congestion_ops___reordered');
      // number_of_the_future becomes a struct module, of which there is only the name.
      btf.u32(btf.part(type, 2) + 4, btf.type('FWD', 'module').id);
    },
  },
  'load EINVAL',
  'OBJ_BAD_VARIABLE',
);
test('3.11 members are found by name, in any order', sameAsLibbpf, matching, (t, plan) => {
  const offsets = (map: string) =>
    Object.fromEntries(update(plan, map).members?.map(({name, offset}) => [name, offset]) ?? []);
  t.is(offsets('two_is_a_very_long_name').undo_cwnd, offsets('one').undo_cwnd);
});
test(
  '3.12 members that the kernel has not and that are zero are left out, and told',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    const lost = plan.losses.map(({text}) => /no member (\w+)/.exec(text)?.[1]);
    t.deepEqual(lost, ['of_the_future', 'number_of_the_future']);
  },
);
test('3.14 a pointer that is NULL may be of any kind', sameAsLibbpf, matching, (t, plan) => {
  t.is(
    update(plan, 'two_is_a_very_long_name').members?.find(({name}) => name === 'owner'),
    undefined,
  );
});
test(
  "3.16 a callback of a module's kind is attached to the module's BTF",
  sameAsLibbpf,
  ofModule,
  (t, plan) => {
    const fdOf = (name: string) =>
      progLoad(plan, name).patches.find(({field}) => field === 'attach_btf_obj_fd')?.slot;
    t.is(fdOf('module_run'), plan.kernel.modules[0]?.slot);
    t.is(fdOf('of_vmlinux'), undefined);
  },
);
test(
  '3.17 attach_btf_id is the struct, expected_attach_type the index of the member in the kernel',
  sameAsLibbpf,
  ofModule,
  (t, plan) => {
    const types = fields(plan, 'BPF_PROG_LOAD', 'expected_attach_type');
    t.deepEqual([types.module_walk, types.module_run], [0, 1]);
    const ids = fields(plan, 'BPF_PROG_LOAD', 'attach_btf_id');
    t.is(ids.module_walk, ids.module_run);
    t.not(ids.module_run, mapCreate(plan, 'of_module_kind').attr.btf_vmlinux_value_type_id ?? 0);
  },
);
test('3.18 a program may serve one member of many variables', sameAsLibbpf, matching, (t, plan) => {
  t.is(names(plan, 'BPF_PROG_LOAD').filter(name => name === 'shared_ssthresh').length, 1);
});
test(
  '3.20 a callback is loaded if a variable that is created has it, optional or not',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    const loaded = names(plan, 'BPF_PROG_LOAD');
    t.true(loaded.includes('undo_of_two'));
    t.false(loaded.includes('init_of_optional'));
  },
);
test(
  "3.23 a callback is 8 bytes of the value, put there as the program's fd",
  sameAsLibbpf,
  matching,
  (t, plan) => {
    const {patches} = update(plan, 'one');
    t.deepEqual(
      patches.filter(patch => patch.in === 'value').map(({offset, width}) => [offset, width]),
      [
        [64, 8],
        [72, 8],
        [128, 8],
      ],
    );
  },
);
