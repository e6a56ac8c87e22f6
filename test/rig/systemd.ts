import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {silent} from './cache.js';
import {DYNAMIC_LINKER, debianLibraries} from './debian_libraries.js';
import {getPackage, type Suite} from './debian_packages.js';
import {type GuestFile, treeFiles} from './initramfs.js';

const SUITE: Suite = 'trixie';

const COMMANDS = [
  ...['usr/lib/systemd/systemd', 'usr/lib/systemd/systemd-executor'],
  ...['usr/lib/systemd/systemd-journald', 'usr/bin/systemctl', 'usr/bin/journalctl'],
  'usr/bin/systemd-analyze',
];

/** What a guest needs to come up, and the journal; all other units of the package wait for users. */
const UNITS = [
  ...['sysinit', 'basic', 'local-fs', 'sockets', 'timers', 'paths', 'slices', 'shutdown', 'umount'],
  ...['multi-user', 'emergency', 'local-fs-pre', 'swap'],
].map(name => `${name}.target`);
const JOURNAL = ['systemd-journald.service', 'systemd-journald.socket'];

const OWN_UNITS = fileURLToPath(new URL('guest/systemd', import.meta.url));

/**
 * Debian's systemd for a guest: guest/init.sh makes it process 1, and it runs the script as
 * `rig.service` once all else is up.
 */
export async function systemdFiles(): Promise<GuestFile[]> {
  const {directory} = await getPackage(SUITE, 'systemd');
  const commands = COMMANDS.map(path => join(directory, path));
  const libraries = await debianLibraries(SUITE, 'systemd', commands, silent);
  const units = [...UNITS, ...JOURNAL].map(name => `usr/lib/systemd/system/${name}`);
  return [
    ...[...COMMANDS, ...units].map(path => ({
      hostPath: join(directory, path),
      guestPath: `/${path}`,
      ...(units.includes(path) && {mode: 0o644}),
    })),
    ...libraries.map(path => ({hostPath: path, guestPath: libraryPath(basename(path))})),
    ...(await treeFiles(OWN_UNITS, '/etc/systemd/system')).map(file => ({...file, mode: 0o644})),
  ];
}

function libraryPath(name: string): string {
  return name === DYNAMIC_LINKER ? `/lib64/${name}` : `/usr/lib/x86_64-linux-gnu/${name}`;
}
