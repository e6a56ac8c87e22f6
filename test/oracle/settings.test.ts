import {join} from 'node:path';
import test from 'ava';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import {verdictLines} from './oracle_report.js';
import {runOracle} from './run_oracle.js';

// What is set before load, beside a user of libbpf that does the same by its API (settings.c).

const OBJECT = join(REPOSITORY, 'test/bpf/conformance/adjustable.bpf.o');

/** Without these no kernel, or not libbpf, takes the object. */
const BASE: PlanSettings = {nullUnknownCallbacks: true, set: {CONFIG_HZ: 250}};

const ROWS: Readonly<Record<string, PlanSettings>> = {
  'nothing but what it needs': {},
  'integers of every size, with and without a sign': {
    set: {threshold: -70_000, small: 127, port: 65_535, large: -(2n ** 63n), total: 2n ** 64n - 1n},
  },
  'a bool, enumerators of 4 and of 8 bytes, and numbers for them': {
    set: {enabled: true, loudness: 'LOUD', wide: 'WIDE', counter: '0x10'},
  },
  'a text, and one that is as long as there is room': {
    set: {label: 'fifteen letters', 'so_adjust.name': 'another'},
  },
  'a member, and an unknown one that is zero': {
    set: {'so_adjust.flags': 1, 'so_adjust.invented_number': 0},
  },
  'a callback that is null: its program is not loaded': {set: {'so_adjust.init': null}},
  'another program for a callback, which was not to be loaded': {
    set: {'so_adjust.ssthresh': 'other_ssthresh'},
  },
  'a program in two places of the same member': {
    set: {'so_adjust.ssthresh': 'other_ssthresh'},
    create: {so_spare: true},
  },
  'an optional variable that is made': {create: {so_spare: true}},
  'no variable at all': {create: {so_adjust: false}, autoload: {adjustable_invented: false}},
  'programs: one not, one that is optional': {autoload: {beside: false, spare: true}},
  'a program of a callback is loaded even if it shall not': {
    autoload: {adjustable_ssthresh: false},
  },
  'sizes of maps, of which that of a ring buffer is rounded up': {
    maps: {flows: {maxEntries: 1000}, events: {maxEntries: 5000}},
  },
  'arrays at the ends of sections': {resize: {samples: 1600, weights: 1, zeros: 4_000_000}},
  'an array that had its size': {resize: {samples: 32}},
  'an array that is resized, and values': {
    resize: {weights: 100},
    set: {threshold: 1, CONFIG_HZ: 1000},
  },
  "the kernel's enumerators": {enumConstants: '__TCP_'},
  'programs that belong to a variable': {associate: 'so_adjust', autoload: {spare: true}},
  'all of it': {
    set: {
      threshold: 2,
      label: '',
      'so_adjust.ssthresh': 'other_ssthresh',
      'so_spare.name': 'spare',
    },
    maps: {flows: {maxEntries: 7}},
    autoload: {spare: true},
    create: {so_spare: true},
    resize: {samples: 64, zeros: 4096},
    enumConstants: '__TCP_',
    associate: 'so_spare',
  },
};

async function sameWith(settings: PlanSettings, id: KernelId) {
  const [object] = await findObjects(OBJECT);
  if (object === undefined) throw new Error(`${OBJECT} is not there`);
  const both = {...BASE, ...settings, set: {...BASE.set, ...settings.set}};
  const run = {kernel: await getKernel(id), planOnly: {}};
  const ignore = () => {};
  const [verdict] = await runOracle([{...object, settings: both}], run, ignore, ignore);
  return verdict;
}

for (const id of ['6.1', 'newest'] as const) {
  for (const [title, settings] of Object.entries(ROWS)) {
    test(`${id}: as libbpf loads it: ${title}`, async t => {
      const verdict = await sameWith(settings, id);
      if (verdict === undefined) return t.fail('nothing was compared');
      t.true(verdict.same, verdictLines(verdict));
      return t.is(verdict.libbpf.kind, 'attached', verdictLines(verdict));
    });
  }
}
