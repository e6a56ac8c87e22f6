import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildPlan} from '../helpers/plan_builder.js';
import {samplePlan} from '../plan/sample_plan.js';
import {getKernel} from '../rig/kernels.js';
import {runCli} from './run_cli.js';

const OBJECT = 'examples/tcp/second.bpf.o';
const LINK = 'examples/tcp/second_link.bpf.o';
let directory = '';
/** Words that stand for paths in the cases below. */
let words: Readonly<Record<string, string>> = {};

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-diff-'));
  const plan = join(directory, 'x.plan');
  await writeFile(plan, buildPlan(samplePlan()));
  const [old, now] = [await getKernel('6.1'), await getKernel('6.12')];
  words = {OLD: old.btf, NEW: now.btf, PLAN: plan};
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

const run = (args: readonly string[]) => runCli(['diff', ...args.map(arg => words[arg] ?? arg)]);

interface Case {
  readonly args: readonly string[];
  readonly exitCode: number;
  /** On standard output, or of an error on standard error. */
  readonly says: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  'a plan and itself': {args: ['PLAN', 'PLAN'], exitCode: 0, says: /no difference/},
  'an object and itself': {
    args: [OBJECT, OBJECT, '--btf', 'NEW'],
    exitCode: 0,
    says: /no difference/,
  },
  'one object on two kernels': {
    args: [OBJECT, '--btf', 'OLD', '--btf', 'NEW'],
    exitCode: 1,
    says: /programs\n {2}~ second_init[\s\S]*-r2 = \d+\n +\+r2 = \d+/,
  },
  'two builds for one kernel': {
    args: [OBJECT, LINK, '--btf', 'NEW'],
    exitCode: 1,
    says: /\+ so_second {2}BPF_LINK_CREATE/,
  },
  'a plan and an object': {args: ['PLAN', OBJECT, '--btf', 'NEW'], exitCode: 1, says: /\+ \.bss/},
  'two objects, two kernels, and settings': {
    args: [OBJECT, OBJECT, '--btf', 'NEW', '--btf', 'NEW', '--set', 'window_min=4'],
    exitCode: 0,
    says: /no difference/,
  },
  'one thing alone': {
    args: [OBJECT, '--btf', 'NEW'],
    exitCode: 2,
    says: /nothing to compare with[\s\S]*--btf twice/,
  },
  'one plan, which is for one kernel': {
    args: ['PLAN', '--btf', 'OLD', '--btf', 'NEW', '--set', 'x=1'],
    exitCode: 2,
    says: /is a plan[\s\S]*leave out --set/,
  },
  'three kernels': {
    args: [OBJECT, '--btf', 'OLD', '--btf', 'NEW', '--btf', 'NEW'],
    exitCode: 2,
    says: /--btf is given 3 times/,
  },
  'an object that the old kernel cannot have': {
    args: [LINK, '--btf', 'OLD', '--btf', 'NEW'],
    exitCode: 2,
    says: /^old, examples\/tcp\/second_link\.bpf\.o for [\s\S]*KERN_NO_LINKS/,
  },
  'an object that the new kernel cannot have': {
    args: [LINK, '--btf', 'NEW', '--btf', 'OLD'],
    exitCode: 2,
    says: /^new, examples\/tcp\/second_link\.bpf\.o for [\s\S]*KERN_NO_LINKS/,
  },
};

for (const [title, {args, exitCode, says}] of Object.entries(CASES)) {
  test(`${title}: exit code ${exitCode}`, async t => {
    const result = await run(args);
    t.is(result.exitCode, exitCode, result.stderr);
    t.regex(exitCode === 2 ? result.stderr : result.stdout, says);
    t.is(exitCode === 2 ? result.stdout : result.stderr, '');
  });
}

test('--json: the difference as a document, and the same exit code', async t => {
  const {exitCode, stdout} = await run([OBJECT, LINK, '--btf', 'NEW', '--json']);
  t.is(exitCode, 1);
  t.like(JSON.parse(stdout), {schema: 'structops.diff/1', differs: true, reordered: false});
});

test('--json: faults say whose they are', async t => {
  const {exitCode, stdout} = await run([LINK, '--btf', 'NEW', '--btf', 'OLD', '--json']);
  t.is(exitCode, 2);
  t.like(JSON.parse(stdout), {
    schema: 'structops.faults/1',
    subject: `new, ${LINK} for ${words.OLD}`,
  });
});
