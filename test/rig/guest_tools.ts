import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {cached, contentName} from './cache.js';
import type {GuestFile} from './initramfs.js';
import {ensureSystemPackages, HOST_C_COMPILER} from './system_packages.js';

const TRANSFER = fileURLToPath(new URL('guest/transfer.c', import.meta.url));
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];

/** The command `transfer NAME BYTES` (see guest/transfer.c) for the guest's /usr/bin. */
export async function transferFile(): Promise<GuestFile> {
  const name = contentName(await readFile(TRANSFER), FLAGS.join());
  const hostPath = await cached(join('guest', `transfer-${name}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    await execa('cc', [...FLAGS, '-o', path, TRANSFER]);
  });
  return {hostPath, guestPath: '/usr/bin/transfer'};
}
