import {chmod, copyFile, mkdir, readdir, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {cached, type Progress, silent} from './cache.js';
import {debianLibraries} from './debian_libraries.js';
import {getPackage, type Suite} from './debian_packages.js';
import type {GuestFile} from './initramfs.js';

/** A command of a Debian package. */
export interface DebianCommand {
  readonly suite: Suite;
  readonly package: string;
  /** In the package, such as `usr/sbin/bpftool`. */
  readonly path: string;
}

/** Runs a command with the libraries beside it; the machine may have an older libc. */
const wrapperOf = (name: string) => `#!/bin/sh
lib="\${0%/*}/../lib/${name}"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$lib/${name}" "$@"
`;

/**
 * A command that runs on this machine and in guests, whatever they have installed.
 *
 * @returns a directory with bin/NAME, to be run by its absolute path, and lib/NAME
 */
export async function getDebianCommand(
  {suite, package: packageName, path}: DebianCommand,
  progress: Progress = silent,
): Promise<string> {
  const {version, directory} = await getPackage(suite, packageName, progress);
  const name = basename(path);
  return cached(`${name}-${version}`, async made => {
    const command = join(directory, path);
    await mkdir(join(made, 'bin'), {recursive: true});
    await mkdir(join(made, 'lib', name), {recursive: true});
    const libraries = await debianLibraries(suite, packageName, [command], progress);
    for (const file of [command, ...libraries]) {
      await copyFile(file, join(made, 'lib', name, basename(file)));
    }
    const wrapper = join(made, 'bin', name);
    await writeFile(wrapper, wrapperOf(name));
    await chmod(wrapper, 0o755);
  });
}

/** The same for a guest, as /usr/bin/NAME. */
export async function debianCommandFiles(
  command: DebianCommand,
  progress: Progress = silent,
): Promise<GuestFile[]> {
  const name = basename(command.path);
  const directory = await getDebianCommand(command, progress);
  const libraries = await readdir(join(directory, 'lib', name));
  return [`bin/${name}`, ...libraries.map(library => `lib/${name}/${library}`)].map(path => ({
    hostPath: join(directory, path),
    guestPath: `/usr/${path}`,
  }));
}
