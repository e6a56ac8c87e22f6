import {basename, join} from 'node:path';
import {execa} from 'execa';
import {cached} from '../rig/cache.js';
import {getPackage} from '../rig/debian_packages.js';
import type {GuestFile} from '../rig/initramfs.js';
import {getKernel, type Kernel, sourceVersion, writeBtfOfImage} from '../rig/kernels.js';
import {ensureSystemPackages, XZ} from '../rig/system_packages.js';

/**
 * The newest kernel in Debian's flavour for all machines, with the BTF of HID and drivers as
 * modules, which the small one that other tests boot has not.
 */
export async function getFullKernel(): Promise<Kernel> {
  // Both are built together, from the same source.
  const release = (await getKernel('newest')).release.replace('-cloud-', '-');
  const {directory, version} = await getPackage('sid', `linux-binary-${release}`);
  const vmlinuz = join(directory, 'usr/lib/modules', release, 'vmlinuz');
  const btf = await cached(join('btf', release), path => writeBtfOfImage(vmlinuz, path));
  return {id: 'newest', release, version: sourceVersion(version), vmlinuz, btf};
}

/**
 * Modules of that kernel, for insmod: each as /lib/modules/NAME.ko in the guest.
 *
 * @param paths below `kernel/`, without `.ko`
 */
export async function moduleFiles(
  {release}: Kernel,
  paths: readonly string[],
): Promise<GuestFile[]> {
  const {directory} = await getPackage('sid', `linux-modules-${release}`);
  await ensureSystemPackages([XZ]);
  return Promise.all(
    paths.map(async path => {
      const packed = join(directory, 'usr/lib/modules', release, 'kernel', `${path}.ko.xz`);
      const hostPath = await cached(join('modules', release, `${path}.ko`), made =>
        execa('xz', ['-dc', packed], {stdout: {file: made}}),
      );
      return {hostPath, guestPath: `/lib/modules/${basename(path)}.ko`};
    }),
  );
}
