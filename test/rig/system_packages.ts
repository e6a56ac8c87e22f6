import {access, constants} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';

export interface SystemPackage {
  /** A command to look for in PATH and the sbin directories, or an absolute path. */
  readonly lookFor: string;
  /** The Debian package that brings it. */
  readonly package: string;
}

export const QEMU: SystemPackage = {lookFor: 'qemu-system-x86_64', package: 'qemu-system-x86'};
export const BUSYBOX: SystemPackage = {lookFor: '/bin/busybox', package: 'busybox-static'};
export const LDD: SystemPackage = {lookFor: 'ldd', package: 'libc-bin'};
export const FLOCK: SystemPackage = {lookFor: 'flock', package: 'util-linux'};
export const TAR: SystemPackage = {lookFor: 'tar', package: 'tar'};

/** What takes a kernel's payload apart: a Debian kernel is packed with one of these. */
export const UNPACKERS: readonly SystemPackage[] = [
  {lookFor: 'lz4', package: 'lz4'},
  {lookFor: 'zstd', package: 'zstd'},
  {lookFor: 'xz', package: 'xz-utils'},
];

export const HOST_C_COMPILER: readonly SystemPackage[] = [
  {lookFor: 'cc', package: 'gcc'},
  {lookFor: '/usr/include/stdio.h', package: 'libc6-dev'},
];

/** What examples/Makefile uses. The version is fixed: another clang gives other bytes. */
export const BPF_COMPILER: readonly SystemPackage[] = [
  {lookFor: 'clang-19', package: 'clang-19'},
  {lookFor: 'llvm-strip-19', package: 'llvm-19'},
  {lookFor: 'make', package: 'make'},
  {lookFor: '/usr/include/bpf/bpf_helpers.h', package: 'libbpf-dev'},
];

export const BPFTOOL: SystemPackage = {lookFor: 'bpftool', package: 'bpftool'};

/**
 * Makes sure that every named command or file is on this machine. As root on a Debian system
 * what is missing is installed, with a line on standard error; otherwise an Error carries the
 * exact line to run.
 */
export async function ensureSystemPackages(wanted: readonly SystemPackage[]): Promise<void> {
  const missing = await namesOfMissing(wanted);
  if (missing.length === 0) return;
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !(await isPresent('apt-get'))) {
    throw new Error(`missing here: ${missing.join(', ')}. To install: sudo ${install.join(' ')}`);
  }
  process.stderr.write(`installing ${missing.join(', ')} with apt-get\n`);
  await apt(['apt-get', 'update']);
  await apt(install);
  const still = await namesOfMissing(wanted);
  if (still.length > 0) {
    throw new Error(`installed, but not found afterwards: ${still.join(', ')}`);
  }
}

/** The absolute path of a command, searched in PATH and where Debian keeps root's commands. */
export async function findCommand(name: string): Promise<string | undefined> {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  for (const directory of directories.filter(Boolean)) {
    const path = join(directory, name);
    if (await isReadable(path, constants.X_OK)) return path;
  }
  return undefined;
}

async function namesOfMissing(wanted: readonly SystemPackage[]): Promise<string[]> {
  const missing = new Set<string>();
  for (const one of wanted) {
    if (!(await isPresent(one.lookFor))) missing.add(one.package);
  }
  return [...missing];
}

async function isPresent(commandOrPath: string): Promise<boolean> {
  if (commandOrPath.startsWith('/')) return isReadable(commandOrPath, constants.R_OK);
  return (await findCommand(commandOrPath)) !== undefined;
}

async function isReadable(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

async function apt(command: readonly string[]): Promise<void> {
  const [file = '', ...rest] = command;
  // On standard error: standard output belongs to whoever asked for the packages.
  await execa(file, rest, {
    env: {DEBIAN_FRONTEND: 'noninteractive'},
    stdin: 'ignore',
    stdout: process.stderr,
    stderr: 'inherit',
  });
}
