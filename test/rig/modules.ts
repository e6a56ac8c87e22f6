import {mkdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {execa} from 'execa';
import {cached, exists} from './cache.js';
import {getPackage} from './debian_packages.js';
import type {GuestFile} from './initramfs.js';
import type {Kernel} from './kernels.js';
import {ensureSystemPackages, HOST_C_COMPILER, XZ} from './system_packages.js';

/** What a guest needs to have modules, and a planner to know of them. */
export interface LoadedModules {
  /** Each as /lib/modules/NAME.ko. */
  readonly files: readonly GuestFile[];
  /** Shell that loads them. */
  readonly prepare: string;
  /** Files with their BTF, by the kernel's name of each. */
  readonly modules: Readonly<Record<string, string>>;
}

/**
 * Modules of a Debian kernel.
 *
 * @param paths below `kernel/`, without `.ko`; each after those that it needs
 */
export async function debianModules(
  kernel: Kernel,
  paths: readonly string[],
): Promise<LoadedModules> {
  const modules: Record<string, string> = {};
  const files: GuestFile[] = [];
  for (const path of paths) {
    const hostPath = await getModule(kernel, path);
    files.push(moduleFile(hostPath));
    modules[basename(path).replaceAll('-', '_')] = await btfOf(hostPath, kernel, path);
  }
  return loadedInOrder(files, modules);
}

/** Files that moduleFile() made are loaded in their order. */
export function loadedInOrder(
  files: readonly GuestFile[],
  modules: Readonly<Record<string, string>>,
): LoadedModules {
  const prepare = files.map(({guestPath}) => `insmod ${guestPath} || exit`).join('\n');
  return {files, modules, prepare};
}

/** Modules of a Debian kernel, for insmod, when nobody needs their BTF. */
export function moduleFiles(kernel: Kernel, paths: readonly string[]): Promise<GuestFile[]> {
  return Promise.all(paths.map(async path => moduleFile(await getModule(kernel, path))));
}

export function moduleFile(hostPath: string): GuestFile {
  return {hostPath, guestPath: `/lib/modules/${basename(hostPath)}`};
}

/** A file with the raw split BTF of a module; `path` as for debianModules(). */
export async function getModuleBtf(kernel: Kernel, path: string): Promise<string> {
  return btfOf(await getModule(kernel, path), kernel, path);
}

async function getModule(kernel: Kernel, path: string): Promise<string> {
  const plain = join(await directoryOfModules(kernel), 'kernel', `${path}.ko`);
  if (await exists(plain)) return plain;
  await ensureSystemPackages([XZ]);
  return cached(join('modules', kernel.release, `${path}.ko`), made =>
    execa('xz', ['-dc', `${plain}.xz`], {stdout: {file: made}}),
  );
}

/** Beside the image, in the same package; or, since 7.2, in one of their own. */
async function directoryOfModules({id, release, vmlinuz}: Kernel): Promise<string> {
  if (id === 'newest') {
    const {directory} = await getPackage('sid', `linux-modules-${release}`);
    return join(directory, 'usr/lib/modules', release);
  }
  const root = dirname(dirname(vmlinuz));
  const merged = join(root, 'usr/lib/modules', release);
  return (await exists(merged)) ? merged : join(root, 'lib/modules', release);
}

function btfOf(module: string, {release}: Kernel, path: string): Promise<string> {
  return cached(join('btf-of-modules', release, path), async made => {
    // objcopy comes with the compiler.
    await ensureSystemPackages(HOST_C_COMPILER);
    await mkdir(dirname(made), {recursive: true});
    await execa('objcopy', ['--dump-section', `.BTF=${made}`, module, '/dev/null']);
  });
}
