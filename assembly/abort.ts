import {coreBug} from './fault/core_bug';

/**
 * Takes the place of AssemblyScript's `env.abort` import, so that the module imports nothing.
 * Reached only by a failed assertion of the core's own: keeps what and where, then traps.
 */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? 'assertion failed' : message;
  const where = file === null ? '' : file;
  coreBug.message = `${what} (${where}:${line}:${column})`;
  unreachable();
}
