import {mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {execa} from 'execa';
import type {Bytes} from '../../src/core/wasm_core.js';
import {InputError, type InputErrorCode} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
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
