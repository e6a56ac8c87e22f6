import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {keptInputs} from '../../core/fuzz/core_program.js';
import {makeMaterial} from '../../core/fuzz/material.js';
import {type Compared, compareObject} from './differential.js';

/** Of the kernels of core_fuzz.c: which one an input is for is in its first byte. */
const KERNEL_BIT = 3;
/** What each is like. The first has less than any real one. */
const RELEASES = ['6.12.0', '7.2.0'];

/** Damaged objects that fuzzing the core has kept, each with its kernel. `take` says whether one can go. */
export async function compareKept(
  place: string,
  count: number,
  take: (name: string, compared: Compared) => boolean,
): Promise<void> {
  const {files} = await makeMaterial();
  const kconfig = join(place, 'config');
  await writeFile(kconfig, 'CONFIG_HZ=250\n');
  const kernels = RELEASES.map((release, i) => ({btf: join(place, `kernel-${i}`), release}));
  for (const [i, {btf}] of kernels.entries()) await writeFile(btf, files.get(`kernel-${i}`) ?? '');
  const inputs = (await keptInputs('object')).slice(0, count);
  for (const [i, input] of inputs.entries()) {
    const kernel = kernels[((input[0] ?? 0) >> KERNEL_BIT) & 1];
    const directory = join(place, `kept-${i}`);
    await mkdir(directory, {recursive: true});
    const path = join(directory, 'object.bpf.o');
    await writeFile(path, input.subarray(1));
    if (kernel === undefined) continue;
    if (take(`kept ${i}`, await compareObject(path, kernel, kconfig))) {
      await rm(directory, {recursive: true});
    }
  }
}
