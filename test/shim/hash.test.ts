import {createHash} from 'node:crypto';
import test from 'ava';
import {execa} from 'execa';
import {compile} from './fake_executor.js';

let program = '';

test.before(async () => {
  program = await compile('hash', ['test/shim/hash_main.c', 'shim/sha256.c', 'shim/xxh64.c']);
});

async function digests(input: Uint8Array, piece = 16 << 20): Promise<string[]> {
  const {stdout} = await execa(program, [String(piece)], {input});
  return stdout.split(' ');
}

const xxh64 = test.macro({
  async exec(t, input: string, wanted: string) {
    t.is((await digests(Buffer.from(input)))[1], wanted);
  },
  title: (_, input: string) =>
    `xxh64 of "${input.slice(0, 20)}", ${input.length} bytes, as xxh64sum has it`,
});

test(xxh64, '', 'ef46db3751d8e999');
test(xxh64, 'a', 'd24ec4f1a98c6e5b');
test(xxh64, 'abc', '44bc2cf5ad770999');
test(xxh64, '12345678', 'd2d02f08cf7cfd4a');
test(xxh64, '123456789abcd', '5e2019c6dab406ae');
test(xxh64, 'structops'.repeat(4), '50f0e698c6034f78');
test(xxh64, '0123456789'.repeat(40), '02e783789aa14d2a');

test('sha256 of 0 to 200 bytes is what node has', async t => {
  const bytes = Buffer.from(Array.from({length: 200}, (_, i) => (i * 7) & 255));
  for (let size = 0; size <= 200; size++) {
    const input = bytes.subarray(0, size);
    t.is((await digests(input))[0], createHash('sha256').update(input).digest('hex'), `${size}`);
  }
});

test('xxh64 does not depend on the pieces that the bytes come in', async t => {
  const bytes = Buffer.from(Array.from({length: 333}, (_, i) => (i * 11) & 255));
  const [, whole] = await digests(bytes);
  for (const piece of [1, 3, 8, 31, 32, 33, 64, 100, 332]) {
    t.is((await digests(bytes, piece))[1], whole, `pieces of ${piece}`);
  }
});
