import {mkdir, readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {getVmlinuxHeader} from '../rig/build_bpf.js';
import {cached, contentName} from '../rig/cache.js';
import type {Kernel} from '../rig/kernels.js';
import {debianModules, loadedInOrder, moduleFile} from '../rig/modules.js';
import {BPF_COMPILER, ensureSystemPackages, HOST_C_COMPILER} from '../rig/system_packages.js';
import {btfOfModule, OF_MODULE} from './btf_of_module.js';

const SOURCE = fileURLToPath(new URL('of_module.c', import.meta.url));

/** As the kernel is compiled, in what another way of calling or addressing would break. */
const FLAGS = [
  ...['--target=x86_64-linux-gnu', '-O2', '-std=gnu11', '-ffreestanding', '-fno-strict-aliasing'],
  ...['-mcmodel=kernel', '-fno-pic', '-fno-pie', '-mno-red-zone', '-mno-sse', '-mno-80387'],
  ...['-fno-stack-protector', '-fno-asynchronous-unwind-tables', '-fcf-protection=branch'],
  ...['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', '-DBPF_NO_PRESERVE_ACCESS_INDEX'],
  // vmlinux.h of Linux 7.2 has Microsoft's anonymous members.
  ...['-fms-extensions', '-Wno-microsoft-anon-tag'],
];

/** Modules of Debian's kernels, and of_module.c where a module can have a kind of struct_ops. */
export async function modulesOfAll(kernel: Kernel, debian: readonly string[]) {
  const {files, modules} = await debianModules(kernel, debian);
  if (kernel.id !== '6.12' && kernel.id !== 'newest') return loadedInOrder(files, modules);
  const {path: btf, kfuncId} = await btfOfModule(kernel.id);
  const built = moduleFile(await buildModule(kernel, btf, kfuncId));
  return loadedInOrder([...files, built], {...modules, [OF_MODULE]: btf});
}

/** With its BTF in it, as insmod takes it; built once. */
async function buildModule(kernel: Kernel, btf: string, kfuncId: number): Promise<string> {
  const header = await getVmlinuxHeader(kernel);
  const flags = [...FLAGS, `-DMODULE_KFUNC_ID=${kfuncId}`];
  const build = contentName(kernel.release, ...flags, await readFile(SOURCE), await readFile(btf));
  const directory = await cached(join('modules-made', build), async made => {
    // objcopy comes with the compiler.
    await ensureSystemPackages([...BPF_COMPILER, ...HOST_C_COMPILER]);
    await mkdir(made, {recursive: true});
    const module = join(made, `${OF_MODULE}.ko`);
    await execa('clang-19', [...flags, `-I${dirname(header)}`, '-c', SOURCE, '-o', module]);
    await execa('objcopy', ['--add-section', `.BTF=${btf}`, module]);
  });
  return join(directory, `${OF_MODULE}.ko`);
}
