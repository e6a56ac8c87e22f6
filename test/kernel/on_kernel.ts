import test, {type ExecutionContext} from 'ava';
import type {Diagnosis} from '../../src/doctor/finding.js';
import type {Plan} from '../../src/plan/plan.js';
import type {KernelId} from '../rig/kernels.js';
import type {ScenarioFacts} from '../rig/scenario.js';
import {
  BYTES,
  buildsFor,
  countersOf,
  type GuestRun,
  HOLDERS,
  nameOf,
  runGuest,
  scenarioLabel,
  TYPES,
} from './guest_run.js';

/** Numbers of `enum bpf_cmd`. */
const COMMANDS: Readonly<Record<string, number>> = {
  BPF_MAP_CREATE: 0,
  BPF_MAP_UPDATE_ELEM: 2,
  BPF_PROG_LOAD: 5,
  BPF_BTF_LOAD: 18,
  BPF_MAP_FREEZE: 22,
  BPF_PROG_BIND_MAP: 35,
};
const OBJ_GET_INFO_BY_FD = 15;

/** Declares the tests of one kernel, for a file of its own: files run side by side. */
export function declareTests(id: KernelId): void {
  let run: GuestRun;

  test.before(async t => {
    t.timeout(600_000);
    run = await runGuest(id);
  });

  for (const types of TYPES) {
    for (const holder of HOLDERS.filter(one => types === 'own' || one !== 'apply')) {
      for (const build of buildsFor(id)) {
        test(`${holder}: ${build}, built with ${types} types, carries traffic and goes`, t => {
          const facts = run.scenario(scenarioLabel(holder, types, build));
          expectTraffic(t, id, build, facts);
          if (holder !== 'libbpf') expectObjects(t, run.plan(`${types}/${build}`), facts);
        });
      }
    }
  }

  if (id === '6.1') declareLinkRefusal(() => run);
  if (id === 'newest') declareReadme(() => run);

  test('kill -KILL of the command: the executor takes everything back', t => {
    const facts = run.scenario('killed');
    t.is(facts.transfer?.used, 'so_second', facts.transferOutput);
    expectNothingLeft(t, facts);
  });

  test('a plan made in the guest has the bytes of the one made outside', t => {
    t.is(run.check('inside').exitCode, 0, run.check('inside').stderr);
    t.true(run.outFiles.get('inside.plan')?.equals(run.plan('own/second').bytes));
    t.deepEqual(run.check('inside').bpfCalls, []);
  });

  test('doctor: this kernel can do it, which is found out without asking it', t => {
    const {exitCode, stdout, stderr, bpfCalls} = run.check('doctor');
    t.is(exitCode, 0, stdout + stderr);
    const {findings}: Diagnosis = JSON.parse(stdout);
    const severityOf = (wanted: string) => findings.find(one => one.id === wanted)?.severity;
    t.regex(
      findings.find(one => one.id === 'kernel.struct_ops')?.found ?? '',
      /tcp_congestion_ops/,
    );
    t.is(severityOf('kernel.links'), id === '6.1' ? 'warning' : 'ok');
    for (const well of ['kernel.jit', 'privilege.capabilities', 'host.bpffs', 'host.executor']) {
      t.is(severityOf(well), 'ok', stdout);
    }
    t.deepEqual(bpfCalls, []);
  });

  test('--load-only: the calls of the plan, in order, and no other; nothing is left', t => {
    const planned = run
      .plan('own/second')
      .describe()
      .steps.filter(step => step.phase === 'load')
      .map(step => COMMANDS[step.cmd]);
    for (const label of ['load_only', 'apply_load_only']) {
      const check = run.check(label);
      t.is(check.exitCode, 0, check.stdout + check.stderr);
      t.is(JSON.parse(check.stdout).status, 'loaded');
      t.is(JSON.parse(check.stdout).tolerated, 0);
      const calls = check.bpfCalls.filter(cmd => cmd !== OBJ_GET_INFO_BY_FD);
      t.deepEqual(calls, planned);
      t.is(check.left, '');
    }
  });

  for (const [label, status, exitCode] of [
    ['other', 'wrong_kernel', 2],
    ['damaged', 'plan_refused', 2],
  ] as const) {
    test(`${status}: refused before the first bpf(2)`, t => {
      const check = run.check(label);
      t.is(JSON.parse(check.stdout).status, status);
      t.is(check.exitCode, exitCode);
      t.deepEqual(check.bpfCalls, []);
    });
  }

  test("a program that the verifier refuses comes back with the verifier's log", t => {
    const check = run.check('refused');
    const result = JSON.parse(check.stdout);
    t.like(result, {status: 'step_failed', cmd: 'BPF_PROG_LOAD', error: 'EACCES'});
    t.is(result.name, 'refused_ssthresh');
    t.regex(result.log, /no write support to/);
    t.is(check.exitCode, 1);
    t.is(check.left, '');

    const applied = run.check('apply_refused');
    t.is(applied.exitCode, 1);
    t.regex(applied.stderr, /refused_ssthresh[\s\S]*no write support to/);
    t.is(applied.left, '');
  });
}

/** Once is enough: it is about the words in README.md. */
function declareReadme(getRun: () => GuestRun) {
  test('the program in README.md runs as it stands', t => {
    const check = getRun().check('readme');
    t.is(check.exitCode, 0, check.stderr);
    t.regex(check.stdout, /^BPF_BTF_LOAD second\.bpf\.o\n/);
    t.regex(check.stdout, /^prog \d+ second_ssthresh$/m);
    t.is(check.left, '');
  });
}

function expectTraffic(t: ExecutionContext, id: KernelId, build: string, facts: ScenarioFacts) {
  const name = nameOf(build);
  t.deepEqual(facts.namesDuring, [...facts.namesBefore, name], facts.holderOutput);
  t.is(facts.transfer?.used, name, facts.transferOutput);
  t.is(facts.transfer?.bytes, BYTES);
  const counters = facts.variables.get(countersOf(build)) ?? {};
  const text = JSON.stringify(counters);
  t.true((counters.acks ?? 0) > 10, text);
  t.true((counters.ssthresh_calls ?? 0) > 0, text);
  if (name === 'so_second') {
    t.true((counters.connections ?? 0) > 0, text);
    t.true((counters.loss_calls ?? 0) > 0, `the outage: ${text}`);
    t.true((counters.largest_window ?? 0) >= 10 && (counters.largest_window ?? 0) < 65536, text);
    // The field that counts them is in the kernel since 6.7.
    t.is((counters.most_timeouts ?? 0) > 0, id !== '6.1', text);
  }
  t.is(facts.holderExitCode, 0, facts.holderOutput);
  expectNothingLeft(t, facts);
}

function expectNothingLeft(t: ExecutionContext, facts: ScenarioFacts) {
  t.deepEqual(facts.namesAfter, facts.namesBefore, facts.holderOutput);
  t.deepEqual(facts.objectsLeft, [], facts.holderOutput);
}

/** While it is held, the kernel has the maps, programs and links of the plan, and no other. */
function expectObjects(t: ExecutionContext, plan: Plan, {objectsAdded}: ScenarioFacts) {
  const {steps} = plan.describe();
  const kinds = {map: 'BPF_MAP_CREATE', prog: 'BPF_PROG_LOAD', link: 'BPF_LINK_CREATE'};
  for (const [kind, cmd] of Object.entries(kinds)) {
    const added = objectsAdded.filter(line => line.startsWith(`${kind} `));
    t.is(added.length, steps.filter(step => step.cmd === cmd).length, objectsAdded.join('\n'));
  }
}

/** On a kernel without struct_ops links. */
function declareLinkRefusal(getRun: () => GuestRun) {
  test('an object in .struct_ops.link is refused when it is planned, with the reason', t => {
    const check = getRun().check('link');
    t.is(check.exitCode, 2);
    t.regex(
      check.stderr,
      /so_second is in \.struct_ops\.link[\s\S]*no struct_ops links[\s\S]*6\.4/,
    );
    t.deepEqual(check.bpfCalls, []);
    t.is(check.left, '');
    const {refusals} = getRun();
    const builds = ['own/first_link', 'own/second_link'];
    t.deepEqual([...refusals.keys()].filter(name => name.startsWith('own/')).sort(), builds);
    for (const build of builds) t.is(refusals.get(build)?.code, 'KERN_NO_LINKS');
    // libbpf says it later, and less.
    const {holderOutput, objectsLeft} = getRun().scenario('libbpf-link');
    t.regex(holderOutput, /failed to create: Invalid argument/);
    t.deepEqual(objectsLeft, []);
  });
}
