import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {BTF_HEADER, BtfEdit} from '../test/helpers/btf_edit.js';
import {cached, contentName} from '../test/rig/cache.js';
import {getKernel, type Kernel} from '../test/rig/kernels.js';
import {
  buildLargeObject,
  type LargeObject,
  MANY_ROOT_TYPES,
  SCHEDULER,
} from '../test/rig/large_object.js';
import {countInstructions, type Instructions} from './process_contenders.js';

/** How the work grows with one thing, all else being equal. */
export interface Growth {
  readonly title: string;
  /** What the numbers of `points` are of. */
  readonly unit: string;
  readonly points: readonly GrowthPoint[];
}

export interface GrowthPoint extends Instructions {
  readonly at: number;
}

interface Series {
  readonly title: string;
  readonly unit: string;
  readonly steps: readonly Step[];
}

/** Makes an object and a kernel; says what they have of the thing. */
type Step = () => Promise<{at: number; objectPath: string; kernel: Kernel}>;

/** For each struct of a large object, beside those of its members: its existence, and of one member that and the size. */
const OTHER_RELOCATIONS = 3;

/** Instructions of whole processes: a busy machine does not change them. */
export async function measureGrowth(progress: (line: string) => void): Promise<Growth[]> {
  const growths: Growth[] = [];
  for (const {title, unit, steps} of await allSeries()) {
    const points: GrowthPoint[] = [];
    for (const step of steps) {
      const {at, objectPath, kernel} = await step();
      progress(`${title}: ${at} ${unit}`);
      points.push({at, ...(await countInstructions({objectPath, kernel}))});
    }
    growths.push({title, unit, points});
  }
  return growths;
}

async function allSeries(): Promise<Series[]> {
  const kernel = await getKernel('newest');
  const objects = (all: readonly LargeObject[], at: (one: LargeObject, size: number) => number) =>
    all.map(one => async () => {
      const objectPath = await buildLargeObject(kernel, one);
      return {at: at(one, (await readFile(objectPath)).length), objectPath, kernel};
    });
  const roots = [1, 10, 30, 60, 110].map(structs => ({...MANY_ROOT_TYPES, structs}));
  const members = [1, 3, 6, 9, 12].map(members => ({...MANY_ROOT_TYPES, structs: 20, members}));
  const callbacks = [1, 9, 18, 37].map(callbacks => ({...SCHEDULER, callbacks}));
  return [
    {title: 'Root types', unit: 'structs', steps: objects(roots, one => one.structs)},
    {
      title: 'Relocations',
      unit: 'CO-RE relocations',
      steps: objects(members, one => one.structs * (one.members + OTHER_RELOCATIONS)),
    },
    {title: 'Object', unit: 'kB', steps: objects(callbacks, (_, size) => Math.round(size / 1000))},
    {title: "The kernel's BTF", unit: 'MB', steps: [0, 1, 2, 3].map(times => withLargerBtf(times))},
  ];
}

/** The second example for a kernel with so many times its types, under other names. */
function withLargerBtf(times: number): Step {
  return async () => {
    const kernel = await getKernel('newest');
    const btf = await readFile(kernel.btf);
    const path = await cached(join('btf-made', `times-${times}-${contentName(btf)}`), to =>
      writeFile(to, withMoreTypes(btf, times)),
    );
    const objectPath = new URL('../examples/tcp/second_link.bpf.o', import.meta.url).pathname;
    const bytes = (await readFile(path)).length;
    return {at: Number((bytes / 1e6).toFixed(1)), objectPath, kernel: {...kernel, btf: path}};
  };
}

/** Appends all records again: they refer to the same types, and have names of their own. */
function withMoreTypes(btf: Buffer, times: number): Buffer {
  const edit = new BtfEdit(btf);
  const typesEnd = edit.typesAt + edit.header('type_len');
  const types = btf.subarray(edit.typesAt, typesEnd);
  const strings = btf.subarray(edit.stringsAt, edit.stringsAt + edit.header('str_len'));
  const head = Buffer.from(btf.subarray(0, edit.typesAt));
  const parts = {types: [types], strings: [strings]};
  for (let time = 1; time <= times; time++) {
    const again = Buffer.from(types);
    for (const {at} of edit.types) {
      const name = again.readUInt32LE(at - edit.typesAt);
      if (name !== 0) again.writeUInt32LE(name + time * strings.length, at - edit.typesAt);
    }
    parts.types.push(again);
    parts.strings.push(renamed(strings, time));
  }
  const all = {types: Buffer.concat(parts.types), strings: Buffer.concat(parts.strings)};
  head.writeUInt32LE(all.types.length, BTF_HEADER.type_len);
  head.writeUInt32LE(edit.header('type_off') + all.types.length, BTF_HEADER.str_off);
  head.writeUInt32LE(all.strings.length, BTF_HEADER.str_len);
  return Buffer.concat([head, all.types, all.strings]);
}

/** Each name with another last letter. */
function renamed(strings: Buffer, time: number): Buffer {
  const made = Buffer.from(strings);
  for (let at = 1; at < made.length; at++) {
    if (made[at] === 0 && made[at - 1] !== 0) made[at - 1] = 0x30 + time;
  }
  return made;
}

/** For the table of a series. */
export function growthRows({unit, points}: Growth): string[][] {
  return points.map(({at, ours, libbpf}) => [
    `${at} ${unit}`,
    ...[ours, libbpf].map(count => `${(count / 1e6).toFixed(1)} M`),
    (ours / libbpf).toFixed(3),
  ]);
}
