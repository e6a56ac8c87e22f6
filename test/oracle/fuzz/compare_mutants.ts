import {join} from 'node:path';
import {everyObject} from '../../helpers/bpf_objects.js';
import {found} from '../../helpers/elf_edit.js';
import {REPOSITORY} from '../../rig/cache.js';
import {
  compareBytes,
  compareObject,
  type FuzzKernel,
  prepareSeed,
  type Take,
} from './differential.js';
import {materialKernels} from './material_kernels.js';
import {makeMutants} from './mutants.js';

/** At once in memory. */
const BATCH = 256;
/** One batch in so many is for the kernel that lacks most. */
const SMALL_KERNEL_EVERY = 8;
/** Objects larger than that are few, and slow. */
const SIZE_MAX = 100_000;
/** Of each generated object. */
const MUTANTS_OF_PROGRAM = 24;

/** Damaged copies of the objects of examples/ and test/bpf/, on a kernel for which they were good and planned alike. */
export async function compareMutants(
  place: string,
  first: number,
  count: number,
  take: Take,
): Promise<void> {
  const kernels: {readonly kernel: FuzzKernel; readonly objects: readonly string[]}[] = [];
  for (const kernel of await materialKernels(place)) {
    kernels.push({kernel, objects: await goodObjects(kernel)});
  }
  for (let seed = first; seed < first + count; seed += BATCH) {
    const {kernel, objects} = found(
      kernels[(seed / BATCH) % SMALL_KERNEL_EVERY < 1 ? 0 : 1],
      'kernel',
    );
    const mutants = await makeMutants(objects, seed, Math.min(BATCH, first + count - seed));
    for (const [i, mutant] of mutants.entries()) {
      await compareBytes(place, `mutant-${seed + i}`, mutant, kernel, take);
    }
  }
}

async function goodObjects(kernel: FuzzKernel): Promise<string[]> {
  const good: string[] = [];
  for (const [path, {length}] of await everyObject()) {
    if (length > SIZE_MAX) continue;
    const object = join(REPOSITORY, path);
    const {verdict} = await compareObject({object, kernel, settings: {}});
    if (verdict.same && verdict.libbpf.kind === 'attached') good.push(object);
  }
  return good;
}

/** Damaged copies of generated objects, some of each, on the kernel that was made for it. */
export async function compareProgramMutants(
  place: string,
  first: number,
  count: number,
  take: Take,
): Promise<void> {
  for (let seed = first; seed < first + count / MUTANTS_OF_PROGRAM; seed++) {
    const made = await prepareSeed(seed, join(place, 'program'));
    if (made === null) continue;
    // Of what nobody attaches a copy says little.
    const {verdict} = await compareObject(made);
    if (verdict.libbpf.kind !== 'attached') continue;
    const mutants = await makeMutants([made.object], seed * MUTANTS_OF_PROGRAM, MUTANTS_OF_PROGRAM);
    for (const [i, mutant] of mutants.entries()) {
      await compareBytes(place, `seed-${seed}-mutant-${i}`, mutant, made.kernel, take);
    }
  }
}
