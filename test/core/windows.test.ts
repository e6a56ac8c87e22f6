import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import test from 'ava';
import {bpfObject, everyObject, exampleObject} from '../helpers/bpf_objects.js';
import {BTF_HEADER, BTF_TYPE, BtfEdit} from '../helpers/btf_edit.js';
import {
  type Answer,
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
import {getModuleBtf} from '../rig/modules.js';

/** A kernel's BTF in windows: the same plan as with all of it, in a megabyte. */

const MIB = 2 ** 20;
/** Windows of a plan; real ones need some hundred. */
const WINDOWS_MAX = 2000;

interface Request {
  readonly object: Uint8Array;
  readonly name?: string;
  readonly kernel: Uint8Array;
  readonly module?: Uint8Array;
  /** Texts. */
  readonly options?: string;
  readonly kconfig?: string;
}

/** What a host puts into a window that wants `wanted`, the bytes of the file. */
type Fill = (window: Uint8Array, wanted: Uint8Array, number: number) => void;

function flip(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
}

const rightly: Fill = (window, wanted) => window.set(wanted);

let core: CoreWasm;
let object: Buffer;
let kernel: Buffer;

test.before(async () => {
  core = await openCore();
  object = await exampleObject('second');
  kernel = await readFile((await getKernel('6.12')).btf);
});

function giveOthers(instance: CoreExports, request: Request): void {
  const {object, name, module, options, kconfig} = request;
  give(instance, 'object', object);
  give(instance, 'objectName', Buffer.from(name ?? 'x.bpf.o'));
  if (options !== undefined) give(instance, 'options', Buffer.from(options));
  if (kconfig !== undefined) give(instance, 'kconfig', Buffer.from(kconfig));
  if (module === undefined) return;
  give(instance, 'moduleName', Buffer.from('tcp_vegas'));
  give(instance, 'moduleBtf', module);
}

function planWhole(request: Request): Answer {
  const instance = core.instantiate();
  give(instance, 'kernelBtf', request.kernel);
  giveOthers(instance, request);
  return {status: instance.makePlan(), output: outputOf(instance)};
}

function planInWindows(request: Request, fill = rightly, instance = core.instantiate()) {
  const {kernel} = request;
  if (instance.inputInWindows(KIND.kernelBtf, kernel.length) !== 1) throw new Error('refused');
  giveOthers(instance, request);
  let windows = 0;
  let status = instance.makePlan();
  for (; status === STATUS.more && windows < WINDOWS_MAX; windows++) {
    const size = instance.windowSize() >>> 0;
    const offset = instance.windowOffset() >>> 0;
    const window = new Uint8Array(instance.memory.buffer, instance.windowPointer() >>> 0, size);
    fill(window, kernel.subarray(offset, offset + size), windows);
    status = instance.makePlan();
  }
  const memory = instance.memory.buffer.byteLength;
  return {status, output: outputOf(instance), windows, memory};
}

test('every object for every kernel: the same plan, or the whole BTF is wanted for its faults', async t => {
  t.timeout(300_000);
  let plans = 0;
  for (const id of KERNEL_IDS) {
    const kernel = await readFile((await getKernel(id)).btf);
    for (const [path, object] of await everyObject()) {
      const request = {object, name: basename(path), kernel};
      const whole = planWhole(request);
      const {status, output} = planInWindows(request);
      const what = `${path} for ${id}`;
      if (status === STATUS.whole) {
        t.is(whole.status, STATUS.faults, what);
        t.is(output.length, 0, what);
      } else {
        t.is(status, whole.status, what);
        t.true(output.equals(whole.output), what);
      }
      if (status === STATUS.done) plans++;
    }
  }
  t.true(plans > 30, String(plans));
});

test('a plan in windows takes a megabyte, and as many windows as the file has and some', t => {
  const {status, windows, memory} = planInWindows({object, kernel});
  t.is(status, STATUS.done);
  t.true(memory <= MIB, `${memory} bytes`);
  t.true(windows < 4 * Math.ceil(kernel.length / 65_536), String(windows));
});

test('modules are whole beside a kernel in windows', async t => {
  const target = await getKernel('6.1');
  const kernel = await readFile(target.btf);
  const module = await readFile(await getModuleBtf(target, 'net/ipv4/tcp_vegas'));
  const request = {object, kernel, module};
  const {status, output} = planInWindows(request);
  t.is(status, STATUS.done);
  t.deepEqual({status, output}, planWhole(request));
});

test('options and kconfig are read for each plan that is tried', async t => {
  const request = {
    ...{object: await bpfObject('library/kconfig'), kernel},
    options: 'kernel_version=6.12.107\nCONFIG_HZ=250\n',
    kconfig: 'CONFIG_BPF_SYSCALL=y\n\nCONFIG_TCP_CONG_CUBIC=m\nCONFIG_DEFAULT_TCP_CONG="cubic"\n',
  };
  const {status, output} = planInWindows(request);
  t.is(status, STATUS.done);
  t.deepEqual({status, output}, planWhole(request));
});

test('a used instance, and a call after the plan, give the same', t => {
  const instance = core.instantiate();
  const request = {object, kernel, options: 'set.window_min=4\n'};
  const first = planInWindows(request, rightly, instance);
  t.is(instance.makePlan(), STATUS.done);
  t.true(outputOf(instance).equals(first.output));
  t.is(instance.reset(1), 0);
  const second = planInWindows(request, rightly, instance);
  t.true(second.output.equals(first.output));
  t.is(second.memory, first.memory);
});

test('the name of a type may be the end of another name', t => {
  const edit = new BtfEdit(Buffer.from(kernel));
  const [value, inner] = ['bpf_struct_ops_tcp_congestion_ops', 'tcp_congestion_ops'].map(name =>
    edit.type('STRUCT', name),
  );
  const at = edit.bytes.readUInt32LE((value?.at ?? 0) + BTF_TYPE.name_off);
  const end = at + 'bpf_struct_ops_'.length;
  edit.bytes.writeUInt32LE(end, (inner?.at ?? 0) + BTF_TYPE.name_off);
  const request = {object, kernel: edit.bytes};
  const {status, output} = planInWindows(request);
  t.is(status, STATUS.done);
  t.deepEqual({status, output}, planWhole(request));
});

const unusual = test.macro({
  exec(t, change: (edit: BtfEdit) => Buffer | undefined) {
    const edit = new BtfEdit(Buffer.from(kernel));
    const kernelBtf = change(edit) ?? edit.bytes;
    const {status, output} = planInWindows({object, kernel: kernelBtf});
    t.is(status, STATUS.whole);
    t.is(output.length, 0);
  },
  title: (title = '') => `the whole BTF is wanted: ${title}`,
});

test('nothing', unusual, () => Buffer.alloc(0));
test('no BTF', unusual, () => Buffer.alloc(100_000));
test('half of it', unusual, ({bytes}) => bytes.subarray(0, bytes.length >> 1));
test('no strings', unusual, ({bytes}) => void bytes.writeUInt32LE(0, BTF_HEADER.str_len));
test('strings that do not end', unusual, ({bytes}) => void bytes.fill(65, bytes.length - 1));
test(
  'strings that begin with a name',
  unusual,
  edit => void edit.bytes.fill(65, edit.stringsAt, edit.stringsAt + 1),
);
test('a type of no kind', unusual, edit => {
  const {at} = edit.type('STRUCT', 'tcp_sock');
  edit.bytes.writeUInt32LE(0x7f00_0000, at + BTF_TYPE.info);
});
test('a type that no window holds', unusual, edit => {
  const {at} = edit.type('STRUCT', 'tcp_sock');
  edit.bytes.writeUInt32LE(0x0400_4000, at + BTF_TYPE.info);
});
test('types that end within one', unusual, ({bytes}) => {
  bytes.writeUInt32LE(bytes.readUInt32LE(BTF_HEADER.type_len) - 4, BTF_HEADER.type_len);
});

test('the whole BTF is wanted for what looks at all types', t => {
  const instance = core.instantiate();
  give(instance, 'options', Buffer.from('enum_constants=window_\n'));
  t.is(planInWindows({object, kernel}, rightly, instance).status, STATUS.whole);
});

const careless = test.macro({
  exec(t, fill: Fill) {
    t.is(planInWindows({object, kernel}, fill).status, STATUS.whole);
  },
  title: (title = '') => `a host that hands over other bytes gets no plan: ${title}`,
});

test('none at all', careless, () => {});
test('always the first ones', careless, window => window.set(kernel.subarray(0, window.length)));
test('too few', careless, (window, wanted) => window.set(wanted.subarray(0, wanted.length - 100)));
test('a file that changes between the strings and the rest', careless, (window, wanted, number) => {
  window.set(wanted);
  // Of the first string block that comes a second time.
  if (number > 40 && window.length === 65_536) flip(window, window.length - 1, 0);
});
test('a file that changes before the last windows', careless, (window, wanted, number) => {
  window.set(wanted);
  if (number > 130) window.fill(0x41);
});

test('no input is taken after the first window, nor the same kernel twice', t => {
  const instance = core.instantiate();
  t.is(instance.inputInWindows(KIND.object, 100), 0);
  t.is(instance.inputInWindows(KIND.kernelBtf, 256 * MIB + 1), 0);
  t.is(instance.inputInWindows(KIND.kernelBtf, kernel.length), 1);
  t.is(instance.inputInWindows(KIND.kernelBtf, kernel.length), 0);
  t.is(instance.input(KIND.kernelBtf, kernel.length), 0);
  t.is(instance.makePlan(), STATUS.misuse);
  t.is(instance.windowSize(), 0);
  give(instance, 'object', object);
  t.is(instance.inspectKernel(), STATUS.misuse);
  t.is(instance.makePlan(), STATUS.more);
  t.is(instance.input(KIND.options, 10), 0);
  t.is(instance.reset(0), 0);
  t.is(instance.windowPointer(), 0);
  give(instance, 'kernelBtf', kernel);
  t.is(instance.inputInWindows(KIND.kernelBtf, kernel.length), 0);
});

test('windows with bytes that are wrong here and there never make it trap', t => {
  const seed = fuzzSeed();
  const random = new Random(seed);
  for (let run = 0; run < 60; run++) {
    const wrongFrom = random.below(200);
    const {status, windows} = planInWindows({object, kernel}, (window, wanted, number) => {
      window.set(wanted);
      if (number >= wrongFrom) {
        flip(window, random.below(window.length), random.below(8));
      }
    });
    const message = `run ${run}, FUZZ_SEED=${seed}`;
    t.true(windows < WINDOWS_MAX, message);
    t.true(status === STATUS.whole || windows <= wrongFrom, message);
  }
});
