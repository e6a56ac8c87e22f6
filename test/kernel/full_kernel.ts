import {join} from 'node:path';
import {cached} from '../rig/cache.js';
import {getPackage} from '../rig/debian_packages.js';
import {getKernel, type Kernel, sourceVersion, writeBtfOfImage} from '../rig/kernels.js';

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
