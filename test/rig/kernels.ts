import {readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {readKernels} from '../../src/kernel_file/read_kernels.js';
import {cached, exists, type Progress, rememberedForADay, silent} from './cache.js';
import {dependenciesOf, getPackage, type Suite} from './debian_packages.js';

/** The kernels that every kernel test runs on. */
export const KERNEL_IDS = ['6.1', '6.12', 'newest'] as const;

export type KernelId = (typeof KERNEL_IDS)[number];

export interface Kernel {
  /** `arm64` is that of Debian's trixie for the other architecture, the rest is for x86-64. */
  readonly id: KernelId | 'arm64';
  /** What `uname -r` says in it. */
  readonly release: string;
  /** Of its sources, such as `6.1.176`: Debian's release names another. */
  readonly version: string;
  /** A bzImage; for arm64 an Image. */
  readonly vmlinuz: string;
  /** A file with the raw BTF, the same bytes as the kernel's /sys/kernel/btf/vmlinux. */
  readonly btf: string;
}

const SUITES: Record<Kernel['id'], Suite> = {
  '6.1': 'bookworm',
  '6.12': 'trixie',
  newest: 'sid',
  arm64: 'trixie:arm64',
};

/** A Debian kernel, downloaded and unpacked into the cache, with its BTF taken out. */
export async function getKernel(id: Kernel['id'], progress: Progress = silent): Promise<Kernel> {
  const suite = SUITES[id];
  // The small flavour: without most drivers, with all that TCP needs.
  const meta = `linux-image-cloud-${id === 'arm64' ? 'arm64' : 'amd64'}`;
  const name = await rememberedForADay(`${suite}-${meta}-image`, () =>
    imagePackage(suite, meta, progress),
  );
  const image = await getPackage(suite, name, progress);
  const {release, vmlinuz} = await findImage(image.directory);
  const btf = await cached(join('btf', release), async path => {
    progress(`taking the BTF out of ${release}`);
    await writeBtfOfImage(vmlinuz, path);
  });
  return {id, release, version: sourceVersion(image.version), vmlinuz, btf};
}

/** `6.12.117` of a package's `6.12.117-1`. */
export function sourceVersion(packageVersion: string): string {
  return packageVersion.replace(/-.*/, '');
}

export async function writeBtfOfImage(vmlinuz: string, path: string): Promise<void> {
  const [kernel] = await readKernels(vmlinuz);
  if (kernel === undefined) throw new Error(`${vmlinuz}: no kernel`);
  await writeFile(path, kernel.btf);
}

/**
 * The package with the image: linux-image-RELEASE, which since 7.2 is a meta package for
 * linux-binary-RELEASE and linux-modules-RELEASE.
 */
async function imagePackage(suite: Suite, meta: string, progress: Progress): Promise<string> {
  const image = await dependencyNamed(/^linux-image-\d/, suite, meta, progress);
  if (image === undefined) throw new Error(`${suite}: ${meta} depends on no linux-image`);
  return (await dependencyNamed(/^linux-binary-\d/, suite, image, progress)) ?? image;
}

async function dependencyNamed(name: RegExp, suite: Suite, of: string, progress: Progress) {
  return (await dependenciesOf(suite, of, progress)).find(one => name.test(one));
}

async function findImage(root: string): Promise<{release: string; vmlinuz: string}> {
  for (const name of await namesIn(join(root, 'boot'))) {
    const release = /^vmlinuz-(.+)$/.exec(name)?.[1];
    if (release !== undefined) return {release, vmlinuz: join(root, 'boot', name)};
  }
  for (const release of await namesIn(join(root, 'usr/lib/modules'))) {
    const vmlinuz = join(root, 'usr/lib/modules', release, 'vmlinuz');
    if (await exists(vmlinuz)) return {release, vmlinuz};
  }
  throw new Error(`no kernel image in ${root}`);
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
