import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ObjectEditor} from '../../core_relo/object_editor.js';
import {BTF_TYPE, BtfEdit} from '../../helpers/btf_edit.js';
import type {Inputs} from '../../helpers/core_wasm.js';
import * as hostile from '../../malformed/hostile.js';
import {smallKernel} from '../../malformed/small_kernel.js';
import {contentName, REPOSITORY} from '../../rig/cache.js';
import {getKernel} from '../../rig/kernels.js';
import {type CoreFuzzer, runTarget} from './core_program.js';

/**
 * What a hostile object of a megabyte may cost, in numbers that no machine's speed changes: rounds of loops, calls and 64ths
 * of bytes copied, of which half a second has that many; and bytes of memory beside the kernel's BTF.
 */
export const FUEL_MAX = 300_000_000;
const MEMORY_PER_BYTE = 32;
const MEMORY_MAX = 16 * 2 ** 20;

const BTF_KIND_CONST = 10;
/** As long as chains are followed (CHAIN_MAX). */
const MODIFIERS = 250;

export const OBJECT_SIZE_MAX = 2 ** 20;

export interface Hostile {
  readonly object: Buffer;
  readonly kernelBtf: Buffer;
}

/** What `makePlan` has cost, and the most memory that it may take. */
export async function costOf(fuzzer: CoreFuzzer, {object, kernelBtf}: Hostile) {
  const size = Buffer.alloc(5);
  size.writeUInt32LE(object.length, 1);
  const input = Buffer.concat([size, object, kernelBtf]);
  const path = join(fuzzer.material, contentName(input));
  await writeFile(path, input);
  const args = ['-max_len=16000000', path];
  const {stderr = ''} = await runTarget(fuzzer, 'pair', args, 'pipe');
  const [, fuel = 'none', memory = 'none'] =
    /^worst: fuel (\d+) with \d+ bytes, memory (\d+)$/m.exec(stderr) ?? [];
  const memoryMax = MEMORY_MAX + MEMORY_PER_BYTE * object.length + 1.1 * kernelBtf.length;
  return {fuel: Number(fuel), memory: Number(memory), memoryMax, stderr};
}

async function onSmallKernel({object = Buffer.alloc(0), kernelBtf}: Inputs): Promise<Hostile> {
  return {object: Buffer.from(object), kernelBtf: Buffer.from(kernelBtf ?? (await smallKernel()))};
}

/** As many records of one relocation as there is room for. */
async function repeated(name: string, kernel: string, kind: number): Promise<Hostile> {
  const editor = new ObjectEditor(
    await readFile(join(REPOSITORY, `test/bpf/core_relo/${name}.bpf.o`)),
  );
  const record = editor.records.findIndex(one => one.kind === kind);
  editor.repeat(record, 60_000);
  return {object: editor.bytes, kernelBtf: await readFile(kernel)};
}

/** Few bytes: what they ask for is ended by a bound on types looked at (CORE_STEPS_MAX). */
async function multiplied(record: number): Promise<Hostile> {
  const path = join(REPOSITORY, 'test/bpf/core_relo/nested_types.bpf.o');
  const editor = new ObjectEditor(await readFile(path)).keepOnly(record);
  return {object: editor.bytes, kernelBtf: editor.contentOf('.BTF')};
}

/** The same behind modifiers: each look at a type goes through all of them. */
async function multipliedBehindModifiers(record: number): Promise<Hostile> {
  const path = join(REPOSITORY, 'test/bpf/core_relo/nested_types.bpf.o');
  const editor = new ObjectEditor(await readFile(path)).keepOnly(record);
  const {types, typesAt} = new BtfEdit(editor.contentOf('.BTF'));
  const changes: [at: number, id: number][] = [];
  const chains: Buffer[] = [];
  for (const {kind, at, vlen} of types) {
    for (let i = 0; kind === 'FUNC_PROTO' && i < vlen; i++) {
      const parameter = at - typesAt + BTF_TYPE.more + 8 * i + 4;
      const id = types.length + chains.length + MODIFIERS;
      changes.push([parameter, id]);
      const inner = editor.contentOf('.BTF').readUInt32LE(typesAt + parameter);
      for (let link = 0; link < MODIFIERS; link++) {
        const words = Uint32Array.of(
          0,
          BTF_KIND_CONST << 24,
          link === 0 ? inner : id - MODIFIERS + link,
        );
        chains.push(Buffer.from(words.buffer));
      }
    }
  }
  editor.addTypes(Buffer.concat(chains));
  const btf = editor.contentOf('.BTF');
  for (const [parameter, id] of changes) btf.writeUInt32LE(id, typesAt + parameter);
  return {object: editor.bytes, kernelBtf: Buffer.from(btf)};
}

type Row = readonly [why: string, make: () => Promise<Hostile>, bytesMin?: number];

/** About a megabyte each, but for those that need no more than a few bytes. */
export const HOSTILE: readonly Row[] = [
  ['symbols and variables of one name', async () => onSmallKernel(hostile.oneName(18_000))],
  ['long names that overlap', async () => onSmallKernel(hostile.longNames(14_000, 250_000))],
  ['names that begin alike', async () => onSmallKernel(hostile.likeNames(2800))],
  ['relocations out of range', async () => onSmallKernel(hostile.badRelocations(65_000))],
  [
    'variables',
    async () =>
      onSmallKernel(hostile.structOps({variables: 10_000, members: 1, relocations: 20_000})),
  ],
  [
    'members',
    async () =>
      onSmallKernel(hostile.structOps({variables: 1, members: 16_000, relocations: 30_000})),
  ],
  ['sections and references', async () => onSmallKernel(hostile.dataSections(4000, 18_000))],
  ['programs and members', async () => onSmallKernel(hostile.programsAndMembers(17_000, 4000))],
  ['programs and sections', async () => onSmallKernel(hostile.programsAndSections(6000, 3000))],
  ['definitions of maps', async () => onSmallKernel(hostile.mapDefinitions(8000, 32_000))],
  ['exception callbacks', async () => onSmallKernel(hostile.exceptionCallbacks(17_000))],
  [
    'CO-RE relocations on a real kernel',
    async () => repeated('kernel', (await getKernel('6.12')).btf, 2),
  ],
  [
    'CO-RE relocations that find nothing',
    () => repeated('refused', join(REPOSITORY, 'test/bpf/core_relo/synthetic_kernel.btf'), 0),
  ],
  ['types that multiply when they are looked for', () => multiplied(0), 0],
  ['types that multiply when they are matched', () => multiplied(1), 0],
  ['types that multiply behind modifiers, looked for', () => multipliedBehindModifiers(0), 0],
  ['types that multiply behind modifiers, matched', () => multipliedBehindModifiers(1), 0],
];
