import {readFile} from 'node:fs/promises';
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
