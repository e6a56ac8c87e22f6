import {readFile} from 'node:fs/promises';
import test from 'ava';
import {faultsOf, type Inputs, STATUS} from '../helpers/core_wasm.js';
import {getKernel} from '../rig/kernels.js';
import * as hostile from './hostile.js';
import * as multiplied from './multiplied.js';
import {core, smallKernel} from './refused.js';
import * as settings from './settings.js';

/** Nothing that a file says may make the core run out of time or memory. */

/** It takes less than one when nothing else runs. What grows with the square takes minutes. */
const SECONDS_MAX = 30;

const answered = test.macro({
  async exec(t, make: () => Promise<Inputs> | Inputs, ...codes: string[]) {
    const wasm = await core();
    const inputs = {kernelBtf: await smallKernel(), ...(await make())};
    const startedMs = performance.now();
    const answer = wasm.call('makePlan', inputs);
    const seconds = (performance.now() - startedMs) / 1000;
    t.log(`${((inputs.object?.length ?? 0) / 2 ** 20).toFixed(1)} MiB, ${seconds.toFixed(2)} s`);
    const found = answer.status === STATUS.done ? ['a plan'] : faultsOf(answer).map(f => f.code);
    t.deepEqual([...new Set(found)], codes);
    t.true(seconds < SECONDS_MAX, `${seconds} s`);
    const {object = Buffer.alloc(0)} = inputs;
    const inspected = wasm.call('inspectObject', {object});
    t.true(inspected.output.length < 8 * object.length + 2 ** 21);
  },
  title: (why = '') => why,
});

const {structOps} = hostile;
const badRelocation = 'ELF_BAD_RELOCATION';
const tooLarge = 'OBJ_TOO_LARGE';
const noKind = 'KERN_NO_STRUCT_OPS';

test(
  'symbols and variables of one name',
  answered,
  () => hostile.oneName(100_000),
  'OBJ_BAD_VARIABLE',
);
test('long names that overlap', answered, () => hostile.longNames(50_000, 1e6), 'ELF_BAD_SYMBOL');
test('names that begin alike', answered, () => hostile.likeNames(50_000), 'OBJ_UNDEFINED_SYMBOL');
test('relocations out of range', answered, () => hostile.badRelocations(500_000), badRelocation);
test(
  'relocations between instructions',
  answered,
  () => hostile.crookedRelocations(500_000),
  badRelocation,
);
test(
  'relocations into many variables',
  answered,
  () => structOps({variables: 100_000, members: 1, relocations: 200_000}),
  tooLarge,
);
test(
  'relocations into many members',
  answered,
  () => structOps({variables: 1, members: 100_000, relocations: 200_000}),
  noKind,
);
test(
  'relocations to many sections',
  answered,
  () => hostile.dataSections(20_000, 300_000),
  tooLarge,
);
test(
  'programs and members',
  answered,
  () => hostile.programsAndMembers(10_000, 4000),
  'KERN_BAD_BTF',
);
test('programs and sections', answered, () => hostile.programsAndSections(8000, 3000), tooLarge);
test('definitions of maps', answered, () => hostile.mapDefinitions(50_000, 300_000), 'OBJ_BAD_MAP');
test('types that nest', answered, () => hostile.nestedKconfig(31), 'OBJ_BAD_EXTERN');
test('exception callbacks', answered, () => hostile.exceptionCallbacks(60_000), tooLarge);
test('members in another order', answered, () => hostile.oppositeMembers(4000), 'a plan');
test('too many members', answered, () => hostile.oppositeMembers(60_000), 'KERN_BAD_BTF');
test(
  'a kernel with many kinds',
  answered,
  () => ({
    ...structOps({variables: 1, members: 1, relocations: 0}),
    kernelBtf: hostile.manyKinds(100_000),
  }),
  noKind,
);
test(
  'many kinds that a real kernel has not',
  answered,
  async () => ({
    ...structOps({variables: 5_000, members: 1, relocations: 0}),
    kernelBtf: await readFile((await getKernel('6.12')).btf),
  }),
  noKind,
);
const {sectionsOfOneName} = multiplied;
test(
  'many sections .maps with many maps',
  answered,
  () => sectionsOfOneName('.maps', 8000, 50_000),
  'ELF_BAD_SECTION',
);
test(
  'many sections of many empty variables',
  answered,
  () => sectionsOfOneName('.struct_ops', 8000, 50_000),
  'ELF_BAD_SECTION',
);
test(
  'many sections of relocations for one section of code',
  answered,
  () => multiplied.relocationSections(30_000, 4e6),
  badRelocation,
);
test('jump tables that overlap', answered, () => multiplied.jumpTables(60, 12_000), tooLarge);
test(
  'members that the kernel does not have',
  answered,
  () => multiplied.absentMembers(8000, 800),
  tooLarge,
);
test(
  'functions of one prototype',
  answered,
  () => multiplied.namelessParameters(50_000, 200_000),
  'OBJ_NOTHING',
);
test(
  'references to an arena behind many maps',
  answered,
  () => multiplied.arenaReferences(50_000, 200_000),
  tooLarge,
);

/** As options say it of each of `count` arrays. */
const each = (count: number, line: (i: number) => string) =>
  Buffer.from(Array.from({length: count}, (_, i) => `${line(i)}\n`).join(''));

test(
  'options: arrays that fit into no plan together',
  answered,
  () => ({...settings.arrays(60, 'data'), options: each(60, i => `resize.a${i}=60000000`)}),
  tooLarge,
);
test(
  'options: variables of large sections',
  answered,
  () => ({...settings.arrays(60, 'bss'), options: each(60, i => `set.a${i}=x`)}),
  tooLarge,
);
test(
  'options: more than there may be',
  answered,
  () => ({...settings.arrays(1, 'data'), options: each(32_769, () => 'CONFIG_A=y')}),
  'OPTION_BAD_VALUE',
);
