import {mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {execa} from 'execa';
import type {Bytes} from '../../src/core/wasm_core.js';
import {InputError, type InputErrorCode} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {planObject} from '../../src/plan/plan_object.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {getKernel} from '../rig/kernels.js';

let directory = '';
let btfPath = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-btf-'));
  btfPath = (await getKernel('6.12')).btf;
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

function allBytes(bytes: Bytes): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  const target = new Uint8Array(bytes.size);
  bytes.readInto(target);
  return target;
}

test('a file is read whole, in its order', async t => {
  t.true((await readFile(btfPath)).equals(Buffer.from(allBytes(openBtf(btfPath)))));
});

test('a file of sysfs, which gives a page a read, is read whole', async t => {
  const path = '/sys/kernel/btf/vmlinux';
  const known = await stat(path).catch(() => undefined);
  if (known === undefined) {
    const error = t.throws(() => openBtf(), {instanceOf: InputError});
    t.is(error?.code, 'FILE_NOT_FOUND');
    return;
  }
  t.true((await readFile(path)).equals(Buffer.from(allBytes(openBtf()))));
});

/** A copy of the BTF with one byte changed. */
async function copyWithout(at: number): Promise<{path: string; bytes: Buffer}> {
  const path = join(await mkdtemp(join(directory, 'changed-')), 'btf');
  const bytes = await readFile(btfPath);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(path, bytes);
  return {path, bytes};
}

function isSame(path: string, held: Uint8Array): boolean | undefined {
  const bytes = openBtf(path);
  if (bytes instanceof Uint8Array) throw new Error('the file was read at once');
  return bytes.isSame?.(held);
}

test('a file is the same as its bytes, and not once any of them has changed', async t => {
  const held = await readFile(btfPath);
  t.true(isSame(btfPath, held));
  // The library looks at 256 KiB at a time.
  const windowSize = 2 ** 18;
  for (const at of [8, windowSize - 1, windowSize, held.length - 1]) {
    const {path, bytes} = await copyWithout(at);
    t.false(isSame(path, held), `byte ${at}`);
    t.true(isSame(path, bytes), `byte ${at}`);
  }
});

test('a file that has changed since the last plan: the next is for what it is now', async t => {
  const object = await exampleObject('second');
  const plan = (kernelBtf: Bytes) => planObject({object, objectName: 'second.bpf.o', kernelBtf});
  const before = plan(openBtf(btfPath));
  // The last letter of the last name.
  const {path, bytes} = await copyWithout((await stat(btfPath)).size - 2);
  const after = plan(openBtf(path));
  t.notDeepEqual(after.bytes, before.bytes);
  t.deepEqual(after.bytes, plan(bytes).bytes);
  t.deepEqual(plan(openBtf(btfPath)).bytes, before.bytes);
});

test('a pipe is read to its end', async t => {
  const pipe = join(directory, 'pipe');
  await execa('mkfifo', [pipe]);
  // It waits for a reader, which there is none of where the script below fails.
  const cat = execa('sh', ['-c', `cat ${btfPath} > ${pipe}; true`], {
    timeout: 60_000,
    reject: false,
  });
  const {stdout} = await execa({encoding: 'buffer', maxBuffer: 2 ** 26})('node', [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    READ_AND_PRINT,
    pipe,
  ]);
  await cat;
  t.true((await readFile(btfPath)).equals(Buffer.from(stdout)));
});

const READ_AND_PRINT = `
  import {openBtf} from './src/inputs/kernel_btf.ts';
  process.stdout.write(openBtf(process.argv[1]));
`;

test('a file that becomes shorter is noticed', async t => {
  const path = join(directory, 'shrinks');
  await writeFile(path, Buffer.alloc(100, 1));
  const source = openBtf(path);
  await writeFile(path, Buffer.alloc(60, 1));
  const error = t.throws(() => allBytes(source), {instanceOf: InputError});
  t.regex(error?.why ?? '', /ended after 60 of 100 bytes/);
});

const refuses = test.macro({
  async exec(
    t,
    prepare: (path: string) => Promise<unknown>,
    code: InputErrorCode,
    message: RegExp,
  ) {
    const path = join(await mkdtemp(join(directory, 'case-')), 'input');
    await prepare(path);
    const error = t.throws(() => openBtf(path), {instanceOf: InputError});
    t.is(error?.code, code);
    t.regex(error?.message ?? '', message);
    t.true(error?.shortMessage.includes(path));
  },
  title: (title = '') => `refused: ${title}`,
});

const holding = (start: string | Uint8Array) => (path: string) => writeFile(path, start);

test('no such file', refuses, async () => {}, 'FILE_NOT_FOUND', /no such file/);
test('a directory', refuses, path => execa('mkdir', [path]), 'FILE_NOT_READABLE', /is a directory/);
test(
  'a symbolic link to itself',
  refuses,
  path => symlink(path, path),
  'FILE_NOT_READABLE',
  /in a circle/,
);
test(
  'a device without an end',
  refuses,
  path => symlink('/dev/zero', path),
  'INPUT_SIZE',
  /more than 268435456 bytes/,
);
test('an ELF file', refuses, holding('\x7fELF\x02\x01\x01'), 'NOT_RAW_BTF', /objcopy/);
test('a bzImage', refuses, holding('MZ\xea\x07'), 'NOT_RAW_BTF', /extract-vmlinux/);
test('packed by gzip', refuses, holding(gzipSync('x')), 'NOT_RAW_BTF', /zcat/);

test('the command that is advised for an ELF file takes its BTF out', async t => {
  const elf = join(directory, 'vmlinux');
  await execa('objcopy', ['--add-section', `.BTF=${btfPath}`, process.execPath, elf]);
  const error = t.throws(() => openBtf(elf), {instanceOf: InputError});
  const command = /objcopy .*$/m.exec(error?.hint ?? '')?.[0] ?? 'false';
  await execa('sh', ['-c', command], {cwd: directory});
  t.true((await readFile(btfPath)).equals(await readFile(join(directory, 'kernel.btf'))));
});
