import {mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {cached} from '../rig/cache.js';
import type {Kernel} from '../rig/kernels.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../rig/system_packages.js';

/**
 * A file with the BTF of a module of Linux 6.1, whose package has its modules uncompressed.
 *
 * @param path of the module below `kernel/`, without `.ko`
 */
export async function getModuleBtf({release, vmlinuz}: Kernel, path: string): Promise<string> {
  const module = join(dirname(vmlinuz), '../lib/modules', release, 'kernel', `${path}.ko`);
  return cached(join('btf-of-modules', release, path), async made => {
    // objcopy comes with the compiler.
    await ensureSystemPackages(HOST_C_COMPILER);
    await mkdir(dirname(made), {recursive: true});
    await execa('objcopy', ['--dump-section', `.BTF=${made}`, module, '/dev/null']);
  });
}
