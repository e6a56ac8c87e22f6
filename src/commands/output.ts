import {writeFileSync} from 'node:fs';
import {InputError} from '../errors.js';

/** Options of every command. */
export interface OutputOptions {
  readonly json?: boolean;
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A whole document, in lines that diff(1) can compare. */
export function printJson(document: object): void {
  printLine(JSON.stringify(document, null, 2));
}

/** One of several, a line each. */
export function printJsonLine(event: object): void {
  printLine(JSON.stringify(event));
}

/** @throws {InputError} with code `FILE_NOT_WRITABLE`. */
export function writeOutput(path: string, what: string, bytes: Uint8Array | string): void {
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw new InputError(
      'FILE_NOT_WRITABLE',
      {
        what: `cannot write ${what} to ${path}`,
        why: cause instanceof Error ? cause.message : String(cause),
      },
      {cause},
    );
  }
}
