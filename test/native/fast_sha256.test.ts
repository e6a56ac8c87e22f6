import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import test from 'ava';
import {execa} from 'execa';
import {compile} from '../shim/fake_executor.js';

/** SHA-256 by the processor's instructions, in the native planner. */

const SIZE_MAX = 300;

test(`0 to ${SIZE_MAX} bytes: what Node has, where Linux says that the processor can`, async t => {
  const program = await compile('fast_sha256', [
    'test/native/fast_sha256_main.c',
    'native/fast_sha256.c',
  ]);
  const input = Buffer.from(Array.from({length: SIZE_MAX}, (_, i) => (i * 7) & 255));
  const {stdout} = await execa(program, [String(SIZE_MAX)], {input});
  const can = / sha_ni /.test(await readFile('/proc/cpuinfo', 'utf8'));
  t.log(can ? 'it can' : 'it cannot: the core hashes for itself');
  const wanted = Array.from({length: SIZE_MAX + 1}, (_, size) =>
    createHash('sha256').update(input.subarray(0, size)).digest('hex'),
  );
  t.deepEqual(stdout.split('\n'), can ? wanted : ['none']);
});
