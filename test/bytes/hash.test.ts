import {createHash} from 'node:crypto';
import test from 'ava';
import {fuzzSeed, Random} from '../helpers/random.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

function sha256(bytes: Uint8Array): string {
  probe.call('probeSha256', bytes);
  return probe.output().toString('hex');
}

function xxh64(bytes: Uint8Array): string {
  return BigInt.asUintN(64, probe.call('probeXxh64', bytes)).toString(16).padStart(16, '0');
}

/** Nothing repeats, so that no two words can change places unseen. */
const sample = Buffer.from(
  Array.from({length: 1 << 20}, (_, i) => ((Math.imul(i, i) * 11 + i * 7) >>> 3) & 255),
);

test('sha256: of "abc" is the example of FIPS 180-4', t => {
  const wanted = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  t.is(sha256(Buffer.from('abc')), wanted);
});

test('sha256: of every size to 200 bytes is what node:crypto has', t => {
  for (let size = 0; size <= 200; size++) {
    const bytes = sample.subarray(0, size);
    t.is(sha256(bytes), createHash('sha256').update(bytes).digest('hex'), `${size} bytes`);
  }
});

test('sha256: of random bytes of random size is what node:crypto has', t => {
  const seed = fuzzSeed();
  const random = new Random(seed);
  for (let i = 0; i < 200; i++) {
    const bytes = random.bytes(random.below(5000));
    t.is(sha256(bytes), createHash('sha256').update(bytes).digest('hex'), `FUZZ_SEED=${seed}`);
  }
});

test('sha256: 64 MiB, the largest plan', t => {
  const bytes = Buffer.alloc(64 << 20, sample.subarray(0, 4099));
  t.is(sha256(bytes), createHash('sha256').update(bytes).digest('hex'));
});

const xxh64Of = test.macro({
  exec(t, size: number, wanted: string) {
    t.is(xxh64(sample.subarray(0, size)), wanted);
  },
  title: (_, size: number) => `xxh64: of ${size} bytes is what xxh64sum prints`,
});

test(xxh64Of, 0, 'ef46db3751d8e999');
test(xxh64Of, 1, 'e934a84adb052768');
test(xxh64Of, 4, '0a070bd915466844');
test(xxh64Of, 8, '56c29ad65e21234c');
test(xxh64Of, 31, '3b4bd6932033d821');
test(xxh64Of, 32, 'fa75c73d7ce1e3f1');
test(xxh64Of, 33, '69ce84c2a2c4dc29');
test(xxh64Of, 1000, '726b587c95863648');
test(xxh64Of, 65536, 'c51fcd45458f4494');
test(xxh64Of, 1048576, 'ee1b4c69a5700326');

test('xxh64: of every size to 160 bytes is what xxh64sum prints, by the digest of all', t => {
  const sums = Array.from({length: 161}, (_, size) => xxh64(sample.subarray(0, size)));
  t.is(
    createHash('sha256').update(sums.join('')).digest('hex'),
    'b8432d8c0537713a1b25db33377d9f95f99479d2f3a411e87c5b4da0b0b73f5f',
  );
});
