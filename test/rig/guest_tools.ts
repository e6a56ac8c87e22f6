import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {cached, contentName, REPOSITORY} from './cache.js';
import type {GuestFile} from './initramfs.js';
import type {Kernel} from './kernels.js';
import {ARM64_C_COMPILER, ensureSystemPackages, HOST_C_COMPILER} from './system_packages.js';

const GUEST = fileURLToPath(new URL('guest', import.meta.url));
// Static: a guest has no libraries but those of commands that bring theirs.
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];

const COUNTS = ['bpf_counts.c', 'bpf_counts.h'];
const CLOCK = ['../clock.h'];
const REGISTRATIONS = ['registrations.c', 'registrations.h'];
/** Tool -> what it is compiled from beside `<tool>.c`. */
const TOOLS = {
  foreground: [],
  kills: [...COUNTS, ...REGISTRATIONS],
  objects: COUNTS,
  settle: COUNTS,
  swaps: [...COUNTS, ...REGISTRATIONS, ...CLOCK],
  traffic: [],
  transfer: CLOCK,
  with_file_capabilities: [],
  without: [],
} as const;

/** A command from `guest/<name>.c`, whose head says what it does, for the guest's /usr/bin. */
export async function guestTool(
  name: keyof typeof TOOLS,
  kernelId?: Kernel['id'],
): Promise<GuestFile> {
  const sources = [`${name}.c`, ...TOOLS[name]].map(file => join(GUEST, file));
  const texts = await Promise.all(sources.map(path => readFile(path)));
  const compiler = kernelId === 'arm64' ? ARM64_C_COMPILER : HOST_C_COMPILER;
  const [{lookFor: cc}] = compiler;
  const build = contentName(...texts, FLAGS.join(), cc);
  const hostPath = await cached(join('guest', `${name}-${build}`), async path => {
    await ensureSystemPackages(compiler);
    await execa(cc, [...FLAGS, '-o', path, ...sources.filter(source => source.endsWith('.c'))]);
  });
  return {hostPath, guestPath: `/usr/bin/${name}`};
}

/** The executor with guest/stop_at.c in it, as /usr/bin/stopping-shim, for the tool `kills`. */
export async function stoppingExecutor(): Promise<GuestFile> {
  const shim = join(REPOSITORY, 'shim');
  const stopAt = join(GUEST, 'stop_at.c');
  const names = (await readdir(shim)).filter(name => /\.[ch]$|^Makefile$/.test(name)).sort();
  const texts = await Promise.all([stopAt, ...names.map(name => join(shim, name))].map(readBytes));
  const sources = [...names.filter(name => name.endsWith('.c')), stopAt];
  const hostPath = await cached(join('guest', `stopping-shim-${contentName(...texts)}`), path =>
    execa('make', [
      ...['-s', '-C', shim, `PROGRAM=${path}`, `SOURCES=${sources.join(' ')}`],
      'LDFLAGS=-static -s -Wl,--wrap=sys_bpf',
    ]),
  );
  return {hostPath, guestPath: '/usr/bin/stopping-shim'};
}

const readBytes = (path: string) => readFile(path);
