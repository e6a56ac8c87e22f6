import {createHash} from 'node:crypto';
import {readdir, readFile, stat} from 'node:fs/promises';
import {basename, join, relative} from 'node:path';
import type {OracleObject} from './our_plan.js';

const OBJECT = /\.bpf\.o$/;

/** Every `.bpf.o` below a directory, in the order of their names; or the one file. */
export async function findObjects(path: string): Promise<OracleObject[]> {
  if (!(await stat(path)).isDirectory()) return [await readObject(basename(path), path)];
  const entries = await readdir(path, {recursive: true, withFileTypes: true});
  const paths = entries
    .filter(entry => entry.isFile() && OBJECT.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(paths.map(found => readObject(relative(path, found), found)));
}

async function readObject(name: string, path: string): Promise<OracleObject> {
  const bytes = await readFile(path);
  return {name, path, bytes, sha256: createHash('sha256').update(bytes).digest('hex')};
}
