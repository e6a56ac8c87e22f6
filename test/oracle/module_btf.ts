import {mkdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {execa} from 'execa';
import {moduleFiles} from '../kernel/full_kernel.js';
import {cached} from '../rig/cache.js';
import type {GuestFile} from '../rig/initramfs.js';
import type {Kernel} from '../rig/kernels.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../rig/system_packages.js';

/**
 * A file with the BTF of a module of Linux 6.1, whose package has its modules uncompressed.
 *
 * @param path of the module below `kernel/`, without `.ko`
 */
export function getModuleBtf({release, vmlinuz}: Kernel, path: string): Promise<string> {
  const module = join(dirname(vmlinuz), '../lib/modules', release, 'kernel', `${path}.ko`);
  return btfOfModule(module, release, path);
}

/** What a guest needs to have modules, and a planner to know of them. */
export interface LoadedModules {
  readonly files: readonly GuestFile[];
  /** Shell that loads them. */
  readonly prepare: string;
  /** Files with their BTF, by the kernel's name of each. */
  readonly modules: Readonly<Record<string, string>>;
}

/**
 * Modules of the full kernel, each after those that it needs.
 *
 * @param paths below `kernel/`, without `.ko`
 */
export async function loadedModules(
  kernel: Kernel,
  paths: readonly string[],
): Promise<LoadedModules> {
  const files = await moduleFiles(kernel, paths);
  const modules: Record<string, string> = {};
  for (const [i, path] of paths.entries()) {
    const name = basename(path).replaceAll('-', '_');
    modules[name] = await btfOfModule(files[i]?.hostPath ?? '', kernel.release, path);
  }
  const prepare = files.map(({guestPath}) => `insmod ${guestPath} || exit`).join('\n');
  return {files, prepare, modules};
}

function btfOfModule(module: string, release: string, path: string): Promise<string> {
  return cached(join('btf-of-modules', release, path), async made => {
    // objcopy comes with the compiler.
    await ensureSystemPackages(HOST_C_COMPILER);
    await mkdir(dirname(made), {recursive: true});
    await execa('objcopy', ['--dump-section', `.BTF=${made}`, module, '/dev/null']);
  });
}
