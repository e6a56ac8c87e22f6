import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {BtfEdit} from '../helpers/btf_edit.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {ElfEdit} from '../helpers/elf_edit.js';
import {Random} from '../helpers/random.js';
import {REPOSITORY} from '../rig/cache.js';
import {fieldsOfObject, fieldsOfRawBtf} from './fields.js';
import {Mutator} from './mutator.js';

/** Where good objects lie. */
const FOLDERS = ['examples/tcp', 'test/bpf'];
const SMALL_KERNEL = 'test/bpf/malformed/small_kernel.bpf.o';

/** Of so many runs one is against a real kernel, whose BTF has megabytes. */
const REAL_KERNEL_EVERY = 100;

export type Target = 'object' | 'kernel BTF';

export interface Run {
  readonly target: Target;
  /** Of the good file that was mutated. */
  readonly name: string;
  readonly inputs: Inputs & {readonly object: Buffer; readonly kernelBtf: Buffer};
}

/** Makes the input of any run of a seed, by its number alone. */
export class FuzzInputs {
  private constructor(
    private readonly objects: readonly Mutator[],
    private readonly goodObjects: readonly Buffer[],
    private readonly smallKernel: Buffer,
    private readonly smallBtf: Mutator,
    private readonly realKernel: Buffer,
    private readonly realBtf: Mutator,
  ) {}

  /** @param realKernel - The path of a kernel's raw BTF. */
  static async open(realKernel: string): Promise<FuzzInputs> {
    const paths = (await Promise.all(FOLDERS.map(objectsIn))).flat().sort();
    const goodObjects = await Promise.all(paths.map(path => readFile(join(REPOSITORY, path))));
    const small = new ElfEdit(await readFile(join(REPOSITORY, SMALL_KERNEL))).btf.bytes;
    const real = await readFile(realKernel);
    return new FuzzInputs(
      goodObjects.map((object, i) => new Mutator(paths[i] ?? '', object, fieldsOfObject(object))),
      goodObjects,
      small,
      new Mutator(SMALL_KERNEL, small, fieldsOfRawBtf(small)),
      real,
      new Mutator(realKernel, real, fieldsOfRealBtf(real)),
    );
  }

  run(seed: number, number: number): Run {
    // A run is a function of both, and neighbours have nothing in common.
    const random = new Random(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(number, 0x85eb_ca6b));
    const isReal = random.below(REAL_KERNEL_EVERY) === 0;
    if (number % 2 === 0) {
      const mutator = random.pick(this.objects);
      const object = mutator.mutate(random, this.objects);
      const kernelBtf = isReal ? this.realKernel : this.smallKernel;
      return {target: 'object', name: mutator.name, inputs: {object, kernelBtf}};
    }
    const mutator = isReal ? this.realBtf : this.smallBtf;
    const kernelBtf = mutator.mutate(random, [this.smallBtf]);
    const object = random.pick(this.goodObjects);
    return {target: 'kernel BTF', name: mutator.name, inputs: {object, kernelBtf}};
  }
}

async function objectsIn(folder: string): Promise<string[]> {
  const names = await readdir(join(REPOSITORY, folder), {recursive: true});
  return names.filter(name => name.endsWith('.bpf.o')).map(name => join(folder, name));
}

/** Those of struct_ops, of what it is made of, and of the kfuncs of the examples: a kernel has too many others. */
function fieldsOfRealBtf(real: Buffer) {
  const btf = new BtfEdit(real);
  const wanted = /^(bpf_struct_ops|tcp_|inet_connection_sock$|sock$|list_head$|module$)/;
  const groups = fieldsOfRawBtf(real);
  const records = btf.types.filter(({name}) => wanted.test(name));
  const inRecords = records.flatMap(({at, vlen}) =>
    Array.from(
      {length: 3 + 3 * Math.min(vlen, 40)},
      (_, i) => ({at: at + i * 4, size: 4}) as const,
    ),
  );
  return [groups[0] ?? [], inRecords];
}
