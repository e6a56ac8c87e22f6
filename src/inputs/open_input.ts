import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {InputError} from '../errors.js';

/** sysfs gives 4 KiB a read whatever is asked for, so larger windows gain nothing for it. */
const WINDOW_BYTES = 256 * 1024;

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
 * @throws {InputError} It is missing, cannot be read, or has more than `bytesMax` bytes.
 */
export function readInput(path: string, what: string, bytesMax: number): Uint8Array {
  return withFile(path, what, fd => readToEnd(fd, path, bytesMax));
}

/** Reads on to the end, also of what has no size beforehand; a device may have no end. */
export function readToEnd(fd: number, path: string, bytesMax: number): Uint8Array {
  const expected = Math.min(fstatSync(fd).size, bytesMax);
  const chunks: Buffer[] = [];
  for (let have = 0; have <= bytesMax; ) {
    // One byte more than expected shows that the end is reached.
    const chunk = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, expected + 1 - have));
    const got = readUntilFull(fd, chunk);
    chunks.push(chunk.subarray(0, got));
    have += got;
    if (got < chunk.length && have <= bytesMax) return Buffer.concat(chunks);
  }
  throw new InputError('INPUT_SIZE', {
    what: `${path === '-' ? 'standard input' : path} is too large`,
    why: `it has more than ${bytesMax} bytes`,
  });
}

/** Reads on until `target` is full or the file ends; returns the number of bytes. */
export function readUntilFull(fd: number, target: Uint8Array): number {
  let have = 0;
  while (have < target.length) {
    const got = readSync(fd, target, have, Math.min(WINDOW_BYTES, target.length - have), null);
    if (got === 0) break;
    have += got;
  }
  return have;
}

/** Whether these are the bytes that follow in the file, of which it may have more. */
export function fileIs(fd: number, held: Uint8Array): boolean {
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, held.length));
  for (let at = 0; at < held.length; at += window.length) {
    const part = window.subarray(0, held.length - at);
    if (readUntilFull(fd, part) < part.length) return false;
    if (part.compare(held, at, at + part.length) !== 0) return false;
  }
  return true;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its symbolic links lead in a circle',
};

/** What a failed call of the file system means; other errors are returned as they are. */
export function inputError(path: string, what: string, error: unknown): unknown {
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
