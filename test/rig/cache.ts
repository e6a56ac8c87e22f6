import {createHash, randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {access, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Downloads and what is made from them. Git-ignored; deleting it costs time only. */
export const CACHE = join(REPOSITORY, '.cache');

/** Receives one line each time something slow begins or ends. */
export type Progress = (line: string) => void;

export const silent: Progress = () => {};

/**
 * The path `.cache/<name>`, filled by `fill` if it is not there yet. `fill` gets a path that
 * does not exist, inside a directory that does; only its complete result gets the final name, so
 * an interrupted download or build leaves nothing that a later run would take for whole. However
 * many tests and test files ask for it at once, one fills it and the others wait.
 */
export async function cached(
  name: string,
  fill: (path: string) => Promise<unknown>,
): Promise<string> {
  const path = join(CACHE, name);
  if (await exists(path)) return path;
  await oneAtATime(name, async () => {
    if (await exists(path)) return;
    await mkdir(dirname(path), {recursive: true});
    const scratch = await mkdtemp(join(CACHE, 'unfinished-'));
    try {
      const made = join(scratch, 'made');
      await fill(made);
      await rename(made, path);
    } finally {
      await rm(scratch, {recursive: true, force: true});
    }
  });
  return path;
}

const tasks = new Map<string, Promise<void>>();

/**
 * Runs a task that makes what the name says, while no other process runs one for it; or waits for
 * the one that this process has begun.
 */
export function oneAtATime(name: string, task: () => Promise<void>): Promise<void> {
  const begun = tasks.get(name) ?? withLock(name, task).finally(() => tasks.delete(name));
  tasks.set(name, begun);
  return begun;
}

async function withLock(name: string, task: () => Promise<void>): Promise<void> {
  const lock = join(CACHE, 'locks', name.replaceAll('/', '%'));
  await mkdir(dirname(lock), {recursive: true});
  // It has the lock until its input ends, as that does when this process ends, however it does.
  const holder = execa('flock', [lock, 'sh', '-c', 'echo; exec cat']);
  try {
    await Promise.race([once(holder.stdout, 'data'), holder]);
    await task();
  } finally {
    holder.stdin.end();
    await holder;
  }
}

/** How long an answer of a package archive is taken for today's. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * The text that `find` returned within the last day, in whatever process: asking apt takes a
 * second of CPU, and every test file would ask.
 *
 * @param name a file name
 */
export async function rememberedForADay(
  name: string,
  find: () => Promise<string>,
): Promise<string> {
  const path = join(CACHE, 'remembered', name);
  if (await isOld(path)) {
    await oneAtATime(join('remembered', name), async () => {
      if (!(await isOld(path))) return;
      const text = await find();
      await mkdir(dirname(path), {recursive: true});
      const unfinished = `${path}.${randomUUID()}`;
      await writeFile(unfinished, text);
      await rename(unfinished, path);
    });
  }
  return readFile(path, 'utf8');
}

/** Whether a file is older than a day, or not there. */
export async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs >= STALE_AFTER_MS;
}

/** 16 hex digits that name some content: enough to tell the builds in a cache apart. */
export function contentName(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${part.length}:`);
    hash.update(part);
  }
  return hash.digest('hex').slice(0, 16);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
