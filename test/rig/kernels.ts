import {readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {cached, exists, type Progress, silent} from './cache.js';
import {dependenciesOf, getPackage, type Suite} from './debian_packages.js';
import {readBtfOfImage} from './kernel_image.js';

export type KernelId = '6.1' | '6.12' | 'newest' | 'newest-full';

/** The kernels that every kernel test runs on. */
export const KERNEL_IDS = ['6.1', '6.12', 'newest'] as const satisfies readonly KernelId[];

export interface Kernel {
  readonly id: KernelId;
  /** What `uname -r` says in it. */
  readonly release: string;
  /** A bzImage. */
  readonly vmlinuz: string;
  /** A file with the raw BTF, the same bytes as the kernel's /sys/kernel/btf/vmlinux. */
  readonly btf: string;
  /** A directory with `kernel/`, as /lib/modules/RELEASE; absent when the package has none. */
  readonly modulesDirectory: string | undefined;
}

const ORIGINS: Record<KernelId, {suite: Suite; metaPackage: string}> = {
  '6.1': {suite: 'bookworm', metaPackage: 'linux-image-cloud-amd64'},
  '6.12': {suite: 'trixie', metaPackage: 'linux-image-cloud-amd64'},
  newest: {suite: 'sid', metaPackage: 'linux-image-cloud-amd64'},
  // The cloud flavour leaves out drivers, HID among them.
  'newest-full': {suite: 'sid', metaPackage: 'linux-image-amd64'},
};

/** A Debian kernel, downloaded and unpacked into the cache, with its BTF taken out. */
export async function getKernel(id: KernelId, progress: Progress = silent): Promise<Kernel> {
  const {suite, metaPackage} = ORIGINS[id];
  const names = await packagesOf(suite, metaPackage, progress);
  const roots: string[] = [];
  for (const name of names) roots.push((await getPackage(suite, name, progress)).directory);
  const {release, vmlinuz} = await findImage(roots, names);
  const btf = await cached(join('btf', release), async path => {
    progress(`taking the BTF out of ${release}`);
    await writeFile(path, await readBtfOfImage(vmlinuz));
  });
  return {id, release, vmlinuz, btf, modulesDirectory: await findModules(roots, release)};
}

/**
 * The packages with the image and the modules. Up to 7.1 both are in linux-image-RELEASE; since
 * then that one is a meta package for linux-binary-RELEASE and linux-modules-RELEASE.
 */
async function packagesOf(suite: Suite, metaPackage: string, progress: Progress) {
  const image = (await dependenciesOf(suite, metaPackage, progress)).find(name =>
    name.startsWith('linux-image-'),
  );
  if (image === undefined) throw new Error(`${suite}: ${metaPackage} depends on no linux-image`);
  const parts = (await dependenciesOf(suite, image, progress)).filter(name =>
    /^linux-(binary|modules)-\d/.test(name),
  );
  return parts.length > 0 ? parts : [image];
}

async function findImage(roots: readonly string[], names: readonly string[]) {
  for (const root of roots) {
    const inBoot = await namesIn(join(root, 'boot'));
    const file = inBoot.find(name => name.startsWith('vmlinuz-'));
    if (file !== undefined) {
      return {release: file.slice('vmlinuz-'.length), vmlinuz: join(root, 'boot', file)};
    }
    for (const release of await namesIn(join(root, 'usr/lib/modules'))) {
      const vmlinuz = join(root, 'usr/lib/modules', release, 'vmlinuz');
      if (await exists(vmlinuz)) return {release, vmlinuz};
    }
  }
  throw new Error(`no kernel image in ${names.join(', ')}`);
}

async function findModules(roots: readonly string[], release: string) {
  for (const root of roots) {
    for (const parent of ['usr/lib/modules', 'lib/modules']) {
      const directory = join(root, parent, release);
      if (await exists(join(directory, 'kernel'))) return directory;
    }
  }
  return undefined;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
