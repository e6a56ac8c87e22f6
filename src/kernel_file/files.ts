import {createReadStream} from 'node:fs';
import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {inputError} from '../inputs/open_input.js';

/** Reads of that size cost less than the unpacking of what they bring. */
const WINDOW_BYTES = 2 ** 20;

/**
 * The bytes of a file as they are wanted; `-` is standard input. What `what` says goes into errors.
 *
 * @throws {InputError} when read.
 */
export async function* streamFile(path: string, what: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* path === '-' ? process.stdin : createReadStream(path, {highWaterMark: WINDOW_BYTES});
  } catch (error) {
    throw inputError(path, what, error);
  }
}

/**
 * The files that a path means: itself, or all below it if it is a directory, by name.
 *
 * @throws {InputError} It cannot be read.
 */
export async function filesAt(path: string, what: string): Promise<string[]> {
  if (path === '-') return [path];
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, {recursive: true, withFileTypes: true});
    return entries
      .filter(entry => entry.isFile() || entry.isSymbolicLink())
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    throw inputError(path, what, error);
  }
}
