import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile, stat} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {execa} from 'execa';
import {getPackage} from '../rig/debian_packages.js';
import {compile} from './fake_executor.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function files(folder: string): Promise<string[]> {
  const names = await readdir(ROOT + folder);
  return names.filter(name => /\.[ch]$/.test(name)).map(name => `${folder}/${name}`);
}

test('C is formatted as .clang-format has it', async t => {
  const all = [...(await files('shim')), ...(await files('test/shim'))];
  await t.notThrowsAsync(execa('clang-format-19', ['--dry-run', '-Werror', ...all], {cwd: ROOT}));
});

test("gcc's static analyser finds nothing in shim/", async t => {
  for (const file of (await files('shim')).filter(name => name.endsWith('.c'))) {
    const flags = ['-std=c11', '-O2', '-fanalyzer', '-Wall', '-Wextra', '-Wconversion', '-Werror'];
    const defines = ['-D_GNU_SOURCE', '-DSHIM_VERSION="0"'];
    await t.notThrowsAsync(
      execa('gcc', [...flags, ...defines, '-c', file, '-o', '/dev/null'], {cwd: ROOT}),
    );
  }
});

test("the executor's numbers of the kernel are those of its newest linux/bpf.h", async t => {
  const {directory} = await getPackage('sid', 'linux-libc-dev');
  const headers = ['-isystem', `${directory}/usr/include`];
  const program = await compile('permit_offsets', ['test/shim/permit_offsets.c'], headers);
  const {stdout} = await execa(program);
  t.regex(stdout, /^[5-9]\d fields$/);
});

test('the executor is one static file, and answers without privilege', async t => {
  await execa('make', ['-s', '-C', 'shim', 'PROGRAM=../build/test/source_shim'], {cwd: ROOT});
  const program = `${ROOT}build/test/source_shim`;
  const {stdout} = await execa('file', [program]).catch(() =>
    execa('ldd', [program], {reject: false}),
  );
  t.regex(stdout, /statically linked|not a dynamic executable|^$/);
  t.true((await stat(program)).size < 1 << 20);
  t.regex((await execa(program, ['--version'])).stdout, /^structops-shim \d+\.\d+\.\d+$/);
  t.regex((await execa(program, ['--help'])).stdout, /^usage: /);
  const {stdout: answer, exitCode} = await execa(program, ['--check'], {input: 'x', reject: false});
  t.is(JSON.parse(answer).reason, 'truncated');
  t.is(exitCode, 2);
});

test('an fd that its caller forgot is closed before a plan is read', async t => {
  await execa('make', ['-s', '-C', 'shim', 'PROGRAM=../build/test/fds_shim'], {cwd: ROOT});
  const child = spawn(`${ROOT}build/test/fds_shim`, ['--check'], {
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
  });
  const forgotten = child.stdio[3] as Readable;
  // It waits for a frame, so the end of this stream is not that of the process.
  await once(forgotten.resume(), 'end');
  t.is(child.exitCode, null);
  child.stdin?.end();
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

/** The reasons of a table of docs/executor.md, whose heading is given. */
async function reasonsIn(heading: string): Promise<string[]> {
  const docs = await readFile(`${ROOT}docs/executor.md`, 'utf8');
  const [, section = ''] = docs.split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
  const named = rows.flatMap(cell =>
    [...cell.matchAll(/`([a-z_]+)`/g)].map(([, word = '']) => word),
  );
  return named.sort();
}

/** The words that a pattern finds in files of shim/, each once. */
async function wordsIn(names: readonly string[], pattern: RegExp): Promise<string[]> {
  const text = await Promise.all(names.map(name => readFile(`${ROOT}shim/${name}`, 'utf8')));
  const words = [...text.join('').matchAll(pattern)].flatMap(([, ...found]) => found);
  return [...new Set(words.filter(Boolean))].sort();
}

test('docs/executor.md names every reason of plan_refused, and no other', async t => {
  const files = ['plan_parse.c', 'plan_parse_patch.c', 'permit_check.c'];
  // Words in quotes after refuse(plan, return or wrong =.
  const uses = /(?:refuse\(plan,|return|wrong =) (?:[^;"]*\? )?"([a-z_]+)"(?: : "([a-z_]+)")?/g;
  const used = await wordsIn(files, uses);
  t.true(used.length > 40);
  t.deepEqual(used, await reasonsIn('Reasons of `plan_refused`'));
});

test('docs/executor.md names every reason of step_failed, and no other', async t => {
  const used = await wordsIn(
    ['values.c', 'ksyms.c', 'steps.c'],
    /fail\((?:failure|outcome), "([a-z_]+)"/g,
  );
  t.deepEqual(used, await reasonsIn('Reasons of `step_failed`'));
});
