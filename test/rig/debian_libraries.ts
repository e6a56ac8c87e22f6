import {readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {execa} from 'execa';
import {type Progress, silent} from './cache.js';
import {closureOf, getPackages, type Suite} from './debian_packages.js';

/** Where Debian has the libraries of all packages, and systemd those of its own. */
const DIRECTORIES = ['usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/systemd'];

export const DYNAMIC_LINKER = 'ld-linux-x86-64.so.2';

/**
 * The shared libraries that commands of a Debian package need, from that release's packages: the
 * machine may have an older libc, and not all of them.
 *
 * @param commands paths on this machine
 * @returns paths, the dynamic linker included; no two have the same name
 */
export async function debianLibraries(
  suite: Suite,
  packageName: string,
  commands: readonly string[],
  progress: Progress = silent,
): Promise<string[]> {
  const directories = await libraryDirectories(suite, packageName, progress);
  const found: string[] = [];
  for (const directory of directories) {
    const names: string[] = await readdir(directory).catch(() => []);
    found.push(...names.map(name => join(directory, name)));
  }
  const linker = found.find(path => basename(path) === DYNAMIC_LINKER);
  if (linker === undefined) throw new Error(`${suite}: no dynamic linker among the libraries`);
  const needed = new Set([linker]);
  for (const command of commands) {
    // What ldd(1) would say if the machine had these libraries.
    const path = directories.join(':');
    const listed = await execa(linker, ['--library-path', path, '--list', command]);
    for (const [, library = ''] of listed.stdout.matchAll(/=> (\/\S+) \(0x/g)) {
      if (basename(library) !== DYNAMIC_LINKER) needed.add(library);
    }
  }
  return [...needed];
}

/** Those of a package and of all that it needs, directly or not. */
async function libraryDirectories(
  suite: Suite,
  name: string,
  progress: Progress,
): Promise<string[]> {
  const packages = await getPackages(suite, await closureOf(suite, name, progress), progress);
  return packages.flatMap(({directory}) => DIRECTORIES.map(path => join(directory, path)));
}
