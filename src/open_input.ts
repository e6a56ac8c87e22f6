import {closeSync, fstatSync, openSync, readFileSync, readSync} from 'node:fs';
import {InputError} from './errors.js';

/** Opens a file to read, gives it to `use`, and closes it. What `what` says goes into errors. */
export function withFile<Result>(path: string, what: string, use: (fd: number) => Result): Result {
  let fd: number | undefined;
  try {
    fd = path === '-' ? 0 : openSync(path, 'r');
    if (fstatSync(fd).isDirectory()) throw Object.assign(new Error(), {code: 'EISDIR'});
    return use(fd);
  } catch (error) {
    throw inputError(path, what, error);
  } finally {
    if (fd !== undefined && fd !== 0) closeSync(fd);
  }
}

/**
 * All bytes of a file; `-` is standard input.
 *
 * @throws {InputError} It is missing or cannot be read.
 */
export function readInput(path: string, what: string): Buffer {
  return withFile(path, what, fd => readFileSync(fd));
}

/** Reads on until `target` is full or the file ends; returns the number of bytes. */
export function readUntilFull(fd: number, target: Uint8Array, windowBytes: number): number {
  let have = 0;
  while (have < target.length) {
    const got = readSync(fd, target, have, Math.min(windowBytes, target.length - have), null);
    if (got === 0) break;
    have += got;
  }
  return have;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its symbolic links lead in a circle',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than Node reads at once',
};

function inputError(path: string, what: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof InputError || !('code' in error)) return error;
  const code = String(error.code);
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new InputError(
    missing ? 'FILE_NOT_FOUND' : 'FILE_NOT_READABLE',
    {
      what: `cannot read ${what} ${path === '-' ? 'from standard input' : path}`,
      why: REASONS[code] ?? error.message,
    },
    {cause: error},
  );
}
