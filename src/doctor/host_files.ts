import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** Files of the machine that is looked at. */
export class HostFiles {
  /** @param root - Another directory than /, with the files of a machine below it. */
  constructor(readonly root = '/') {}

  path(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** Text without blanks around it; undefined if it is not there, or this user may not read it. */
  read(path: string): string | undefined {
    return unlessAbsent(() => readFileSync(this.path(path), 'utf8').trim());
  }

  /** Names of files in a directory; none if there is no such directory. */
  list(path: string): readonly string[] {
    return unlessAbsent(() => readdirSync(this.path(path)).sort()) ?? [];
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL', 'EIO']);

function unlessAbsent<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
