import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {type CoreWasm, openCore, STATUS} from '../helpers/core_wasm.js';
import {fuzzSeed, Random} from '../helpers/random.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {ObjectEditor} from './object_editor.js';
import {number, relocate} from './relocated.js';

/** Objects and kernels made to trap or to waste time. Nothing here may throw. */
const FOLDER = join(REPOSITORY, 'test/bpf/core_relo');
/** Far more than it takes, and far less than forever. */
const SECONDS_MAX = 60;
const ROUNDS = 400;

let core: CoreWasm;

test.before(async () => {
  core = await openCore();
});

function seconds<Result>(action: () => Result): [Result, number] {
  const startedMs = performance.now();
  const result = action();
  return [result, (performance.now() - startedMs) / 1000];
}

const multiplies = test.macro({
  async exec(t, index: number) {
    const object = await readFile(join(FOLDER, 'nested_types.bpf.o'));
    const editor = new ObjectEditor(object).keepOnly(index);
    const kernelBtf = editor.contentOf('.BTF');
    const [{faults}, took] = seconds(() => relocate(core, editor.bytes, {kernelBtf}));
    t.deepEqual(
      faults.map(({code}) => code),
      ['OBJ_TOO_LARGE'],
    );
    t.true(took < SECONDS_MAX, `${took} s`);
  },
  title: (_ = '', index) =>
    `types that multiply are given up: ${index === 0 ? 'exists' : 'matches'}`,
});

test(multiplies, 0);
test(multiplies, 1);

test('types that multiply less are compared', async t => {
  const object = await readFile(join(FOLDER, 'nested_types.bpf.o'));
  const editor = new ObjectEditor(object).keepOnly(2, 3);
  const {programs} = relocate(core, editor.bytes, {kernelBtf: editor.contentOf('.BTF')});
  t.is(programs.exists_10, number(true));
  t.is(programs.matches_10, number(true));
});

test('millions of records of one field are given up', async t => {
  const {btf} = await getKernel('6.12');
  const kernelBtf = await readFile(btf);
  const editor = new ObjectEditor(await readFile(join(FOLDER, 'kernel.bpf.o')));
  // EXISTS(exists, ...), which may be said any number of times.
  const exists = editor.records.findIndex(({kind}) => kind === 2);
  editor.repeat(exists, 2_000_000);
  const [{faults}, took] = seconds(() => relocate(core, editor.bytes, {kernelBtf}));
  t.deepEqual(
    faults.map(({code}) => code),
    ['OBJ_TOO_LARGE'],
  );
  t.true(took < SECONDS_MAX, `${took} s`);
});

test('60,000 records of one field are no matter', async t => {
  const {btf} = await getKernel('6.12');
  const editor = new ObjectEditor(await readFile(join(FOLDER, 'kernel.bpf.o')));
  const exists = editor.records.findIndex(({kind}) => kind === 2);
  editor.repeat(exists, 60_000);
  const {programs, faults} = relocate(core, editor.bytes, {kernelBtf: await readFile(btf)});
  t.deepEqual(faults, []);
  t.is(programs.exists, number(true));
});

test('faults end when nobody reads on', async t => {
  const editor = new ObjectEditor(await readFile(join(FOLDER, 'refused.bpf.o')));
  editor.repeat(0, 60_000);
  const kernelBtf = await readFile(join(FOLDER, 'synthetic_kernel.btf'));
  const [{faults}, took] = seconds(() => relocate(core, editor.bytes, {kernelBtf}));
  t.is(faults.length, 256);
  t.true(took < SECONDS_MAX, `${took} s`);
});

/** Overwrites some bytes of a section, as often a small number as any. */
function damage(bytes: Buffer, from: number, size: number, random: Random): void {
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = from + (random.below(size) & ~3);
    if (at + 4 > bytes.length) continue;
    const value = random.pick([random.below(16), random.below(600), random.below(2 ** 32)]);
    if (random.below(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt8(value & 0xff, at + random.below(4));
  }
}

for (const name of ['synthetic', 'refused', 'nested_types']) {
  test(`damaged BTF of ${name}.bpf.o and of its kernel: a plan or faults`, async t => {
    const random = new Random(fuzzSeed());
    t.log(`FUZZ_SEED=${fuzzSeed()}`);
    const object = await readFile(join(FOLDER, `${name}.bpf.o`));
    const kernel = await readFile(join(FOLDER, 'synthetic_kernel.btf'));
    const counts = {done: 0, faults: 0};
    for (let round = 0; round < ROUNDS; round++) {
      const editor = new ObjectEditor(object);
      const kernelBtf = Buffer.from(kernel);
      const target = random.pick(['.BTF.ext', '.BTF', 'kernel', 'insns']);
      if (target === 'kernel') {
        damage(kernelBtf, 0, kernelBtf.length, random);
      } else {
        const section = editor.section(target === 'insns' ? 'syscall' : target);
        damage(editor.bytes, section.offset, section.size, random);
      }
      const {status} = core.call('makePlan', {object: editor.bytes, kernelBtf});
      if (status === STATUS.done) counts.done++;
      else if (status === STATUS.faults) counts.faults++;
      else t.fail(`status ${status} in round ${round}`);
    }
    // Damage that nothing ever notices, or that nothing ever survives, would test little.
    t.log(counts);
    t.true(counts.done > ROUNDS / 20 || name === 'refused');
    t.true(counts.faults > ROUNDS / 20);
  });
}
