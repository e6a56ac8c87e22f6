import {chmod, copyFile, mkdir, readdir} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {execa} from 'execa';
import {BUSYBOX, ensureSystemPackages} from './system_packages.js';

/** A file of the machine that the guest shall have. */
export interface GuestFile {
  readonly hostPath: string;
  readonly guestPath: string;
  /** 0o755 when absent. */
  readonly mode?: number;
}

const DIRECTORIES = ['proc', 'sys', 'dev', 'tmp', 'out', 'root', 'usr/bin'];

/**
 * Writes a cpio archive for the kernel to unpack as its root: busybox and `files`. Not packed:
 * under TCG the guest would unpack more slowly than qemu reads a larger file.
 *
 * @param path the archive to write; a directory PATH-root is left beside it
 */
export async function writeInitramfs(files: readonly GuestFile[], path: string): Promise<void> {
  await ensureSystemPackages([BUSYBOX]);
  const root = `${path}-root`;
  for (const directory of DIRECTORIES) await mkdir(join(root, directory), {recursive: true});
  const busybox: GuestFile = {hostPath: BUSYBOX.lookFor, guestPath: '/bin/busybox'};
  for (const {guestPath, hostPath, mode} of [busybox, ...files]) {
    const inRoot = join(root, guestPath);
    await mkdir(dirname(inRoot), {recursive: true});
    await copyFile(hostPath, inRoot);
    await chmod(inRoot, mode ?? 0o755);
  }
  await writeCpio(root, path);
}

/** Written by busybox, so that no cpio package is needed. */
async function writeCpio(root: string, path: string): Promise<void> {
  const list = await execa('find', ['.', '-mindepth', '1'], {cwd: root});
  await execa(BUSYBOX.lookFor, ['cpio', '-o', '-H', 'newc', '-R', '0:0'], {
    cwd: root,
    input: list.stdout,
    stdout: {file: path},
    // With Node in it the archive is larger than what execa is willing to keep as well.
    buffer: false,
  });
}

/**
 * A command of this machine, together with the shared libraries and the dynamic linker that
 * ldd(1) names for it, each at its own path: it then runs in the guest as it does here.
 */
export async function withSharedLibraries(
  hostPath: string,
  guestPath = hostPath,
): Promise<GuestFile[]> {
  const listed = await execa('ldd', [hostPath], {reject: false});
  const files: GuestFile[] = [{hostPath, guestPath}];
  // A static binary: "not a dynamic executable", exit code 1, nothing to add.
  if (listed.exitCode !== 0) return files;
  for (const line of listed.stdout.split('\n')) {
    if (line.includes('not found')) throw new Error(`${hostPath}: ${line.trim()}`);
    const library = /(?:=>\s+|^\s*)(\/\S+) \(0x/.exec(line)?.[1];
    if (library !== undefined) files.push({hostPath: library, guestPath: library});
  }
  return files;
}

/** Every regular file below a directory, at the same place below another one in the guest. */
export async function treeFiles(hostPath: string, guestPath: string): Promise<GuestFile[]> {
  const entries = await readdir(hostPath, {recursive: true, withFileTypes: true});
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({hostPath: path, guestPath: join(guestPath, relative(hostPath, path))}));
}

/** The Node that runs this, as /usr/bin/node. A guest with it needs 1536 MiB. */
export function nodeFiles(): Promise<GuestFile[]> {
  return withSharedLibraries(process.execPath, '/usr/bin/node');
}
