import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import test from 'ava';
import {buildBpf} from './build_bpf.js';
import {REPOSITORY} from './cache.js';

const FIRST = join(REPOSITORY, 'examples/tcp/first.bpf.c');
const INCLUDE = ['-I', '../include'];

test('an object has BTF and neither DWARF nor a path of this machine', async t => {
  const path = await buildBpf(FIRST, INCLUDE);
  t.is(basename(path), 'first.bpf.o');
  const object = await readFile(path);
  t.is(object.readUInt16LE(18), 247, 'e_machine is EM_BPF');
  t.true(object.includes('.BTF.ext\0'));
  t.false(object.includes('.debug_info'));
  t.false(object.includes(REPOSITORY));
});
