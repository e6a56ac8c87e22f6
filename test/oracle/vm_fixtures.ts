import test from 'ava';
import {modulesOfAll} from '../module/build_module.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {type Agreement, agreementsOn} from './agreement.js';
import {
  ADJUSTABLE,
  ADJUSTED,
  DEBIAN_MODULES,
  fixtureNames,
  fixtures,
  objectOf,
} from './fixtures.js';
import type {Verdict} from './judge.js';
import {verdictLines} from './oracle_report.js';
import {runOracle} from './run_oracle.js';

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
  'test/bpf/verifier/refusals.bpf.o': {
    why: 'So libbpf makes all optional variables but the first, and the verifier refuses the second.',
    ours: /^attached$/,
    libbpf: /^BPF_PROG_LOAD [a-z_]+: [A-Z]+$/,
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
  const agreements: Agreement[] = [];

  test.before(async t => {
    t.timeout(600_000);
    const kernel = await getKernel(id);
    const objects = await fixtures();
    const keep = (verdict: Verdict) => verdicts.set(verdict.object, verdict);
    const run = {kernel, ...(await modulesOfAll(kernel, DEBIAN_MODULES))};
    await runOracle(objects, run, keep, () => {});
    agreements.push(...(await agreementsOn(run, objects, [...verdicts.values()])));
  });

  test(`${id}: what check says of each object is what becomes of it`, t => {
    t.is(agreements.length, fixtureNames().length);
    t.deepEqual(
      agreements.filter(({agree}) => !agree),
      [],
    );
  });

  for (const name of fixtureNames()) {
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

  test(`${id}: what the kernel lacks, but does not need to load it, is attached`, t => {
    for (const name of ['attach_types', 'context_arguments']) {
      t.is(verdicts.get(`test/bpf/conformance/${name}.bpf.o`)?.ours.text, 'attached');
    }
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
