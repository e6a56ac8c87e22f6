import {access, constants, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {CACHE} from './cache.js';

export interface SystemPackage {
  /** A command to look for in PATH and the sbin directories, or an absolute path. */
  readonly lookFor: string;
  /** The Debian package that brings it. */
  readonly package: string;
}

export const QEMU: SystemPackage = {lookFor: 'qemu-system-x86_64', package: 'qemu-system-x86'};
export const ARM64_QEMU: SystemPackage = {
  lookFor: 'qemu-system-aarch64',
  package: 'qemu-system-arm',
};
export const BUSYBOX: SystemPackage = {lookFor: '/bin/busybox', package: 'busybox-static'};

/** What modules are packed with. */
export const XZ: SystemPackage = {lookFor: 'xz', package: 'xz-utils'};

/** What makes packages of kernels as Fedora and its kin have them. */
export const RPM: SystemPackage = {lookFor: 'rpmbuild', package: 'rpm'};

/** The viewer's tests are in it. */
export const CHROMIUM: SystemPackage = {lookFor: '/usr/bin/chromium', package: 'chromium'};

/** What takes a kernel's payload apart: a Debian kernel is packed with one of these. */
export const UNPACKERS: readonly SystemPackage[] = [
  {lookFor: 'lz4', package: 'lz4'},
  {lookFor: 'zstd', package: 'zstd'},
  {lookFor: 'xz', package: 'xz-utils'},
];

type CCompiler = readonly [compiler: SystemPackage, headers: SystemPackage];

export const HOST_C_COMPILER: CCompiler = [
  {lookFor: 'cc', package: 'gcc'},
  {lookFor: '/usr/include/stdio.h', package: 'libc6-dev'},
];

export const ARM64_C_COMPILER: CCompiler = [
  {lookFor: 'aarch64-linux-gnu-gcc', package: 'gcc-aarch64-linux-gnu'},
  {lookFor: '/usr/aarch64-linux-gnu/include/stdio.h', package: 'libc6-dev-arm64-cross'},
];

/** What makes C of the core, and of that the native planner. */
export const WASM_TO_C: readonly SystemPackage[] = [
  {lookFor: 'wasm2c', package: 'wabt'},
  {lookFor: 'make', package: 'make'},
  {lookFor: 'musl-gcc', package: 'musl-tools'},
];

/** What the fuzz target of the executor is built with. */
export const FUZZER: readonly SystemPackage[] = [
  {lookFor: 'clang-19', package: 'clang-19'},
  {
    lookFor: '/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.fuzzer-x86_64.a',
    package: 'libclang-rt-19-dev',
  },
];

/** What BPF objects are built with. The version is fixed: another clang gives other bytes. */
export const BPF_COMPILER: readonly SystemPackage[] = [
  {lookFor: 'clang-19', package: 'clang-19'},
  {lookFor: 'llvm-strip-19', package: 'llvm-19'},
  {lookFor: 'make', package: 'make'},
  {lookFor: '/usr/include/bpf/bpf_helpers.h', package: 'libbpf-dev'},
];

/** For what the other does not write. Debian has it since bookworm. */
export const NEWER_BPF_COMPILER: SystemPackage = {lookFor: 'clang-22', package: 'clang-22'};

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
  await runApt(`apt-get update && ${install.join(' ')}`);
  const still = await namesOfMissing(wanted);
  if (still.length > 0) {
    throw new Error(`installed, but not found afterwards: ${still.join(', ')}`);
  }
}

/** The absolute path of a command, searched in PATH and where Debian keeps root's commands. */
async function findCommand(name: string): Promise<string | undefined> {
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

async function runApt(shellLine: string): Promise<void> {
  await mkdir(CACHE, {recursive: true});
  // Test files run in processes of their own, and apt-get gives up when another one runs.
  await execa('flock', [join(CACHE, 'install-lock'), 'sh', '-c', shellLine], {
    env: {DEBIAN_FRONTEND: 'noninteractive'},
    stdin: 'ignore',
    // Standard output belongs to whoever asked for the packages.
    stdout: process.stderr,
    stderr: 'inherit',
  });
}
