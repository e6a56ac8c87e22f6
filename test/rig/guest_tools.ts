import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {cached, contentName} from './cache.js';
import type {GuestFile} from './initramfs.js';
import {ensureSystemPackages, HOST_C_COMPILER} from './system_packages.js';

const GUEST = fileURLToPath(new URL('guest', import.meta.url));
// Static: a guest has no libraries but those of commands that bring theirs.
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];

/** A command from `guest/<name>.c`, whose head says what it does, for the guest's /usr/bin. */
export async function guestTool(name: 'transfer' | 'foreground'): Promise<GuestFile> {
  const source = join(GUEST, `${name}.c`);
  const build = contentName(await readFile(source), FLAGS.join());
  const hostPath = await cached(join('guest', `${name}-${build}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    await execa('cc', [...FLAGS, '-o', path, source]);
  });
  return {hostPath, guestPath: `/usr/bin/${name}`};
}
