import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import {
  type CoreExports,
  type CoreFunction,
  type CoreWasm,
  faultsOf,
  give,
  giveHash,
  KIND,
  openCore,
  outputOf,
  STATUS,
  toBeHashed,
} from '../helpers/core_wasm.js';
import {getKernel} from '../rig/kernels.js';

/** A host that hashes for the core: the same bytes come out, and nothing else is asked of it. */

const DIGEST_SIZE = 32;

type Given = Readonly<Record<string, Uint8Array>>;

let core: CoreWasm;
let kernel: Buffer;
let object: Buffer;
let plan: Buffer;

test.before(async () => {
  core = await openCore();
  kernel = await readFile((await getKernel('6.12')).btf);
  object = await exampleObject('second');
  plan = core.call('makePlan', {kernelBtf: kernel, object}).output;
});

function giveAll(instance: CoreExports, inputs: Given): void {
  for (const [kind, bytes] of Object.entries(inputs)) {
    give(instance, kind as keyof typeof KIND, bytes);
  }
}

function fillWindow(instance: CoreExports, file: Uint8Array): void {
  const offset = instance.windowOffset() >>> 0;
  const part = file.subarray(offset, offset + (instance.windowSize() >>> 0));
  new Uint8Array(instance.memory.buffer, instance.windowPointer() >>> 0, part.length).set(part);
}

/** Calls until there is an answer. What was asked for, each as its bytes. */
function callLending(instance: CoreExports, name: CoreFunction, file?: Uint8Array) {
  instance.lendSha256();
  const hashed: Buffer[] = [];
  for (;;) {
    const status = instance[name]();
    if (status === STATUS.hash) {
      hashed.push(Buffer.from(toBeHashed(instance)));
      giveHash(instance);
    } else if (status === STATUS.more && file !== undefined) {
      fillWindow(instance, file);
    } else {
      return {status, output: outputOf(instance), hashed};
    }
  }
}

test('the object is asked for, then the plan but for its digest', t => {
  const instance = core.instantiate();
  giveAll(instance, {kernelBtf: kernel, object});
  const {status, output, hashed} = callLending(instance, 'makePlan');
  t.is(status, STATUS.done);
  t.deepEqual(output, plan);
  t.deepEqual(hashed, [object, plan.subarray(0, -DIGEST_SIZE)]);
});

test('a kernel that is kept, and one in windows: the same', t => {
  const instance = core.instantiate();
  giveAll(instance, {kernelBtf: kernel, object});
  callLending(instance, 'makePlan');
  t.is(instance.reset(1), 1);
  give(instance, 'object', object);
  t.deepEqual(callLending(instance, 'makePlan').output, plan);

  instance.reset(0);
  t.is(instance.inputInWindows(KIND.kernelBtf, kernel.length), 1);
  give(instance, 'object', object);
  const {output, hashed} = callLending(instance, 'makePlan', kernel);
  t.deepEqual(output, plan);
  t.deepEqual(hashed, [object, plan.subarray(0, -DIGEST_SIZE)]);
});

const sameAnswer = test.macro({
  exec(t, name: CoreFunction, given: () => Given, asked: () => readonly Uint8Array[]) {
    const alone = core.call(name, given());
    const instance = core.instantiate();
    giveAll(instance, given());
    const {status, output, hashed} = callLending(instance, name);
    t.deepEqual({status, output}, alone);
    t.deepEqual(hashed, asked().map(Buffer.from));
  },
  title: (title, name: CoreFunction) => `${name}${title ?? ''}: the same whoever hashes`,
});

const ofPlan = () => [plan.subarray(0, -DIGEST_SIZE)];
const damaged = () => Buffer.concat([plan.subarray(0, 200), Buffer.of(1), plan.subarray(201)]);

test(sameAnswer, 'describePlan', () => ({plan}), ofPlan);
test(sameAnswer, 'describeInstructions', () => ({plan, kernelBtf: kernel}), ofPlan);
test(
  sameAnswer,
  'inspectObject',
  () => ({object}),
  () => [object],
);
test(
  sameAnswer,
  'inspectInstructions',
  () => ({object}),
  () => [],
);
test(
  sameAnswer,
  'makeQuery',
  () => ({options: Buffer.from('list=1')}),
  () => [],
);
test(
  ' of a damaged one',
  sameAnswer,
  'describePlan',
  () => ({plan: damaged()}),
  () => [damaged().subarray(0, -DIGEST_SIZE)],
);
test(
  ' of 3 bytes',
  sameAnswer,
  'describePlan',
  () => ({plan: plan.subarray(0, 3)}),
  () => [],
);
test(
  ' of no bytes',
  sameAnswer,
  'inspectObject',
  () => ({object: Buffer.alloc(0)}),
  () => [Buffer.alloc(0)],
);

test('an object that is refused: the faults are the same, and no plan is asked for', async t => {
  const old = await readFile((await getKernel('6.1')).btf);
  const refused = {kernelBtf: old, object: await exampleObject('second_link')};
  const alone = core.call('makePlan', refused);
  const instance = core.instantiate();
  giveAll(instance, refused);
  const {status, output, hashed} = callLending(instance, 'makePlan');
  t.is(status, STATUS.faults);
  t.deepEqual({status, output}, alone);
  t.is(hashed.length, 1);
});

test('a host that answers wrongly gets a plan that nobody takes', t => {
  const instance = core.instantiate();
  giveAll(instance, {kernelBtf: kernel, object});
  instance.lendSha256();
  t.is(instance.makePlan(), STATUS.hash);
  giveHash(instance);
  t.is(instance.makePlan(), STATUS.hash);
  giveHash(instance, Buffer.alloc(DIGEST_SIZE, 7));
  t.is(instance.makePlan(), STATUS.done);
  const wrong = outputOf(instance);
  t.deepEqual(wrong.subarray(0, -DIGEST_SIZE), plan.subarray(0, -DIGEST_SIZE));
  const {status, output} = core.call('describePlan', {plan: wrong});
  t.is(status, STATUS.faults);
  t.like(faultsOf({output}), [{code: 'PLAN_DIGEST'}]);
});

test('while it is asked there is no output, and another function begins anew', t => {
  const instance = core.instantiate();
  giveAll(instance, {kernelBtf: kernel, object});
  instance.lendSha256();
  t.is(instance.digestPointer(), 0);
  instance.makePlan();
  t.is(instance.outputSize(), 0);
  giveHash(instance);
  t.is(instance.makePlan(), STATUS.hash);
  t.is(instance.outputSize(), 0);
  t.is(instance.inspectInstructions(), STATUS.done);
  // The plan that was waiting for its digest is gone.
  t.is(instance.makePlan(), STATUS.hash);
  t.deepEqual(Buffer.from(toBeHashed(instance)), object);
});

test('reset ends the loan', t => {
  const instance = core.instantiate();
  giveAll(instance, {kernelBtf: kernel, object});
  instance.lendSha256();
  t.is(instance.makePlan(), STATUS.hash);
  instance.reset(0);
  t.deepEqual([instance.hashPointer(), instance.hashSize(), instance.digestPointer()], [0, 0, 0]);
  giveAll(instance, {kernelBtf: kernel, object});
  t.is(instance.makePlan(), STATUS.done);
  t.deepEqual(outputOf(instance), plan);
});

test('the digest in a plan is the SHA-256 of what is before it', t => {
  const digest = createHash('sha256').update(plan.subarray(0, -DIGEST_SIZE)).digest();
  t.deepEqual(plan.subarray(-DIGEST_SIZE), digest);
});
