import {basename, dirname, join} from 'node:path';
import {execa} from 'execa';
import {cached} from './cache.js';
import {debianCommandFiles} from './debian_command.js';
import type {GuestFile} from './initramfs.js';
import type {Kernel} from './kernels.js';
import {ensureSystemPackages, UNPACKERS} from './system_packages.js';

/** Without them ss does not tell what a socket uses. In this order. */
const MODULES = ['inet_diag', 'tcp_diag'];

/** What tells which sockets use a congestion control, for a guest as /usr/bin/ss. */
export async function ssFiles(kernel: Kernel): Promise<GuestFile[]> {
  const root = dirname(dirname(kernel.vmlinuz));
  const directory = join(root, 'usr/lib/modules', kernel.release, 'kernel/net/ipv4');
  await ensureSystemPackages(UNPACKERS);
  const modules = MODULES.map(async name => {
    const packed = join(directory, `${name}.ko.xz`);
    const hostPath = await cached(join('modules', kernel.release, `${name}.ko`), made =>
      execa('xz', ['-dc', packed], {stdout: {file: made}}),
    );
    return {hostPath, guestPath: `/lib/modules/${basename(hostPath)}`};
  });
  const command = {suite: 'trixie', package: 'iproute2', path: 'usr/bin/ss'} as const;
  return [...(await debianCommandFiles(command)), ...(await Promise.all(modules))];
}

/** A line of shell that a guest begins with. */
export const LOAD_SS_MODULES = MODULES.map(name => `insmod /lib/modules/${name}.ko`).join('; ');
