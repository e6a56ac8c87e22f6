import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {REPOSITORY} from '../rig/cache.js';

/** A committed object of test/bpf, such as `inspected` or `malformed/static_program`. */
export function bpfObject(name: string): Promise<Buffer> {
  return readFile(join(REPOSITORY, 'test/bpf', `${name}.bpf.o`));
}

/** A committed object of examples/tcp, such as `second_link`. */
export function exampleObject(name: string): Promise<Buffer> {
  return readFile(join(REPOSITORY, 'examples/tcp', `${name}.bpf.o`));
}

/** Every committed object of examples/ and test/bpf/, by its path from the root. */
export async function everyObject(): Promise<ReadonlyMap<string, Buffer>> {
  const objects = new Map<string, Buffer>();
  for (const folder of ['examples', 'test/bpf']) {
    const names = await readdir(join(REPOSITORY, folder), {recursive: true});
    for (const name of names.filter(name => name.endsWith('.bpf.o')).sort()) {
      const path = join(folder, name);
      objects.set(path, await readFile(join(REPOSITORY, path)));
    }
  }
  return objects;
}
