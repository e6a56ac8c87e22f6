import test from 'ava';
import {diffInstructions} from '../../src/diff/diff_instructions.js';
import {diffPlans} from '../../src/diff/diff_plans.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {Plan} from '../../src/plan/plan.js';
import {planObject} from '../../src/plan/plan_object.js';
import {renderDiff} from '../../src/render/diff.js';
import {screenOf} from '../../src/render/screen.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {buildPlan, type PlanLiteral, type StepLiteral} from '../helpers/plan_builder.js';
import {samplePlan} from '../plan/sample_plan.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {requestFor} from './plan_small.js';

const SCREEN = screenOf({}, {});

async function sideOf(object: string, id: KernelId, objectName = `${object}.bpf.o`) {
  const {btf} = await getKernel(id);
  const kernelBtf = openBtf(btf);
  const plan = planObject({object: await exampleObject(object), objectName, kernelBtf});
  return {plan, kernelBtf};
}

async function withSettings(settings: PlanSettings) {
  const all = {nullUnknownCallbacks: true, ...settings};
  return {plan: planObject(await requestFor('settings', {settings: all}))};
}

const edited = (edit: (plan: PlanLiteral) => PlanLiteral) => ({
  plan: new Plan(buildPlan(edit(samplePlan()))),
});
const sample = () => edited(plan => plan);

test('a plan does not differ from itself', async t => {
  const side = await sideOf('second', '6.12');
  const diff = diffPlans(side, side);
  t.like(diff, {schema: 'structops.diff/1', differs: false, steps: [], reordered: false});
  t.regex(renderDiff(diff, SCREEN), /\nno difference$/);
});

test('for another kernel: CO-RE offsets, member numbers, places of members, nothing else', async t => {
  const diff = diffPlans(await sideOf('second', '6.12'), await sideOf('second', 'newest'));
  t.true(diff.differs);
  const changed = diff.steps.filter(({change}) => change === 'changed');
  t.deepEqual(diff.steps, changed);
  const fields = new Set(diff.steps.flatMap(step => step.fields.map(({field}) => field)));
  t.deepEqual([...fields], ['expected_attach_type']);
  const cong = diff.steps.find(({name}) => name === 'second_cong_avoid');
  t.deepEqual(cong?.fields, [{field: 'expected_attach_type', old: 1, new: 0}]);
  const {removed, added, hunks = []} = cong?.instructions ?? {};
  t.is(removed, added);
  t.true(hunks.length > 1 && (removed ?? 0) > 3);
  // Kernel functions have other ids there, and the same names.
  t.false(hunks.flatMap(({lines}) => lines).some(line => /^[+-]call/.test(line)));
  const value = diff.steps.find(({members}) => members !== undefined);
  const moved = value?.members?.find(({name}) => name === 'ssthresh');
  t.is(moved?.old?.program, 'second_ssthresh');
  t.is(moved?.new?.program, 'second_ssthresh');
  t.not(moved?.old?.offset, moved?.new?.offset);
});

test('without the BTFs of two kernels their functions have numbers, which differ', async t => {
  const [{plan: old}, {plan}] = [await sideOf('second', '6.12'), await sideOf('second', 'newest')];
  const lines = diffPlans({plan: old}, {plan})
    .steps.flatMap(({instructions}) => instructions?.hunks ?? [])
    .flatMap(hunk => hunk.lines);
  t.true(lines.some(line => /^\+call kernel function \d+$/.test(line)));
});

test('the same object in a file of another name differs in the names that the kernel gets', async t => {
  const diff = diffPlans(
    await sideOf('second', '6.12'),
    await sideOf('second', '6.12', 'copy.bpf.o'),
  );
  const names = diff.steps.map(({cmd, fields}) => [cmd, ...fields.map(({field}) => field)]);
  t.deepEqual(names, [
    ['BPF_MAP_CREATE', 'map_name'],
    ['BPF_MAP_CREATE', 'map_name'],
  ]);
});

test('a build with a link: one step more, another flag, other bytes of BTF', async t => {
  const diff = diffPlans(
    await sideOf('second', '6.12', 'x.bpf.o'),
    await sideOf('second_link', '6.12', 'x.bpf.o'),
  );
  t.like(
    diff.steps.find(({change}) => change === 'added'),
    {cmd: 'BPF_LINK_CREATE', name: 'so_second'},
  );
  const map = diff.steps.find(({cmd, name}) => cmd === 'BPF_MAP_CREATE' && name === 'so_second');
  t.deepEqual(map?.fields, [{field: 'map_flags', old: 0, new: 8192}]);
  const btf = diff.steps.find(({cmd}) => cmd === 'BPF_BTF_LOAD');
  t.like(btf, {name: 'BTF', change: 'changed'});
  t.is(btf?.blobs[0]?.blob, 'btf');
  t.true((btf?.blobs[0]?.new_size ?? 0) > (btf?.blobs[0]?.old_size ?? 0));
  t.is(diff.warnings.removed.length, 1);
});

test('another setting: the bytes of the variable, and the setting itself', async t => {
  const old = await withSettings({set: {threshold: 5}});
  const diff = diffPlans(old, await withSettings({set: {threshold: 0x0106}}));
  t.deepEqual(diff.settings, {removed: ['set.threshold=5'], added: ['set.threshold=262']});
  t.is(diff.steps.length, 1);
  t.like(diff.steps[0], {cmd: 'BPF_MAP_UPDATE_ELEM', name: '.rodata', change: 'changed'});
  const [blob] = diff.steps[0]?.blobs ?? [];
  t.is(blob?.blob, 'value');
  t.deepEqual(
    blob?.ranges.map(({old, new: now}) => [old, now]),
    [['0500', '0601']],
  );
  t.regex(renderDiff(diff, SCREEN), /~ \.rodata[\s\S]*value at \d+ {2}0500 → 0601/);
});

test('a member with another program, and a program that is loaded no more', async t => {
  const old = await withSettings({});
  const now = await withSettings({set: {'so_first.ssthresh': 'second_ssthresh'}});
  const diff = diffPlans(old, now);
  const member = diff.steps
    .flatMap(({members = []}) => members)
    .find(({name}) => name === 'ssthresh');
  t.is(member?.old?.program, 'first_ssthresh');
  t.is(member?.new?.program, 'second_ssthresh');
  t.regex(renderDiff(diff, SCREEN), /ssthresh {2}program first_ssthresh → program second_ssthresh/);
});

test('steps that are gone, that are new, and in another order', t => {
  const without = edited(plan => ({...plan, steps: plan.steps?.filter((_, i) => i !== 4) ?? []}));
  const gone = diffPlans(sample(), without);
  t.deepEqual(gone.steps, [
    {
      ...{cmd: 'BPF_MAP_FREEZE', name: '.data', old_step: 4, new_step: null},
      ...{change: 'removed', fields: [], blobs: []},
    },
  ]);
  t.like(diffPlans(without, sample()).steps[0], {change: 'added', old_step: null, new_step: 4});
  t.false(gone.reordered);

  const swapped = edited(plan => {
    const [first, second, ...rest] = (plan.steps ?? []).slice(4) as [StepLiteral, StepLiteral];
    return {...plan, steps: [...(plan.steps ?? []).slice(0, 4), second, first, ...rest]};
  });
  const reordered = diffPlans(sample(), swapped);
  t.like(reordered, {differs: true, steps: [], reordered: true});
  t.regex(renderDiff(reordered, SCREEN), /in another order/);
});

test('identities are told and not counted', t => {
  const other = edited(plan => ({
    ...plan,
    object: {name: 'other.bpf.o', size: 1n, sha256: 'cd'.repeat(32)},
  }));
  const diff = diffPlans(sample(), other);
  t.false(diff.differs);
  t.is(diff.new.object.name, 'other.bpf.o');
});

test('lists: capabilities, losses and warnings', t => {
  const other = edited(plan => ({...plan, capabilities: 1n << 39n, notes: []}));
  const diff = diffPlans(sample(), other);
  t.true(diff.capabilities.removed.includes('CAP_PERFMON'));
  t.deepEqual(diff.losses, {removed: ['first_init: a weak kfunc'], added: []});
  t.is(diff.warnings.removed.length, 2);
});

test('names of strangers do nothing to a terminal', t => {
  const bell = edited(plan => ({...plan, notes: [{kind: 'setting', text: 'a\u001b[2Jb'}]}));
  t.regex(renderDiff(diffPlans(sample(), bell), SCREEN), /\+ a\\u\{1b\}\[2Jb/);
});

test('instructions are numbered as the kernel numbers them, loads of 64 bits as two', t => {
  const wide = ['r1 = 0x1', ''];
  const diff = diffInstructions(
    [...wide, ...wide, 'r0 = 0', 'r0 = 1', 'r0 = 2', 'exit'],
    [...wide, ...wide, 'r0 = 0', 'r0 = 1', 'r0 = 3', 'r0 = 4', 'exit'],
  );
  t.deepEqual(diff, {
    ...{old_count: 8, new_count: 9, removed: 1, added: 2},
    hunks: [
      {
        ...{old_start: 2, new_start: 2},
        lines: [' r1 = 0x1', ' r0 = 0', ' r0 = 1', '-r0 = 2', '+r0 = 3', '+r0 = 4', ' exit'],
      },
    ],
  });
});

test('of two large programs with nothing in common only the sizes are told, and soon', t => {
  const program = (word: string) => Array.from({length: 40_000}, (_, i) => `${word} ${i}`);
  const diff = diffInstructions(program('a'), program('b'));
  t.deepEqual(diff, {
    ...{old_count: 40_000, new_count: 40_000, removed: null, added: null, hunks: []},
  });
});
