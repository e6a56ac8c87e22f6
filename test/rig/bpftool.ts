import {chmod, copyFile, mkdir, readdir, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {execa} from 'execa';
import {cached, type Progress, silent} from './cache.js';
import {dependenciesOf, getPackage, type Suite} from './debian_packages.js';
import type {GuestFile} from './initramfs.js';

/** The first Debian release whose bpftool attaches `.struct_ops.link`. */
const SUITE: Suite = 'trixie';

/** Runs the command with the libraries beside it; the machine may have an older libc. */
const WRAPPER = `#!/bin/sh
lib="\${0%/*}/../lib/bpftool"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$lib/bpftool" "$@"
`;

/**
 * Debian's bpftool, which is libbpf with a command line: the oracle of the tests.
 *
 * @returns a directory with bin/bpftool, to be run by its absolute path, and lib/bpftool
 */
export async function getBpftool(progress: Progress = silent): Promise<string> {
  const bpftool = await getPackage(SUITE, 'bpftool', progress);
  return cached(`bpftool-${bpftool.version}`, async path => {
    const libraries = await libraryDirectories('bpftool', progress);
    const command = join(bpftool.directory, 'usr/sbin/bpftool');
    await mkdir(join(path, 'bin'), {recursive: true});
    await mkdir(join(path, 'lib/bpftool'), {recursive: true});
    for (const file of [command, ...(await librariesOf(command, libraries))]) {
      await copyFile(file, join(path, 'lib/bpftool', basename(file)));
    }
    const wrapper = join(path, 'bin/bpftool');
    await writeFile(wrapper, WRAPPER);
    await chmod(wrapper, 0o755);
  });
}

/** bpftool for a guest, as /usr/bin/bpftool. */
export async function bpftoolFiles(progress: Progress = silent): Promise<GuestFile[]> {
  const directory = await getBpftool(progress);
  const libraries = await readdir(join(directory, 'lib/bpftool'));
  return ['bin/bpftool', ...libraries.map(name => `lib/bpftool/${name}`)].map(path => ({
    hostPath: join(directory, path),
    guestPath: `/usr/${path}`,
  }));
}

/** Where the packages that a package needs, directly or not, have their libraries. */
async function libraryDirectories(name: string, progress: Progress): Promise<string[]> {
  const wanted = [name];
  const directories: string[] = [];
  // Grows while it is walked.
  for (const one of wanted) {
    for (const needed of await dependenciesOf(SUITE, one, progress)) {
      if (!wanted.includes(needed)) wanted.push(needed);
    }
    const {directory} = await getPackage(SUITE, one, progress);
    directories.push(join(directory, 'usr/lib/x86_64-linux-gnu'));
  }
  return directories;
}

/** What ldd(1) would say if the machine had these libraries, the dynamic linker included. */
async function librariesOf(command: string, directories: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const directory of directories) {
    const names: string[] = await readdir(directory).catch(() => []);
    found.push(...names.map(name => join(directory, name)));
  }
  const linker = found.find(path => basename(path) === 'ld-linux-x86-64.so.2');
  if (linker === undefined) throw new Error(`${SUITE}: no dynamic linker among the libraries`);
  const listed = await execa(linker, ['--library-path', directories.join(':'), '--list', command]);
  const needed = [...listed.stdout.matchAll(/=> (\/\S+) \(0x/g)].map(match => match[1] ?? '');
  return [linker, ...needed.filter(path => basename(path) !== basename(linker))];
}
