import {release} from 'node:os';
import {gunzipSync} from 'node:zlib';
import {INPUT_BYTES_MAX} from '../core/wasm_core.js';
import {InputError} from '../errors.js';
import {readInput} from './open_input.js';

const WHAT = "the kernel's configuration";

/** Where the running kernel's configuration may be, in libbpf's order. */
export function runningKconfigPaths(uname = release()): readonly string[] {
  return [`/boot/config-${uname}`, '/proc/config.gz'];
}

/**
 * The text of a kernel's configuration, from a file as it is or compressed by gzip; `-` is
 * standard input.
 *
 * @throws {InputError} The file cannot be read, is damaged or too large, or is something else.
 */
export function openKconfig(path: string): Uint8Array {
  const text = unpack(readInput(path, WHAT, INPUT_BYTES_MAX.kconfig), path);
  // Of any other file the core would say that the kernel was built without every option.
  if (Buffer.from(text.buffer, text.byteOffset, text.length).includes('CONFIG_')) return text;
  throw new InputError('BAD_ARGUMENT', {
    what: `${path} is not ${WHAT}`,
    why: 'it has no line that begins with CONFIG_',
    hint: 'the file /boot/config-RELEASE or /proc/config.gz of that kernel is meant',
  });
}

/**
 * That of the running kernel; undefined when none of its usual places has one that this user may
 * read (`bpf_object__read_kconfig_file` of libbpf).
 *
 * @param paths - Where to look instead.
 * @throws {InputError} There is one, but it is damaged.
 */
export function findRunningKconfig(
  paths: readonly string[] = runningKconfigPaths(),
): Uint8Array | undefined {
  for (const path of paths) {
    try {
      return openKconfig(path);
    } catch (error) {
      if (!(error instanceof InputError) || !isAbsent(error)) throw error;
    }
  }
  return undefined;
}

function isAbsent({code}: InputError): boolean {
  return code === 'FILE_NOT_FOUND' || code === 'FILE_NOT_READABLE';
}

function unpack(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, {maxOutputLength: INPUT_BYTES_MAX.kconfig});
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    throw new InputError(
      tooLarge ? 'INPUT_SIZE' : 'BAD_ARGUMENT',
      {
        what: tooLarge ? `${path} is too large` : `cannot unpack ${WHAT} ${path}`,
        why: tooLarge
          ? `unpacked it has more than ${INPUT_BYTES_MAX.kconfig} bytes`
          : 'it begins as gzip does, and is damaged',
      },
      {cause},
    );
  }
}
