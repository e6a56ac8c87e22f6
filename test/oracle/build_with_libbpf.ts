import {cp, mkdir, readFile} from 'node:fs/promises';
import {dirname, extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {cached, contentName, type Progress, silent} from '../rig/cache.js';
import {type DebianPackage, getPackage, type Suite} from '../rig/debian_packages.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../rig/system_packages.js';

/** The Debian release with the newest libbpf. */
const SUITE: Suite = 'sid';

/**
 * libbpf.a, what it needs, and the C library that it was compiled for: its symbol versions and
 * headers are newer than those of an older machine, so programs are linked against nothing else.
 */
const PACKAGES = [
  ...['libbpf-dev', 'libelf-dev', 'zlib1g-dev', 'libzstd-dev'],
  ...['libc6-dev', 'linux-libc-dev'],
];

/** Functions that target.c and fake_kernel.c put before those of libc and libbpf. */
const WRAPS = [
  ...['open64', 'fopen64', 'faccessat', 'gzopen64', 'uname'],
  ...['syscall', 'feat_supported'],
];

const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
const LIBRARIES = ['-lbpf', '-lelf', '-lz', '-lzstd'];

const HERE = fileURLToPath(new URL('.', import.meta.url));
const FAKE_KERNEL = ['fake_kernel', 'fake_objects', 'target'].flatMap(name => [
  `${name}.c`,
  `${name}.h`,
]);

/**
 * A static program with Debian's newest libbpf and the fake kernel of this directory, built once.
 *
 * @param name of the program in the cache
 * @param sources paths of its own `.c` and `.h` files; the fake kernel's are added
 */
export async function buildWithLibbpf(
  name: string,
  sources: readonly string[],
  progress: Progress = silent,
): Promise<string> {
  const files = [...sources, ...FAKE_KERNEL.map(file => join(HERE, file))];
  const root = await getSysroot(progress);
  const texts = await Promise.all(files.map(file => readFile(file)));
  const build = contentName(root, ...FLAGS, ...WRAPS, ...texts);
  return cached(join('oracle', `${name}-${build}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    progress(`compiling ${name}`);
    // gcc finds the headers by --sysroot, but start files and libraries in its own first.
    const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
    const paths = [`--sysroot=${root}`, `-B${libraries}`, `-L${libraries}`, `-I${HERE}`];
    const wraps = WRAPS.map(wrap => `-Wl,--wrap=${wrap}`);
    const units = files.filter(file => extname(file) === '.c');
    await execa('cc', [...paths, ...FLAGS, ...wraps, '-o', path, ...units, ...LIBRARIES]);
  });
}

let sysroot: Promise<string> | undefined;

/** One directory with the files of all packages; apt is asked once in a process. */
function getSysroot(progress: Progress): Promise<string> {
  sysroot ??= makeSysroot(progress);
  return sysroot;
}

async function makeSysroot(progress: Progress): Promise<string> {
  const packages: DebianPackage[] = [];
  for (const name of PACKAGES) packages.push(await getPackage(SUITE, name, progress));
  const versions = contentName(...packages.map(one => `${one.name} ${one.version}`));
  return cached(join('oracle', `sysroot-${versions}`), async path => {
    await mkdir(dirname(path), {recursive: true});
    for (const {directory} of packages) {
      // Links between the packages are relative.
      await cp(directory, path, {recursive: true, verbatimSymlinks: true});
    }
  });
}
