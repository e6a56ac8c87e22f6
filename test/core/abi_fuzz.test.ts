import test from 'ava';
import {bpfObject, exampleObject} from '../helpers/bpf_objects.js';
import {
  type CoreExports,
  type CoreFunction,
  giveHash,
  KIND,
  openCore,
  STATUS,
} from '../helpers/core_wasm.js';
import {fuzzSeed, Random} from '../helpers/random.js';

/** Hosts that call the core in any order, with any numbers and any bytes. */

const CALLS = 20_000;
const FUNCTIONS: readonly CoreFunction[] = [
  ...(['makePlan', 'describePlan', 'describeInstructions'] as const),
  ...(['inspectObject', 'inspectKernel', 'extractBtf', 'makeQuery'] as const),
];
const ODD = [0, 1, 2, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

test(`${CALLS} calls of any kind: a status, a room inside the memory or 0, and never a trap`, async t => {
  const core = await openCore();
  const synthetic = await bpfObject('core_relo/synthetic');
  const material = [
    synthetic,
    await exampleObject('second'),
    Buffer.from('a=b\n'),
    Buffer.alloc(0),
  ];
  const seed = fuzzSeed();
  const random = new Random(seed);
  let instance = core.instantiate();
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let i = 0; i < CALLS; i++) {
    const message = `call ${i}, FUZZ_SEED=${seed}`;
    const choice = random.below(10);
    if (choice === 0 && random.below(20) === 0) {
      instance = core.instantiate();
    } else if (choice <= 1) {
      const kept = instance.reset(random.pick([0, 1, 1, ...ODD]));
      t.true(kept === 0 || kept === 1, message);
      count(`reset ${kept}`);
    } else if (choice === 2 && random.below(2) === 0) {
      count(fillWindow(instance, random, material));
    } else if (choice === 3 && random.below(3) === 0) {
      count(lendHash(instance, random));
    } else if (choice <= 6) {
      count(giveSomething(instance, random, random.pick(material)));
    } else {
      const status = instance[random.pick(FUNCTIONS)]();
      t.true(Object.values<number>(STATUS).includes(status), message);
      count(`status ${status}`);
      // Else hosts reset before they answer, mostly.
      if (status === STATUS.hash && random.below(4) > 0) count(lendHash(instance, random));
    }
    const at = instance.outputPointer() >>> 0;
    const size = instance.outputSize() >>> 0;
    t.true(size <= instance.memory.buffer.byteLength - at, message);
  }
  const often = ['reset 0', 'reset 1', 'room', 'none', 'in windows', 'window'];
  const statuses = ['status 0', 'status 1', 'status 2'];
  const rare = ['status 3', 'status 4', 'status 5', 'lent', 'hash', 'no hash'];
  const missing = (names: readonly string[], least: number) =>
    names.filter(what => (seen.get(what) ?? 0) < least);
  t.deepEqual(
    [...missing([...often, ...statuses], 10), ...missing(rare, 1)],
    [],
    JSON.stringify([...seen]),
  );
});

/** Announces a BTF in windows, or puts anything into the window that is asked for. */
function fillWindow(instance: CoreExports, random: Random, material: readonly Buffer[]): string {
  const at = instance.windowPointer() >>> 0;
  if (at === 0 || random.below(8) === 0) {
    const size = random.pick([...ODD, 5000, 200_000]);
    return instance.inputInWindows(random.pick([1, 2, 2, 2]), size) === 1 ? 'in windows' : 'none';
  }
  const window = new Uint8Array(instance.memory.buffer, at, instance.windowSize() >>> 0);
  window.set(random.pick(material).subarray(0, window.length));
  return 'window';
}

/** Lends SHA-256, or answers what is asked for: rightly, or with anything. */
function lendHash(instance: CoreExports, random: Random): string {
  if (instance.digestPointer() === 0) {
    if (random.below(2) === 0) return 'no hash';
    instance.lendSha256();
    return 'lent';
  }
  giveHash(instance, random.below(2) === 0 ? undefined : Buffer.alloc(32, random.below(256)));
  return 'hash';
}

function giveSomething(instance: CoreExports, random: Random, bytes: Buffer): string {
  const kind = random.below(4) === 0 ? random.pick(ODD) : 1 + random.below(10);
  // Large rooms are for abi.test.ts: here they would only cost memory.
  const size = random.below(6) === 0 ? random.pick([...ODD, 300 << 20]) : bytes.length;
  if (size > 4096 && size < 0x4000_0000 && size !== bytes.length) return 'skipped';
  const at = instance.input(kind, size) >>> 0;
  if (at === 0) return 'none';
  const room = new Uint8Array(instance.memory.buffer, at, size);
  // Some hosts write nothing: then the room holds what it held.
  if (random.below(8) > 0) room.set(bytes.subarray(0, size));
  if (random.below(3) === 0 && size > 0) room[random.below(size)] = random.below(256);
  return 'room';
}

test('the kinds that are tried are all there are, and one more', t => {
  t.deepEqual(
    Object.values(KIND).sort((a, b) => a - b),
    Array.from({length: 9}, (_, i) => i + 1),
  );
});
