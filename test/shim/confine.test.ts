import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';

/** What the executor gives up before it reads a plan: shim/confine.c as it ships, without sanitizers. */

const PROGRAM = join(REPOSITORY, 'build/test/confine');

test.before(async () => {
  const sources = ['test/shim/confine_main.c', 'shim/confine.c'];
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-static'];
  await execa('mkdir', ['-p', join(REPOSITORY, 'build/test')]);
  await execa('cc', [...flags, ...sources, '-o', PROGRAM], {cwd: REPOSITORY});
});

test('reading, memory, and the commands of the table are left', async t => {
  const {stdout} = await execa(PROGRAM, ['allowed']);
  t.regex(stdout, /^NoNewPrivs:\t1$/m);
  t.regex(stdout, /^Seccomp:\t2$/m);
  for (const set of ['Inh', 'Eff', 'Amb']) t.regex(stdout, new RegExp(`^Cap${set}:\t0{16}$`, 'm'));
  const [, permitted = ''] = /^CapPrm:\t([0-9a-f]{16})$/m.exec(stdout) ?? [];
  // CAP_NET_ADMIN, SYS_ADMIN, SYSLOG, PERFMON, BPF.
  t.is(BigInt(`0x${permitted}`) & ~0xc400201000n, 0n);
});

const GONE = [
  ...['execve', 'socket', 'clone', 'ptrace', 'write a file', 'create a file', 'make code'],
  ...['mprotect', 'BPF_PROG_ATTACH', 'BPF_PROG_TEST_RUN', 'x32'],
];
for (const what of GONE) {
  test(`ends the process: ${what}`, async t => {
    const {signal} = await execa(PROGRAM, [what], {reject: false});
    t.is(signal, 'SIGSYS');
  });
}

/** The words of a C array that begin with `prefix`. */
function wordsOf(source: string, array: string, prefix: string): string[] {
  const [, body = ''] = source.split(`${array}[] = {`);
  const words = (body.split('};')[0] ?? '').match(new RegExp(`${prefix}\\w+`, 'g')) ?? [];
  return [...new Set(words)].sort();
}

test('PRIVILEGE.md lists the commands and system calls that are left, and no other', async t => {
  const source = await readFile(join(REPOSITORY, 'shim/confine.c'), 'utf8');
  const text = await readFile(join(REPOSITORY, 'shim/PRIVILEGE.md'), 'utf8');
  const section = (heading: string) => (text.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')[0];
  const named = (part: string | undefined, pattern: RegExp) =>
    [...new Set((part ?? '').match(pattern) ?? [])].sort();
  const calls = wordsOf(source, 'calls', 'SYS_').map(word => word.slice(4));
  const listed = named(section('System calls'), /`[a-z0-9_]+`/g)
    .map(word => word.slice(1, -1))
    .sort();
  t.deepEqual(listed, [...calls, 'bpf', 'mmap', 'openat'].sort());
  const commands = wordsOf(source, 'bpf_commands', '(?:BPF|CMD)_').map(word =>
    word.replace('CMD_', 'BPF_'),
  );
  t.deepEqual(named(section('Commands of bpf(2)'), /BPF_[A-Z_]+/g), commands.sort());
  t.true(commands.length > 20 && calls.length > 20);
});
