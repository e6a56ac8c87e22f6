import test from 'ava';
import {fuzzSeed, Random} from '../helpers/random.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';

/** Bytes of a name, as assembly/limits.ts has it. */
const LENGTH_MAX = 1024;

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

/** A section of names of these lengths. */
function section(lengths: readonly number[]): Buffer {
  return Buffer.concat(lengths.map(length => Buffer.from(`${'n'.repeat(length)}\0`)));
}

/** At each offset the bytes up to the next NUL, counted one by one. */
function expected(lengths: readonly number[]): Buffer {
  return Buffer.from(
    lengths.flatMap(length =>
      Array.from({length: length + 1}, (_, i) => (length - i > LENGTH_MAX ? 1 : 0)),
    ),
  );
}

const told = test.macro<[lengths: readonly number[]]>({
  exec(t, lengths) {
    probe.call('longNames', section(lengths));
    t.deepEqual(probe.output(), expected(lengths));
  },
  title: (_, lengths) =>
    `names that are too long are told from others: ${lengths.join(', ')} bytes`,
});

test(told, [0]);
test(told, [LENGTH_MAX]);
test(told, [LENGTH_MAX + 1]);
test(told, [0, LENGTH_MAX, LENGTH_MAX + 1, LENGTH_MAX]);
test(told, [0, LENGTH_MAX - 1, 0, LENGTH_MAX, 0]);
test(told, [5, 3 * LENGTH_MAX, 0, 0, LENGTH_MAX + 1]);

test('names that are too long are told from others: of random lengths', t => {
  const seed = fuzzSeed();
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const most = random.pick([20, LENGTH_MAX, 2 * LENGTH_MAX]);
    const lengths = Array.from({length: 20}, () => random.below(most + 2));
    probe.call('longNames', section(lengths));
    t.deepEqual(probe.output(), expected(lengths), `FUZZ_SEED=${seed}: ${lengths.join(', ')}`);
  }
});
