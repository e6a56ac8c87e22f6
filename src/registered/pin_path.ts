import {posix} from 'node:path';
import {InputError} from '../errors.js';

/** Where pins are unless the executor is told otherwise. */
export const PIN_ROOT = '/sys/fs/bpf';

/**
 * A path of a pin as plans have it: below the pin root, without a slash at its start.
 *
 * @param path - Absolute, or below the root already.
 * @throws {InputError} It does not lie below the root, or has a name with a dot, which bpffs keeps
 * for itself.
 */
export function pinPathOf(path: string, pinRoot: string = PIN_ROOT): string {
  const absolute = posix.resolve(pinRoot, path);
  const below = posix.relative(pinRoot, absolute);
  if (below === '..' || below.startsWith('../')) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${path} does not lie below ${pinRoot}`,
      why: 'pins are files of a bpffs, and the executor makes them below one directory only',
      hint: `name a directory below ${pinRoot}`,
    });
  }
  if (below.includes('.')) {
    throw new InputError('BAD_ARGUMENT', {
      what: `${path} cannot be the path of a pin`,
      why: 'bpffs has no names with a dot',
    });
  }
  return below;
}
