import {debianCommandFiles} from './debian_command.js';
import type {GuestFile} from './initramfs.js';

/** What tells which sockets use a congestion control, for a guest as /usr/bin/ss. */
export function ssFiles(): Promise<GuestFile[]> {
  return debianCommandFiles({suite: 'trixie', package: 'iproute2', path: 'usr/bin/ss'});
}
