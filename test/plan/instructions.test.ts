import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {PlanError} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {Plan} from '../../src/plan/plan.js';
import {planInstructions} from '../../src/plan/plan_instructions.js';
import {planObject} from '../../src/plan/plan_object.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {buildPlan} from '../helpers/plan_builder.js';
import {samplePlan} from '../plan/sample_plan.js';
import {buildBpf} from '../rig/build_bpf.js';
import {getKernel} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';

/** What a plan knows of its instructions; their texts are in test/insn. */

const MODULE_KFUNC = fileURLToPath(new URL('../oracle/module_kfunc.bpf.c', import.meta.url));

/** Each program's name -> its instructions, without the second halves. */
function byName(
  plan: Plan,
  told: ReadonlyMap<number, readonly string[]>,
): Record<string, string[]> {
  const {steps} = plan.describe();
  return Object.fromEntries(
    [...told].map(([step, texts]) => [steps[step]?.name ?? '', texts.filter(text => text !== '')]),
  );
}

async function moduleKfunc() {
  const kernel = await getKernel('6.1');
  const kernelBtf = openBtf(kernel.btf);
  const module = openBtf(await getModuleBtf(kernel, 'net/ipv4/tcp_vegas'));
  const moduleBtfs = [{name: 'tcp_vegas', bytes: module}];
  const object = await readFile(await buildBpf(MODULE_KFUNC, ['-I', '../../examples/include']));
  const plan = planObject({object, objectName: 'x.bpf.o', kernelBtf, moduleBtfs});
  return {plan, kernelBtf, moduleBtfs};
}

test('maps, places in them and kernel functions have their names', async t => {
  const {btf} = await getKernel('6.12');
  const kernelBtf = openBtf(btf);
  const object = await exampleObject('second');
  const plan = planObject({object, objectName: 'second.bpf.o', kernelBtf});
  const told = byName(plan, planInstructions(plan, {kernelBtf}));
  const all = Object.values(told).flat();
  t.true(all.includes('r3 = map .rodata value +0'), all.join('\n'));
  t.true(all.includes('call tcp_slow_start'), all.join('\n'));
  for (const {cmd, name, attr} of plan.describe().steps) {
    if (cmd !== 'BPF_PROG_LOAD') continue;
    const step = plan.describe().steps.find(one => one.cmd === cmd && one.name === name);
    t.is(planInstructions(plan).get(step?.index ?? -1)?.length, Number(attr.insn_cnt));
  }
});

test("a module's functions have their names and its own", async t => {
  const {plan, ...names} = await moduleKfunc();
  const {of_module, of_kernel} = byName(plan, planInstructions(plan, names));
  t.true(of_module?.includes('call tcp_vegas_init of tcp_vegas'), of_module?.join('\n'));
  t.true(of_kernel?.includes('call tcp_reno_undo_cwnd'), of_kernel?.join('\n'));
});

test('without the BTFs they have numbers; of a module, its name still', async t => {
  const {plan, kernelBtf} = await moduleKfunc();
  const none = byName(plan, planInstructions(plan));
  t.true(none.of_module?.some(text => /^call kernel function \d+ of tcp_vegas$/.test(text)));
  t.true(none.of_kernel?.some(text => /^call kernel function \d+$/.test(text)));
  const half = byName(plan, planInstructions(plan, {kernelBtf}));
  t.deepEqual(half.of_module, none.of_module);
  t.true(half.of_kernel?.includes('call tcp_reno_undo_cwnd'));
});

test("another kernel's BTF gives no names, which would be wrong ones", async t => {
  const {plan} = await moduleKfunc();
  const other = openBtf((await getKernel('6.12')).btf);
  t.deepEqual(planInstructions(plan, {kernelBtf: other}), planInstructions(plan));
});

test('a damaged plan is refused', t => {
  const bytes = buildPlan(samplePlan());
  bytes.writeUInt8(bytes.readUInt8(300) ^ 1, 300);
  t.throws(() => planInstructions(new Plan(bytes)), {instanceOf: PlanError});
});

/** A plan with one program of these instructions. */
function planOf(hex: string): Plan {
  const insns = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const attr = {prog_type: 27, insn_cnt: insns.length / 8, prog_name: 'p', attach_btf_id: 1};
  const blobs = {insns: {bytes: insns}, license: {bytes: Buffer.from('GPL\0')}};
  const steps = [{cmd: 'BPF_PROG_LOAD' as const, name: 'p', slot: 0, attr, blobs}];
  return new Plan(buildPlan({btf: {size: 1n, xxh64: 1n}, steps}));
}

const tells = test.macro({
  exec: (t, hex: string, texts: readonly string[]) =>
    t.deepEqual(planInstructions(planOf(hex)).get(0), texts),
  title: (title = '') => `hostile: ${title}`,
});

const EXIT = '95 00 0000 00000000';
test('half a load of 64 bits at the end', tells, `${EXIT} 18 01 0000 01000000`, [
  'exit',
  'unknown 0x1801000001000000',
]);
test('a module function without an fd array', tells, `85 20 ff7f 07000000 ${EXIT}`, [
  'call kernel function 7',
  'exit',
]);
test('a map without an fd', tells, `18 11 0000 05000000 ${'00'.repeat(8)}`, ['r1 = 0x5', '']);
