import {cp, mkdir, readFile, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {execa} from 'execa';
import {getBpftool} from './bpftool.js';
import {cached, contentName, REPOSITORY} from './cache.js';
import type {Kernel} from './kernels.js';
import {BPF_COMPILER, ensureSystemPackages} from './system_packages.js';

const EXAMPLES = join(REPOSITORY, 'examples');

// The compilation directory "." and a relative source keep every path out of the object.
const FLAGS = [
  ...['--target=bpfel', '-mcpu=v3', '-O2', '-g', '-fdebug-compilation-dir=.', '-std=gnu11'],
  ...['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter'],
];

/**
 * Compiles one C file to a BPF object without DWARF, in the cache.
 *
 * @param source path of the `.bpf.c`; its bytes, not those of its headers, name the result
 * @param flags of clang, beyond the fixed ones: -D, -I; CO-RE needs the -g among those
 * @returns path of the object, named as the source: the name is part of its maps' names
 */
export async function buildBpf(source: string, flags: readonly string[] = []): Promise<string> {
  const build = contentName(await readFile(source), ...FLAGS, ...flags);
  const name = basename(source).replace(/\.c$/, '.o');
  const directory = await cached(join('bpf', build), async path => {
    await ensureSystemPackages(BPF_COMPILER);
    await mkdir(path);
    const object = join(path, name);
    const args = [...FLAGS, ...flags, '-c', basename(source), '-o', object];
    await execa('clang-19', args, {cwd: dirname(source)});
    await execa('llvm-strip-19', ['--strip-debug', object]);
  });
  return join(directory, name);
}

/**
 * Builds all examples in a copy of their directory, with their Makefile.
 *
 * @param copy a directory that does not exist; the objects are in its tcp/
 * @param variables for make, as `NAME=value`
 */
export async function buildExamples(
  copy: string,
  variables: readonly string[] = [],
): Promise<void> {
  await ensureSystemPackages(BPF_COMPILER);
  await cp(EXAMPLES, copy, {recursive: true, filter: path => !path.endsWith('.o')});
  await execa('make', ['-s', '-C', copy, ...variables]);
}

/** Builds the examples with a kernel's own types; returns the directory of the objects. */
export async function buildExamplesWithVmlinux(kernel: Kernel, copy: string): Promise<string> {
  await buildExamples(copy, [`VMLINUX_DIR=${dirname(await getVmlinuxHeader(kernel))}`]);
  return join(copy, 'tcp');
}

/** The vmlinux.h that bpftool makes from a kernel's BTF. */
export async function getVmlinuxHeader(kernel: Kernel): Promise<string> {
  const directory = await cached(join('vmlinux', kernel.release), async path => {
    const bpftool = join(await getBpftool(), 'bin/bpftool');
    const dumped = await execa(bpftool, ['btf', 'dump', 'file', kernel.btf, 'format', 'c']);
    await mkdir(path);
    await writeFile(join(path, 'vmlinux.h'), dumped.stdout);
  });
  return join(directory, 'vmlinux.h');
}
