import {type Progress, silent} from './cache.js';
import {type DebianCommand, debianCommandFiles, getDebianCommand} from './debian_command.js';
import type {GuestFile} from './initramfs.js';

/** The first Debian release whose bpftool attaches `.struct_ops.link`. */
const BPFTOOL: DebianCommand = {suite: 'trixie', package: 'bpftool', path: 'usr/sbin/bpftool'};

/**
 * Debian's bpftool, which is libbpf with a command line: the oracle of the tests.
 *
 * @returns a directory with bin/bpftool, to be run by its absolute path, and lib/bpftool
 */
export function getBpftool(progress: Progress = silent): Promise<string> {
  return getDebianCommand(BPFTOOL, progress);
}

/** bpftool for a guest, as /usr/bin/bpftool. */
export function bpftoolFiles(progress: Progress = silent): Promise<GuestFile[]> {
  return debianCommandFiles(BPFTOOL, progress);
}
