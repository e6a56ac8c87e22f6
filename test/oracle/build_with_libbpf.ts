import {cp, mkdir, readFile, rm} from 'node:fs/promises';
import {dirname, extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {cached, contentName, type Progress, silent} from '../rig/cache.js';
import {getPackage, getPackages, type Suite} from '../rig/debian_packages.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../rig/system_packages.js';

/** Where the C library and the kernel's headers are from, whatever the libbpf. */
const SUITE: Suite = 'sid';

/** Debian's newest libbpf, 1.7 or later; or 1.1 of a release that machines have. */
const LIBBPF_SUITES = {newest: 'sid', release: 'bookworm'} as const satisfies Record<string, Suite>;

export type LibbpfVersion = keyof typeof LIBBPF_SUITES;

export const LIBBPF_VERSIONS = Object.keys(LIBBPF_SUITES);

/**
 * Before 1.4 libbpf asks what a kernel supports in a function beside those that call it, which no
 * --wrap reaches. So what calls it is made to call what --wrap would put there, and it gets the
 * name that it has since.
 */
const ASKS_INSIDE = {member: 'libbpf.o', symbol: 'kernel_supports'};
const ASKS = 'feat_supported';

/**
 * What libbpf.a needs, and the C library that it was compiled for: its symbol versions and
 * headers are newer than those of an older machine, so programs are linked against nothing else.
 */
const BESIDE_LIBBPF = ['libelf-dev', 'zlib1g-dev', 'libzstd-dev', 'libc6-dev', 'linux-libc-dev'];

/** What stands behind bpf(2): a kernel that says yes, or the one that the program runs on. */
export type KernelBehind = 'fake' | 'real';

interface Parts {
  readonly sources: readonly string[];
  /** Functions that these put before those of libc and libbpf. */
  readonly wraps: readonly string[];
}

const CALLS: Parts = {
  sources: ['calls.c', 'calls.h', 'objects.c', 'objects.h', '../rig/clock.h'],
  wraps: ['syscall', ASKS],
};

const BEHIND: Readonly<Record<KernelBehind, Parts>> = {
  fake: {
    sources: ['fake_kernel', 'fake_objects', 'target'].flatMap(name => [`${name}.c`, `${name}.h`]),
    wraps: ['open64', 'fopen64', 'faccessat', 'gzopen64', 'uname'],
  },
  real: {sources: ['real_kernel.c'], wraps: ['mmap64']},
};

/** What of libbpf_steps.ts and vm_oracle.ts is one: libbpf at work, and its steps as JSON. */
const RUN_LIBBPF = [
  ...['run_libbpf', 'settings', 'set_value', 'kernel_settings', 'step_json', 'arena_json'],
].flatMap(name => [`${name}.c`, `${name}.h`]);

const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
const LIBRARIES = ['-lbpf', '-lelf', '-lz', '-lzstd'];

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** A program that runs objects through libbpf; `main` is its own file, of this directory. */
export function buildOracle(
  main: string,
  kernel: KernelBehind,
  progress: Progress = silent,
  libbpf: LibbpfVersion = 'newest',
): Promise<string> {
  const sources = [`${main}.c`, ...RUN_LIBBPF].map(file => join(HERE, file));
  return buildWithLibbpf(main, sources, kernel, progress, libbpf);
}

/**
 * A static program with Debian's newest libbpf and a kernel of this directory, built once.
 *
 * @param name of the program in the cache
 * @param sources paths of its own `.c` and `.h` files; the kernel's are added
 */
export async function buildWithLibbpf(
  name: string,
  sources: readonly string[],
  kernel: KernelBehind,
  progress: Progress = silent,
  libbpf: LibbpfVersion = 'newest',
): Promise<string> {
  const parts = [CALLS, BEHIND[kernel]];
  const files = [...sources, ...parts.flatMap(part => part.sources.map(file => join(HERE, file)))];
  const wraps = parts.flatMap(part => part.wraps.map(wrap => `-Wl,--wrap=${wrap}`));
  const root = await getSysroot(libbpf, progress);
  const texts = await Promise.all(files.map(file => readFile(file)));
  const build = contentName(root, ...FLAGS, ...wraps, ...texts);
  return cached(join('oracle', `${name}-${build}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    progress(`compiling ${name}`);
    // gcc finds the headers by --sysroot, but start files and libraries in its own first.
    const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
    const paths = [`--sysroot=${root}`, `-B${libraries}`, `-L${libraries}`, `-I${HERE}`];
    const units = files.filter(file => extname(file) === '.c');
    await execa('cc', [...paths, ...FLAGS, ...wraps, '-o', path, ...units, ...LIBRARIES]);
  });
}

const sysroots = new Map<LibbpfVersion, Promise<string>>();

/** One directory with the files of all packages; apt is asked once in a process. */
function getSysroot(libbpf: LibbpfVersion, progress: Progress): Promise<string> {
  const made = sysroots.get(libbpf) ?? makeSysroot(libbpf, progress);
  sysroots.set(libbpf, made);
  return made;
}

async function makeSysroot(libbpf: LibbpfVersion, progress: Progress): Promise<string> {
  const packages = [
    await getPackage(LIBBPF_SUITES[libbpf], 'libbpf-dev', progress),
    ...(await getPackages(SUITE, BESIDE_LIBBPF, progress)),
  ];
  const versions = contentName(...packages.map(one => `${one.name} ${one.version}`));
  return cached(join('oracle', `sysroot-${versions}`), async path => {
    await mkdir(dirname(path), {recursive: true});
    for (const {directory} of packages) {
      // Links between the packages are relative.
      await cp(directory, path, {recursive: true, verbatimSymlinks: true});
    }
    await showQuestions(join(path, 'usr/lib/x86_64-linux-gnu/libbpf.a'));
  });
}

/** Changes an old libbpf.a so that calls.c sees its questions. */
async function showQuestions(library: string): Promise<void> {
  const {member, symbol} = ASKS_INSIDE;
  const {stdout} = await execa('nm', [library]);
  const sections = new RegExp(`^${member}:\n[^]*?^([0-9a-f]+) T ${symbol}$`, 'm').exec(stdout);
  if (sections === null || new RegExp(` T ${ASKS}$`, 'm').test(stdout)) return;
  const asked = `${ASKS}=.text:0x${sections[1]},global,function`;
  const scratch = dirname(library);
  await execa('ar', ['x', library, member], {cwd: scratch});
  await execa('objcopy', [`--add-symbol=${asked}`, join(scratch, member)]);
  await execa('ar', ['r', library, join(scratch, member)]);
  const renamed = [`--redefine-sym=${symbol}=__wrap_${ASKS}`, `--weaken-symbol=__wrap_${ASKS}`];
  await execa('objcopy', [...renamed, library]);
  await rm(join(scratch, member));
}
