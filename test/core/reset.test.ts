import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import test from 'ava';
import {everyObject, exampleObject} from '../helpers/bpf_objects.js';
import {
  type CoreExports,
  type CoreWasm,
  give,
  KIND,
  openCore,
  outputOf,
  STATUS,
} from '../helpers/core_wasm.js';
import {fuzzSeed, Random} from '../helpers/random.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';

/** An instance that was used before answers as a new one. */

const CALLS = 1000;

interface Request {
  readonly name: string;
  readonly object: Uint8Array;
  readonly kernel: Uint8Array;
}

let core: CoreWasm;
let kernels: Buffer[];

test.before(async () => {
  core = await openCore();
  kernels = [];
  for (const id of KERNEL_IDS) kernels.push(await readFile((await getKernel(id)).btf));
});

/** The kernel first, if it is not there from before. */
function plan(instance: CoreExports, {name, object, kernel}: Request, kept: boolean) {
  if (!kept) give(instance, 'kernelBtf', kernel);
  give(instance, 'object', object);
  give(instance, 'objectName', Buffer.from(basename(name)));
  return answer(instance, instance.makePlan());
}

function answer(instance: CoreExports, status: number): string {
  return `${status} ${createHash('sha256').update(outputOf(instance)).digest('hex')}`;
}

test(`${CALLS} calls in random order in one instance: the outputs of fresh ones`, async t => {
  const seed = fuzzSeed();
  const random = new Random(seed);
  const requests = [...(await everyObject())].flatMap(([name, object]) =>
    kernels.map(kernel => ({name, object, kernel})),
  );
  const expected = new Map<object, string>();
  const instance = core.instantiate();
  let request = random.pick(requests);
  let keptCalls = 0;
  for (let i = 0; i < CALLS; i++) {
    const {kernel} = request;
    request = random.pick(requests);
    // Mostly for the kernel of the call before.
    if (random.below(8) > 0) request = {...request, kernel};
    const key = requests.find(one => one.name === request.name && one.kernel === request.kernel);
    if (key === undefined) throw new Error('a request that is none');
    const kept = i > 0 && request.kernel === kernel;
    t.is(instance.reset(kept ? 1 : 0), kept ? 1 : 0);
    if (kept) keptCalls++;
    if (!expected.has(key)) expected.set(key, plan(core.instantiate(), key, false));
    const message = `call ${i}: ${request.name}, FUZZ_SEED=${seed}`;
    t.is(plan(instance, request, kept), expected.get(key) ?? '', message);
    if (random.below(8) === 0) {
      const {object, name} = request;
      const objectName = Buffer.from(basename(name));
      const inspected = core.call('inspectObject', {object, objectName});
      t.is(instance.inspectObject(), inspected.status, message);
      t.true(outputOf(instance).equals(inspected.output), message);
    }
  }
  t.true(keptCalls > CALLS / 2 && keptCalls < CALLS);
  t.true(expected.size > 100);
});

test('after a reset nothing is there: no input, no output', async t => {
  const instance = core.instantiate();
  plan(
    instance,
    {name: 'x', object: await exampleObject('first'), kernel: kernels[1] as Buffer},
    false,
  );
  t.is(instance.reset(0), 0);
  t.is(instance.outputSize(), 0);
  t.is(instance.makePlan(), STATUS.misuse);
  t.is(instance.reset(1), 0, 'no kernel to keep');
});

const keeps = test.macro({
  exec(t, before: readonly (keyof typeof KIND)[], kept: number) {
    const instance = core.instantiate();
    for (const kind of before) give(instance, kind, Buffer.from('some bytes'));
    t.is(instance.reset(1), kept);
    // What is kept is not handed over again.
    t.is(instance.input(KIND.kernelBtf, 1) === 0, kept === 1);
  },
  title: (title = '') => `reset(1): ${title}`,
});

test('a kernel that was given first is kept, good or not', keeps, ['kernelBtf', 'object'], 1);
test('one that was given later is not', keeps, ['object', 'kernelBtf'], 0);
test('without one there is nothing to keep', keeps, ['object'], 0);

test('an instance that is reset does not grow', async t => {
  const instance = core.instantiate();
  const request = {name: 'x', object: await exampleObject('second'), kernel: kernels[1] as Buffer};
  const sizes = Array.from({length: 50}, (_, i) => {
    const kept = i > 0 && instance.reset(i % 10 === 0 ? 0 : 1) === 1;
    plan(instance, request, kept);
    return instance.memory.buffer.byteLength;
  });
  t.is(new Set(sizes.slice(5)).size, 1);
});

test('a vmlinux BTF and an object of 16 kB take BTF + 512 KiB of memory', async t => {
  const object = await exampleObject('second');
  for (const kernel of kernels) {
    const instance = core.instantiate();
    plan(instance, {name: 'second.bpf.o', object, kernel}, false);
    const beside = instance.memory.buffer.byteLength - kernel.length;
    t.true(beside <= 512 * 1024, `${beside} bytes`);
  }
});

test('memory grows by what a plan takes: BTF + 320 KiB + 12 times the object + the plan, for every object', async t => {
  const kernel = kernels.at(-1) as Buffer;
  for (const [name, object] of await everyObject()) {
    const instance = core.instantiate();
    plan(instance, {name, object, kernel}, false);
    const beside = instance.memory.buffer.byteLength - kernel.length;
    const most = 320 * 1024 + 12 * object.length + instance.outputSize();
    t.true(beside <= most, `${name}: ${beside} bytes`);
  }
});
