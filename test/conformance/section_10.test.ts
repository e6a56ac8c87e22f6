import test from 'ava';
import {sameAsLibbpf} from './conform.js';
import {blob, fields, names, slotName, step, update} from './in_plan.js';

/** What libbpf knows of a kernel, and how it attaches. */

const matching = {object: 'matching'};

test(
  '9.2 what BTF tells of a kernel is what libbpf finds out by asking: 6.1',
  sameAsLibbpf,
  {object: 'optional', kernel: '6.1'},
  (t, plan) => {
    t.is(names(plan, 'BPF_LINK_CREATE').length, 0);
  },
);
test('9.7 a plan names the BTF that its type ids are of', sameAsLibbpf, matching, (t, plan) => {
  t.true(plan.kernel.btf_size > 4_000_000);
  t.regex(plan.kernel.btf_xxh64, /^[0-9a-f]{16}$/);
});

test(
  '10.1 a variable is attached by its value: key 0, no flags',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    const write = update(plan, 'one');
    t.is(write.phase, 'attach');
    t.deepEqual(write.attr, {});
    t.is(blob(write, 'key').toString('hex'), '00000000');
    t.is(blob(write, 'value').length, 256);
  },
);
test('10.2 without links that is all', sameAsLibbpf, matching, (t, plan) => {
  t.deepEqual(names(plan, 'BPF_LINK_CREATE'), ['three']);
});
test('10.3 with links, the link follows the value', sameAsLibbpf, matching, (t, plan) => {
  const link = step(plan, 'BPF_LINK_CREATE', 'three');
  t.deepEqual(link.attr, {attach_type: 44});
  t.deepEqual(
    link.patches.map(({field, slot}) => [field, slotName(plan, slot)]),
    [['map_fd', 'three']],
  );
  t.is(link.index, update(plan, 'three').index + 1);
});
test('10.4 what is not created is not attached', sameAsLibbpf, matching, (t, plan) => {
  const attached = plan.steps.filter(({phase}) => phase === 'attach').map(({name}) => name);
  t.deepEqual(attached, ['one', 'two_is_a_very_long_name', 'three', 'three']);
});
test(
  '10.9 every variable is attached, in the order of the maps',
  sameAsLibbpf,
  matching,
  (t, plan) => {
    t.deepEqual(names(plan, 'BPF_MAP_UPDATE_ELEM'), ['one', 'two_is_a_very_long_name', 'three']);
  },
);

test(
  '15.4 of several types of a name the first is meant',
  sameAsLibbpf,
  {object: 'programs', kernel: '6.1'},
  (t, plan) => {
    const ids = Object.values(fields(plan, 'BPF_PROG_LOAD', 'attach_btf_id')).filter(
      id => id !== 0,
    );
    t.is(new Set(ids).size, 1);
  },
);
