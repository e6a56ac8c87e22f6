import {createHash} from 'node:crypto';
import asc from 'assemblyscript/asc';
import test from 'ava';
import {type CoreModule, callCore, compileCore} from '../../src/core/wasm_core.js';
import {CoreBug, InputError, PlanError} from '../../src/errors.js';

/**
 * Cores that break the ABI in one place each, to see that no defect of the core is taken for a
 * result. `body` is what makePlan does; `output` is what lies in its output.
 */
async function madCore({body = 'return 0;', output = '', abi = 2, input = 'return 1024;'}) {
  const source = `
    export function abiVersion(): u32 { return ${abi}; }
    export function reset(keep: u32): u32 { return 0; }
    export function input(kind: u32, size: u32): u32 { ${input} }
    export function makePlan(): u32 { ${body} }
    const bytes = memory.data<u8>([${[...Buffer.from(output), 0]}]);
    export function outputPointer(): u32 { return <u32>bytes; }
    export function outputSize(): u32 { return ${Buffer.byteLength(output)}; }
  `;
  const {error, binary, stderr} = await asc.compileString(source, {
    runtime: 'stub',
    use: ['abort='],
    // What the inputs are written to lies before.
    memoryBase: 65536,
  });
  if (error !== null || binary === null) throw new Error(`${error}\n${stderr}`);
  return compileCore(binary);
}

const object = Buffer.from('an object');
const call = (core: CoreModule) => callCore('makePlan', [{kind: 'object', bytes: object}], core);

const FAULTS = JSON.stringify({
  schema: 'structops.faults/1',
  faults: [{code: 'KERN_NO_LINKS', number: 305, message: 'no links', hint: 'do', where: {}}],
});

test('status 0: a copy of the output', async t => {
  const core = await madCore({output: 'plan'});
  const first = call(core);
  t.is(Buffer.from(first).toString(), 'plan');
  first.fill(0);
  t.is(Buffer.from(call(core)).toString(), 'plan');
});

test('an input arrives where the core wants it, bytes and sources alike', async t => {
  const body = 'return load<u32>(1024) == 0x6f206e61 ? 0 : 9;';
  const core = await madCore({body, output: 'x'});
  t.notThrows(() => call(core));
  const source = {size: object.length, readInto: (target: Uint8Array) => target.set(object)};
  t.notThrows(() => callCore('makePlan', [{kind: 'object', bytes: source}], core));
});

test('status 1: the faults of the core', async t => {
  const core = await madCore({body: 'return 1;', output: FAULTS});
  const error = t.throws(() => call(core), {instanceOf: PlanError});
  t.like(error, {code: 'KERN_NO_LINKS', shortMessage: 'no links', hint: 'do', name: 'PlanError'});
});

const isBug = test.macro({
  async exec(t, core: Parameters<typeof madCore>[0], message: RegExp, inputs: number = 1) {
    const mad = await madCore(core);
    const error = t.throws(() => call(mad), {instanceOf: CoreBug});
    t.regex(error?.shortMessage ?? '', message);
    t.is(error?.inputs.length, inputs);
    if (inputs === 0) return;
    const sha256 = createHash('sha256').update(object).digest('hex');
    t.deepEqual(error?.inputs[0], {kind: 'object', size: object.length, sha256});
    t.regex(error?.message ?? '', new RegExp(sha256));
  },
  title: (title = '') => `a defect of the core: ${title}`,
});

test('a trap', isBug, {body: 'unreachable(); return 0;'}, /trapped: unreachable/);
test(
  'a trap that says why',
  isBug,
  {body: 'unreachable(); return 0;', output: FAULTS.replace('no links', 'count is odd')},
  /trapped: count is odd/,
);
test('an endless recursion', isBug, {body: 'return makePlan() + 1;'}, /trapped: /);
test('faults that are none', isBug, {body: 'return 1;', output: '{}'}, /status 1/);
test('misuse of its ABI', isBug, {body: 'return 2;', output: FAULTS}, /status 2: no links/);
test('a status of its own', isBug, {body: 'return 77;'}, /status 77/);
test('a hash that it does not say of what', isBug, {body: 'return 5;'}, /trapped: .*hashPointer/);
test('a trap while it makes room', isBug, {input: 'unreachable(); return 0;'}, /trapped/, 0);

test('a core of another ABI is refused before it is asked for anything', async t => {
  const error = await t.throwsAsync(madCore({abi: 1}), {instanceOf: CoreBug});
  t.regex(error?.shortMessage ?? '', /ABI 1/);
  t.deepEqual(error?.inputs, []);
});

test('an input that the core refuses is an error of the input', async t => {
  const core = await madCore({input: 'return 0;'});
  const error = t.throws(() => call(core), {instanceOf: InputError});
  t.like(error, {code: 'INPUT_SIZE'});
  t.regex(error?.message ?? '', /the object has 9 bytes/);
});

test('an input over the limit is refused before the core sees it', async t => {
  const core = await madCore({input: 'unreachable(); return 0;'});
  const bytes = {size: 2 ** 26 + 1, readInto: () => t.fail()};
  const error = t.throws(() => callCore('makePlan', [{kind: 'object', bytes}], core));
  t.regex(error?.message ?? '', /at most 67108864 bytes/);
});
