import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {PlanSettings} from '../../src/inputs/settings.js';
import {modulesOfAll} from '../module/build_module.js';
import {buildBpf, getVmlinuxHeader} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import type {Verdict} from './judge.js';
import {verdictLines} from './oracle_report.js';
import {runOracle} from './run_oracle.js';

/** Folders whose committed objects are all seen. */
const FOLDERS = ['examples', 'test/bpf'];

/** Sources of objects that tests build: they have what the committed ones have not. */
const SOURCES = ['test/oracle/many_kinds.bpf.c', 'test/kernel/refused.bpf.c'];

/** An object that is seen once more with these. */
const ADJUSTABLE = 'test/bpf/conformance/adjustable.bpf.o';
const ADJUSTED = `${ADJUSTABLE} with settings`;
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
const DEBIAN_MODULES = ['net/ipv4/tcp_bbr', 'net/ipv4/tcp_dctcp'];

/** An object that libbpf and we treat otherwise, and mean to: what is said of it. */
interface Explained {
  readonly why: string;
  /** Where it is so; on the other kernels it is the same. All when absent. */
  readonly on?: readonly KernelId[];
  readonly ours: RegExp;
  readonly libbpf: RegExp;
}

const EXPLAINED: Readonly<Record<string, Explained>> = {
  'test/bpf/conformance/optional_two.bpf.o': {
    why: 'libbpf makes the second variable of an optional section as if it were not optional.',
    ours: /^attached$/,
    libbpf: /^BPF_MAP_UPDATE_ELEM second_optional: EINVAL$/,
  },
  'test/bpf/conformance/pinned.bpf.o': {
    why: 'A map that is pinned by its name is one step of a plan, and several calls of libbpf.',
    ours: /^BPF_MAP_UPDATE_ELEM so_pinned: EINVAL$/,
    libbpf: /^BPF_MAP_UPDATE_ELEM so_pinned: EINVAL$/,
  },
  'test/bpf/conformance/program_types_1_8.bpf.o': {
    why: 'Sections that libbpf knows since 1.8; the older kernels refuse their programs.',
    on: ['newest'],
    ours: /^(attached|BPF_PROG_LOAD)/,
    libbpf: /^load: EINVAL$/,
  },
  'test/bpf/malformed/nothing.bpf.o': {
    why: 'libbpf loads an object with nothing in it; that is hardly what a user means.',
    ours: /^OBJ_NOTHING$/,
    libbpf: /^attached$/,
  },
};

/** Declares the tests of one kernel, for a file of its own: files run side by side. */
export function declareTests(id: KernelId): void {
  const verdicts = new Map<string, Verdict>();

  test.before(async t => {
    t.timeout(600_000);
    const kernel = await getKernel(id);
    const objects = await Promise.all(
      FOLDERS.map(async folder =>
        (await findObjects(join(REPOSITORY, folder))).map(one => ({
          ...one,
          name: `${folder}/${one.name}`,
        })),
      ),
    );
    for (const source of SOURCES) {
      const built = await findObjects(await build(source));
      objects.push(built.map(one => ({...one, name: objectOf(source)})));
    }
    const [adjustable] = await findObjects(join(REPOSITORY, ADJUSTABLE));
    if (adjustable) objects.push([{...adjustable, name: ADJUSTED, settings: SETTINGS}]);
    const keep = (verdict: Verdict) => verdicts.set(verdict.object, verdict);
    const run = {kernel, ...(await modulesOfAll(kernel, DEBIAN_MODULES))};
    await runOracle(objects.flat(), run, keep, () => {});
  });

  for (const name of objectNames()) {
    const explained = explanationOf(name, id);
    test(`${id}: ${name}: ${explained ? 'differs as explained' : 'same as libbpf'}`, t => {
      const verdict = verdicts.get(name);
      if (verdict === undefined) return t.fail('the guest has not seen it');
      if (explained === undefined) return t.true(verdict.same, verdictLines(verdict));
      t.false(verdict.same, 'no longer a difference');
      t.regex(verdict.ours.text, explained.ours);
      return t.regex(verdict.libbpf.text, explained.libbpf);
    });
  }

  test(`${id}: programs that the verifier refuses are among them, and what is attached`, t => {
    const refused = verdicts.get(objectOf('test/kernel/refused.bpf.c'));
    t.is(refused?.ours.text, 'BPF_PROG_LOAD refused_ssthresh: EACCES');
    // The kernel's name of it.
    t.is(refused?.libbpf.text, 'BPF_PROG_LOAD refused_ssthres: EACCES');
    t.is(verdicts.get('examples/tcp/second.bpf.o')?.ours.kind, 'attached');
  });

  test(`${id}: what is attached with settings, and not without`, t => {
    t.is(verdicts.get(ADJUSTED)?.ours.text, 'attached');
    t.is(verdicts.get(ADJUSTABLE)?.ours.text, 'KERN_NO_MEMBER');
  });

  test(`${id}: what needs modules is attached where the kernel has such modules`, t => {
    const attached = (name: string) =>
      verdicts.get(`test/bpf/conformance/${name}.bpf.o`)?.ours.kind === 'attached';
    t.true(attached('module_kfuncs'));
    t.is(attached('module_kind'), id !== '6.1');
  });
}

function explanationOf(name: string, id: KernelId): Explained | undefined {
  const explained = EXPLAINED[name];
  return explained?.on?.includes(id) === false ? undefined : explained;
}

/** The objects by name, as ava wants to know its tests before any of them runs. */
function objectNames(): string[] {
  const committed = FOLDERS.flatMap(folder =>
    readdirSync(join(REPOSITORY, folder), {recursive: true, encoding: 'utf8'})
      .filter(name => name.endsWith('.bpf.o'))
      .map(name => `${folder}/${name}`),
  );
  return [...committed, ...SOURCES.map(objectOf), ADJUSTED].sort();
}

function objectOf(source: string): string {
  return source.replace(/\.c$/, '.o');
}

async function build(source: string): Promise<string> {
  const header = await getVmlinuxHeader(await getKernel('6.12'));
  const flags = ['-DUSE_VMLINUX_H', `-I${join(REPOSITORY, 'examples/include')}`];
  return buildBpf(join(REPOSITORY, source), [...flags, `-I${header.replace(/\/[^/]*$/, '')}`]);
}
