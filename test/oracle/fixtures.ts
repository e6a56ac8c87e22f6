import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {buildBpf, getVmlinuxHeader} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import type {OracleObject} from './our_plan.js';

/** Folders whose committed objects are all seen. */
const FOLDERS = ['examples', 'test/bpf'];

/** Sources of objects that tests build: they have what the committed ones have not. */
const SOURCES = ['test/oracle/many_kinds.bpf.c', 'test/kernel/refused.bpf.c'];

/** An object that is seen once more with these. */
export const ADJUSTABLE = 'test/bpf/conformance/adjustable.bpf.o';
export const ADJUSTED = `${ADJUSTABLE} with settings`;
const SETTINGS: PlanSettings = {
  set: {
    CONFIG_HZ: 250,
    threshold: -7,
    loudness: 'LOUD',
    label: 'after',
    'so_adjust.ssthresh': 'other_ssthresh',
    'so_adjust.init': null,
    'so_spare.name': 'so_set',
  },
  maps: {flows: {maxEntries: 1000}, events: {maxEntries: 5000}},
  autoload: {spare: true},
  create: {so_spare: true},
  resize: {samples: 1600, zeros: 4_000_000},
  nullUnknownCallbacks: true,
  enumConstants: '__TCP_',
  associate: 'so_spare',
};

/** Loaded in every guest: congestion controls whose functions programs may call. */
export const DEBIAN_MODULES = ['net/ipv4/tcp_bbr', 'net/ipv4/tcp_dctcp'];

/** Every object that the repository has or builds, by its path. */
export async function fixtures(): Promise<OracleObject[]> {
  const lists = FOLDERS.map(async folder =>
    (await findObjects(join(REPOSITORY, folder))).map(one => ({
      ...one,
      name: `${folder}/${one.name}`,
    })),
  );
  const built = SOURCES.map(async source =>
    (await findObjects(await build(source))).map(one => ({...one, name: objectOf(source)})),
  );
  const adjusted = (await findObjects(join(REPOSITORY, ADJUSTABLE))).map(one => ({
    ...one,
    name: ADJUSTED,
    settings: SETTINGS,
  }));
  return [...(await Promise.all([...lists, ...built])).flat(), ...adjusted];
}

/** The objects by name, as ava wants to know its tests before any of them runs. */
export function fixtureNames(): string[] {
  const committed = FOLDERS.flatMap(folder =>
    readdirSync(join(REPOSITORY, folder), {recursive: true, encoding: 'utf8'})
      .filter(name => name.endsWith('.bpf.o'))
      .map(name => `${folder}/${name}`),
  );
  return [...committed, ...SOURCES.map(objectOf), ADJUSTED].sort();
}

/** The name of what is built of a source. */
export function objectOf(source: string): string {
  return source.replace(/\.c$/, '.o');
}

async function build(source: string): Promise<string> {
  const header = await getVmlinuxHeader(await getKernel('6.12'));
  const flags = ['-DUSE_VMLINUX_H', `-I${join(REPOSITORY, 'examples/include')}`];
  return buildBpf(join(REPOSITORY, source), [...flags, `-I${header.replace(/\/[^/]*$/, '')}`]);
}
