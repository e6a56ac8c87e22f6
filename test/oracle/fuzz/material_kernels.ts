import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {makeMaterial} from '../../core/fuzz/material.js';
import type {FuzzKernel} from './differential.js';

/** What each kernel of core_fuzz.c is like. The first has less than any real one. */
const RELEASES = ['6.12.0', '7.2.0'];
const MODULE = 'mod';

/** The kernels that damaged objects are for; the last has a module. Their files are put into a directory. */
export async function materialKernels(place: string): Promise<FuzzKernel[]> {
  const {files} = await makeMaterial();
  const write = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(join(place, name), bytes);
    return join(place, name);
  };
  const kconfig = await write('config', 'CONFIG_HZ=250\n');
  const kernels: FuzzKernel[] = [];
  for (const [i, release] of RELEASES.entries()) {
    const btf = await write(`kernel-${i}`, files.get(`kernel-${i}`) ?? '');
    kernels.push({btf, release, kconfig, modules: {}});
  }
  const last = kernels.pop();
  if (last === undefined) throw new Error('there is no kernel');
  const module = await write(MODULE, files.get('module') ?? '');
  return [...kernels, {...last, modules: {[MODULE]: module}}];
}
