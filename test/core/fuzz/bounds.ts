import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ObjectEditor} from '../../core_relo/object_editor.js';
import {BTF_TYPE, BtfEdit} from '../../helpers/btf_edit.js';
import type {Inputs} from '../../helpers/core_wasm.js';
import * as asked from '../../malformed/asked.js';
import * as often from '../../malformed/asked_often.js';
import * as hostile from '../../malformed/hostile.js';
import {absentMembers} from '../../malformed/multiplied.js';
import * as settings from '../../malformed/settings.js';
import {smallKernel} from '../../malformed/small_kernel.js';
import {contentName, REPOSITORY} from '../../rig/cache.js';
import {getKernel, type KernelId} from '../../rig/kernels.js';
import {type CoreFuzzer, runTarget} from './core_program.js';

/**
 * What a hostile object of a megabyte may cost, and one of less, in numbers that no machine's speed changes: rounds of loops,
 * calls and 64ths of bytes copied, of which half a second has twice that many; and bytes of memory beside the kernel's BTF.
 */
export const FUEL_MAX = 150_000_000;
const MEMORY_MAX = 48 * 2 ** 20;

const BTF_KIND_CONST = 10;
/** As long as chains are followed (CHAIN_MAX). */
const MODIFIERS = 250;

export const OBJECT_SIZE_MAX = 2 ** 20;

export interface Hostile {
  readonly object: Buffer;
  readonly kernelBtf: Buffer;
  readonly options?: Buffer;
}

/** What `makePlan` has cost, and the most memory that it may take. */
export async function costOf(fuzzer: CoreFuzzer, inputs: Hostile) {
  const {object, kernelBtf, options = Buffer.alloc(0)} = inputs;
  const sizes = Buffer.alloc(9);
  sizes.writeUInt32LE(object.length, 1);
  sizes.writeUInt32LE(options.length, 5);
  const input = Buffer.concat([sizes, object, options, kernelBtf]);
  const path = join(fuzzer.material, contentName(input));
  await writeFile(path, input);
  const args = ['-max_len=16000000', path];
  const {stderr = ''} = await runTarget(fuzzer, 'pair', args, 'pipe');
  const [, fuel = 'none', memory = 'none'] =
    /^worst: fuel (\d+) with \d+ bytes, memory (\d+)$/m.exec(stderr) ?? [];
  const memoryMax = MEMORY_MAX + 1.1 * kernelBtf.length;
  return {fuel: Number(fuel), memory: Number(memory), memoryMax, stderr};
}

async function onSmallKernel(inputs: Inputs): Promise<Hostile> {
  const {
    object = Buffer.alloc(0),
    kernelBtf = await smallKernel(),
    options = Buffer.alloc(0),
  } = inputs;
  return {
    object: Buffer.from(object),
    kernelBtf: Buffer.from(kernelBtf),
    options: Buffer.from(options),
  };
}

async function onKernel(version: KernelId, {object}: Inputs): Promise<Hostile> {
  const kernelBtf = await readFile((await getKernel(version)).btf);
  return {object: Buffer.from(object ?? []), kernelBtf};
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

/** An object, and lines of options for it. */
type OptionRow = readonly [
  why: string,
  make: () => Inputs,
  count: number,
  line: (i: number) => string,
];

/** What each part asks for is modest, all together is not; and kernels that are made for it. */
const MULTIPLIED: readonly Row[] = [
  [
    'relocations of what the kernel has in many flavours',
    () => onSmallKernel(asked.flavoursOfTheKernel(58_000, 4000)),
  ],
  [
    'structs of many flavours that the kernel has in many',
    () => onSmallKernel(asked.flavoursOfBoth(17_000, 4000)),
  ],
  [
    'names that begin as those of the kernel do',
    () => onSmallKernel(asked.namesBeginAlike(20_000, 50_000)),
  ],
  [
    'a kernel function of which there are many',
    () => onSmallKernel(asked.oneFunction(15_000, 4000, 1)),
    0,
  ],
  [
    'a kernel function of many parameters',
    () => onSmallKernel(asked.oneFunction(15_000, 1, 4000)),
    0,
  ],
  ['relocations of few fields that are absent', () => onSmallKernel(asked.absentField(58_000, 99))],
  ['relocations of fields that are absent', () => onSmallKernel(asked.absentField(18_000, 5000))],
  [
    'variables of a kind with many members',
    () => onSmallKernel(asked.wideKind({variables: 3900, members: 4096, valueSize: 4096})),
    0,
  ],
  [
    'values as large as they can be',
    () => onSmallKernel(asked.wideKind({variables: 60, members: 4096, valueSize: 2 ** 20})),
    0,
  ],
  [
    'members without a size, behind modifiers',
    () => onSmallKernel(asked.membersWithoutSize(100, 40_000, 28)),
  ],
  [
    'members that the kernel does not have',
    () => onSmallKernel(absentMembers(100, 2600, () => 'm'.repeat(200))),
    0,
  ],
  ['loads of a symbol with a long name', () => onSmallKernel(often.longSymbol(30_000))],
  [
    'loads of the last of many jump tables',
    () => onSmallKernel(often.tablesAndJumps(8000, 16_000)),
  ],
  ['programs that call a large function', () => onSmallKernel(often.largeFunction(250, 30_000)), 0],
  [
    'programs that call a function of many lines',
    () => onSmallKernel(often.largeFunction(80, 30_000, 40_000)),
  ],
  ['programs that a map holds', () => onSmallKernel(often.slots(60_000))],
  [
    'programs that call a function with many tags',
    () => onKernel('6.1', often.contextTags(8000, 20_000, 5)),
  ],
  [
    'programs that call a function whose context is tagged',
    () => onKernel('6.1', often.contextTags(4000, 200, 0)),
    0,
  ],
  ['many arenas', () => onSmallKernel(often.arenas(14_000))],
  ['programs attached to what is absent', () => onSmallKernel(often.absentTargets(15_000))],
  ['options of the kernel that are absent', () => onSmallKernel(often.absentOptions(13_000))],
];

const {arrays, callbacks, variables} = settings;
/** As many as there may be. */
const MANY = 32_000;
const long = 'n'.repeat(56);
const wide = {variables: 1, members: 10_000, programs: 10_000};

const MANY_OPTIONS: readonly OptionRow[] = [
  [
    'an array gets many sizes',
    () => arrays(1, 'data', 20_000),
    MANY,
    i => `resize.a0=${8 + (i % 8)}`,
  ],
  [
    'an array grows, and is small again',
    () => arrays(1, 'data'),
    200,
    i => `resize.a0=${i === 199 ? 8 : 6e7 + i}`,
  ],
  ['arrays get a size each', () => arrays(6000, 'data'), 6000, i => `resize.a${i}=16`],
  ['nothing is known', () => arrays(1, 'data'), 340_000, () => 'x='],
  ['nothing has a value', () => arrays(1, 'data'), 500_000, () => 'x'],
  ['the last of many variables is set', () => variables(14_000), MANY, i => `set.v13999=${i % 10}`],
  [
    'names are near to many',
    () => variables(5500, i => `${long}${i}`),
    300,
    i => `set.${long}xx${i % 10}=1`,
  ],
  [
    'the last of many variables is made',
    () => callbacks({variables: 7000, members: 1, programs: 0}),
    MANY,
    () => 'create.v6999=1',
  ],
  [
    'the last of many programs is loaded',
    () => callbacks({variables: 1, members: 1, programs: 15_000}),
    MANY,
    () => 'autoload.p14999=0',
  ],
  ['the last of many callbacks is set', () => callbacks(wide), MANY, () => 'set.v0.m9999=p9999'],
  ['callbacks are near to many', () => callbacks(wide), 300, () => 'set.v0.m9999=p9999xx'],
  [
    'the last of many variables is pinned',
    () => callbacks({variables: 7000, members: 1, programs: 0}),
    MANY,
    () => 'pin.v6999=a',
  ],
  [
    'many pins go',
    () => callbacks({variables: 1, members: 1, programs: 0}),
    MANY,
    i => (i === 0 ? 'replace.v0=link:1' : 'unpin.v0=a'),
  ],
  ['the kernel is configured', () => arrays(1, 'data'), MANY, () => 'CONFIG_A=y'],
];

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
  ...MULTIPLIED,
  ...MANY_OPTIONS.map(([why, make, count, line]): Row => {
    const text = Array.from({length: count}, (_, i) => `${line(i)}\n`).join('');
    return [`options: ${why}`, () => onSmallKernel({...make(), options: Buffer.from(text)}), 0];
  }),
];
