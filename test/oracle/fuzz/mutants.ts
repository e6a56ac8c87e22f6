import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {inputsOf} from '../../core/fuzz/core_program.js';
import {cached, contentName, REPOSITORY} from '../../rig/cache.js';
import {ensureSystemPackages, HOST_C_COMPILER} from '../../rig/system_packages.js';

const MUTATE = 'test/core/fuzz';
const SOURCES = [
  'test/oracle/fuzz/mutants.c',
  ...['mutate.c', 'mutate_elf.c', 'mutate_btf.c'].map(name => join(MUTATE, name)),
];
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', `-I${MUTATE}`];

/** Damaged copies of objects, of which the paths are given: as many as seeds from the first on. */
export async function makeMutants(
  objects: readonly string[],
  first: number,
  count: number,
): Promise<Buffer[]> {
  const {stdout} = await execa(await buildMutants(), [`${first}`, `${count}`, ...objects], {
    encoding: 'buffer',
    maxBuffer: 2 ** 30,
  });
  return inputsOf(Buffer.from(stdout));
}

async function buildMutants(): Promise<string> {
  const files = [...SOURCES, join(MUTATE, 'mutate.h')];
  const texts = await Promise.all(files.map(file => readFile(join(REPOSITORY, file))));
  return cached(join('oracle', `mutants-${contentName(...FLAGS, ...texts)}`), async path => {
    await ensureSystemPackages(HOST_C_COMPILER);
    await execa('cc', [...FLAGS, '-o', path, ...SOURCES], {cwd: REPOSITORY});
  });
}
