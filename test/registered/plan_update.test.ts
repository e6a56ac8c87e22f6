import test from 'ava';
import {InputError} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {planUpdate} from '../../src/registered/plan_update.js';
import type {Registration} from '../../src/registered/registration.js';
import {screenOf} from '../../src/render/screen.js';
import {renderSwap} from '../../src/render/update.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {readExample, second} from './registered.js';

async function requestFor(example: string, id: KernelId = '6.12') {
  return {...(await readExample(example)), kernelBtf: openBtf((await getKernel(id)).btf)};
}

const attachSteps = ({plan}: ReturnType<typeof planUpdate>) =>
  plan
    .describe()
    .steps.filter(({phase}) => phase === 'attach')
    .map(({cmd}) => cmd);

test('a congestion control with a link: the link gets another map, if it has the old one still', async t => {
  const planned = planUpdate(await second(), await requestFor('tcp/second_link'));
  t.like(planned, {variable: 'so_second', swap: 'update', stays: true});
  t.deepEqual(attachSteps(planned), ['BPF_MAP_UPDATE_ELEM', 'BPF_LINK_UPDATE']);
  const {settings, steps} = planned.plan.describe();
  t.deepEqual(
    settings.filter(line => line.startsWith('replace')),
    ['replace.so_second=link:7', 'replace_map.so_second=41'],
  );
  t.is(steps.at(-1)?.attr.flags, 4);
  t.regex(renderSwap(planned, screenOf({}, {})), /at once/);
});

test('a legacy one goes before the new one comes', async t => {
  const one: Registration = {...(await second()), link: undefined, pins: []};
  const planned = planUpdate(one, await requestFor('tcp/second'));
  t.like(planned, {swap: 'detach', stays: false});
  t.deepEqual(attachSteps(planned), ['BPF_MAP_DELETE_ELEM', 'BPF_MAP_UPDATE_ELEM']);
  t.regex(renderSwap(planned, screenOf({}, {})), /detached and the new one attached/);
});

test('a scheduler: verified, the old one detached, the new one attached and pinned in its place', async t => {
  const one: Registration = {...(await second()), kind: 'sched_ext_ops', swap: 'detach'};
  const settings = {enumConstants: '__SCX_', hotplugSeq: 'so_shared.hotplug_seq'};
  const request = {...(await requestFor('sched_ext/shared', 'newest')), settings};
  const planned = planUpdate(one, request);
  t.like(planned, {variable: 'so_shared', swap: 'detach', stays: true});
  const steps = attachSteps(planned);
  t.true(steps.indexOf('BPF_MAP_UPDATE_ELEM') < steps.indexOf('BPF_LINK_DETACH'), steps.join());
  t.true(steps.indexOf('BPF_LINK_DETACH') < steps.indexOf('BPF_LINK_CREATE'), steps.join());
  t.true(steps.includes('STRUCTOPS_UNPIN'));
  t.is(steps.at(-1), 'BPF_OBJ_PIN');
  const pinned = planUpdate({...one, pins: []}, {...request, pin: 'new'});
  t.true(pinned.plan.describe().settings.includes('pin.so_shared=new/so_shared'));
  t.false(planUpdate({...one, pins: []}, request).stays);
});

test('an object without a struct of that kind, and a variable that it has not', async t => {
  const one = await second();
  const none = {...one, kind: 'Qdisc_ops'};
  const request = await requestFor('tcp/second_link');
  t.throws(() => planUpdate(none, request), {instanceOf: InputError, message: /has no Qdisc_ops/});
  t.throws(() => planUpdate(one, {...request, variable: 'x'}), {
    instanceOf: InputError,
    message: /has no tcp_congestion_ops x/,
  });
});
