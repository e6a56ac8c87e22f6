import {readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {buildBpf, getVmlinuxHeader} from '../test/rig/build_bpf.js';
import {REPOSITORY} from '../test/rig/cache.js';
import {getKernel, type Kernel, type KernelId} from '../test/rig/kernels.js';
import {buildLargeObject, MANY_ROOT_TYPES, SCHEDULER} from '../test/rig/large_object.js';

/** One object for one kernel. */
export interface Workload {
  readonly kernel: Kernel;
  readonly objectPath: string;
  /** Its base name. */
  readonly objectName: string;
  readonly object: Uint8Array;
  /** For people. */
  readonly title: string;
  /** Of a warm plan with the BTF in memory, beside libbpf: 0.15 when left out. */
  readonly goal?: number;
}

const EXAMPLES = join(REPOSITORY, 'examples');

/** The second example as it is committed: a legacy one where there are no links. */
export async function exampleWorkload(id: KernelId): Promise<Workload> {
  const build = id === '6.1' ? 'second' : 'second_link';
  const path = join(EXAMPLES, `tcp/${build}.bpf.o`);
  return workloadOf(await getKernel(id), path, build);
}

/** The same with all types of the kernel in its BTF, as most people build theirs. */
export async function vmlinuxWorkload(id: KernelId): Promise<Workload> {
  const kernel = await getKernel(id);
  const section = id === '6.1' ? '.struct_ops' : '.struct_ops.link';
  const include = [join(EXAMPLES, 'include'), dirname(await getVmlinuxHeader(kernel))];
  const path = await buildBpf(join(EXAMPLES, 'tcp/second.bpf.c'), [
    // vmlinux.h of Linux 7.2 has Microsoft's anonymous members.
    ...['-fms-extensions', '-Wno-microsoft-anon-tag', '-DUSE_VMLINUX_H'],
    `-DSTRUCT_OPS_SECTION="${section}"`,
    ...include.map(directory => `-I${directory}`),
  ]);
  return workloadOf(kernel, path, 'second, built with vmlinux.h');
}

/** One that asks the kernel for many types a little: libbpf walks through all of the kernel's for each. */
export async function rootTypesWorkload(id: KernelId): Promise<Workload> {
  const kernel = await getKernel(id);
  const path = await buildLargeObject(kernel, MANY_ROOT_TYPES);
  return {...workloadOf(kernel, path, `${MANY_ROOT_TYPES.structs} root types`), goal: 0.04};
}

/** Schedulers as large as those in production, and with every callback set: none for kernels that have none. */
export async function schedulerWorkloads(id: KernelId): Promise<Workload[]> {
  if (id !== 'newest') return [];
  const kernel = await getKernel(id);
  const small = await buildLargeObject(kernel, {...SCHEDULER, callbacks: 1});
  const large = await buildLargeObject(kernel, SCHEDULER);
  return [
    workloadOf(kernel, small, 'a scheduler of one callback'),
    workloadOf(kernel, large, 'a scheduler of all callbacks'),
  ];
}

function workloadOf(kernel: Kernel, objectPath: string, title: string): Workload {
  const object = readFileSync(objectPath);
  return {kernel, objectPath, objectName: basename(objectPath), object, title};
}
