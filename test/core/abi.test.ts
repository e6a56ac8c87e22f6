import test from 'ava';
import type {Fault} from '../../src/faults.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {
  type CoreFunction,
  type CoreWasm,
  faultsOf,
  give,
  KIND,
  openCore,
  outputOf,
  STATUS,
} from '../helpers/core_wasm.js';

/** A host that uses the core as docs/embedding.md does not say gets a status or a 0, never a trap. */

const U32_MAX = 0xffff_ffff;
const MIB = 2 ** 20;

let core: CoreWasm;
let object: Buffer;

test.before(async () => {
  core = await openCore();
  object = await exampleObject('first');
});

test('the ABI is version 2', t => {
  t.is(core.instantiate().abiVersion(), 2);
});

test('before any call there is no output', t => {
  const instance = core.instantiate();
  t.is(instance.outputSize(), 0);
  t.deepEqual(outputOf(instance), Buffer.alloc(0));
});

const missing = test.macro({
  exec(t, name: CoreFunction, where: Fault['where']) {
    const {status, output} = core.call(name, {objectName: Buffer.from('x.bpf.o')});
    t.is(status, STATUS.misuse);
    t.like(faultsOf({output}), [{code: 'INPUT_MISSING', number: 1, where}]);
  },
  title: (_, name: CoreFunction) => `${name} without its inputs is misuse`,
});

test(missing, 'makePlan', {input: 'object'});
test(missing, 'describePlan', {input: 'plan'});
test(missing, 'makeQuery', {input: 'options'});
test(missing, 'describeInstructions', {input: 'plan'});
test(missing, 'inspectObject', {input: 'object'});
test(missing, 'inspectInstructions', {input: 'object'});
test(missing, 'inspectKernel', {input: 'kernel'});
test(missing, 'describeTypes', {input: 'object'});
test(missing, 'extractBtf', {input: 'kernel'});

test('makePlan with the object alone is misuse: the kernel is missing', t => {
  const {status, output} = core.call('makePlan', {object});
  t.is(status, STATUS.misuse);
  t.like(faultsOf({output}), [{code: 'INPUT_MISSING', where: {input: 'kernel'}}]);
});

test('what was missing can be handed over after the misuse', t => {
  const instance = core.instantiate();
  t.is(instance.inspectObject(), STATUS.misuse);
  give(instance, 'object', object);
  t.is(instance.inspectObject(), STATUS.done);
  t.is(JSON.parse(outputOf(instance).toString()).schema, 'structops.inspect/1');
});

for (const kind of [0, 10, 255, 2 ** 31, U32_MAX]) {
  test(`kind ${kind} is none: no room`, t => {
    t.is(core.instantiate().input(kind, 1), 0);
  });
}

test('a BTF may be mapped: its place begins a page, whatever was given before', t => {
  const instance = core.instantiate();
  give(instance, 'objectName', Buffer.from('x'));
  t.is(instance.input(KIND.kernelBtf, 5000) % 4096, 0);
  give(instance, 'moduleName', Buffer.from('m'));
  t.is(instance.input(KIND.moduleBtf, 24) % 4096, 0);
});

const LIMITS = {
  object: 64 * MIB,
  kernelBtf: 256 * MIB,
  plan: 64 * MIB,
  objectName: 255,
  moduleName: 55,
  options: MIB,
  kconfig: 16 * MIB,
  kernelImage: 1000 * MIB,
} as const;

for (const [kind, most] of Object.entries(LIMITS)) {
  const number = KIND[kind as keyof typeof LIMITS];

  test(`${kind}: ${most} bytes have room, one more has none`, t => {
    const instance = core.instantiate();
    for (const size of [most + 1, 2 ** 31, U32_MAX - 7, U32_MAX]) {
      t.is(instance.input(number, size), 0, `${size} bytes`);
    }
    const at = instance.input(number, most) >>> 0;
    t.true(at > 0);
    t.true(at + most <= instance.memory.buffer.byteLength);
  });

  test(`${kind}: a second one has no room, and the first one stays`, t => {
    const instance = core.instantiate();
    t.not(instance.input(number, 3), 0);
    t.is(instance.input(number, 3), 0);
    t.is(instance.input(number, 0), 0);
  });
}

test('a module needs its name first, and each name is for one module', t => {
  const instance = core.instantiate();
  t.is(instance.input(KIND.moduleBtf, 8), 0);
  t.is(instance.input(KIND.moduleName, 0), 0);
  t.not(instance.input(KIND.moduleName, 3), 0);
  t.is(instance.input(KIND.moduleName, 3), 0);
  t.is(instance.input(KIND.moduleBtf, 64 * MIB + 1), 0);
  t.is(instance.input(KIND.moduleBtf, U32_MAX), 0);
  t.not(instance.input(KIND.moduleBtf, 8), 0);
  t.is(instance.input(KIND.moduleBtf, 8), 0);
});

test('64 modules have room, one more has none', t => {
  const instance = core.instantiate();
  const add = () => {
    instance.input(KIND.moduleName, 3);
    return instance.input(KIND.moduleBtf, 8);
  };
  for (let i = 0; i < 64; i++) t.not(add(), 0, `module ${i}`);
  t.is(add(), 0);
});

test('inputs that do not fit into 4 GiB together have no room at some point', t => {
  const instance = core.instantiate();
  const sizes = [
    [KIND.object, 64],
    [KIND.kernelBtf, 256],
    [KIND.plan, 64],
  ] as const;
  for (const [kind, mib] of sizes) t.not(instance.input(kind, mib * MIB), 0);
  let refused = 0;
  for (let i = 0; i < 64; i++) {
    if (instance.input(KIND.moduleName, 3) === 0) break;
    if (instance.input(KIND.moduleBtf, 64 * MIB) === 0) refused++;
  }
  t.true(refused > 0);
});

const ofNothing = test.macro({
  exec(t, name: CoreFunction, inputs: Parameters<CoreWasm['call']>[1], code: string) {
    const {status, output} = core.call(name, inputs);
    t.is(status, STATUS.faults);
    t.is(faultsOf({output})[0]?.code, code);
  },
  title: (why = '', name: CoreFunction) => `${name}: ${why} of 0 bytes is refused`,
});

const nothing = Buffer.alloc(0);
test('an object', ofNothing, 'inspectObject', {object: nothing}, 'ELF_NOT_ELF');
test('an object', ofNothing, 'makePlan', {object: nothing, kernelBtf: nothing}, 'ELF_NOT_ELF');
test('a plan', ofNothing, 'describePlan', {plan: nothing}, 'PLAN_TRUNCATED');
test('a plan', ofNothing, 'describeInstructions', {plan: nothing}, 'PLAN_TRUNCATED');
test('a kernel BTF', ofNothing, 'inspectKernel', {kernelBtf: nothing}, 'KERN_NOT_BTF');
test('a kernel image', ofNothing, 'extractBtf', {kernelImage: nothing}, 'KERN_NO_BTF');
test('a kernel BTF', t => {
  const {status, output} = core.call('makePlan', {object, kernelBtf: nothing});
  t.is(status, STATUS.faults);
  t.like(faultsOf({output}), [{code: 'KERN_NOT_BTF', where: {input: 'kernel', offset: 0}}]);
});

test('a second call in one instance answers as the first did', t => {
  const instance = core.instantiate();
  give(instance, 'object', object);
  give(instance, 'objectName', Buffer.from('first.bpf.o'));
  const answers = Array.from({length: 3}, () => {
    const status = instance.inspectObject();
    return {status, text: outputOf(instance).toString()};
  });
  t.is(answers[0]?.status, STATUS.done);
  t.deepEqual(answers[1], answers[0]);
  t.deepEqual(answers[2], answers[0]);
});

test('a function that is missing its input says so after another was done', t => {
  const instance = core.instantiate();
  give(instance, 'object', object);
  t.is(instance.inspectObject(), STATUS.done);
  t.is(instance.describePlan(), STATUS.misuse);
  t.is(faultsOf({output: outputOf(instance)})[0]?.code, 'INPUT_MISSING');
});
