/**
 * Runs in the guest: carries out the verbs of the model through the library, and asks the kernel
 * after each of them whether it is as the model says. Bundled by soak.test.ts.
 *
 *     node soak.mjs SEED SECONDS
 *
 * Prints a line of JSON for each verb that was wrong, and one at the end.
 */
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import {isDeepStrictEqual, promisify} from 'node:util';
import {
  applyPlan,
  detachRegistration,
  type Holding,
  idOf,
  isLeftBehind,
  listRegistrations,
  type Plan,
  type PlanSettings,
  planForRunningKernel,
  type Registration,
  ShimError,
  updateRegistration,
} from 'structops';
import {
  BAD_PLANS,
  BUILDS,
  type Build,
  type Counts,
  type Expected,
  Model,
  type Verb,
} from './model.js';

const PINS = '/sys/fs/bpf/soak';
/** Writes its process id down before it becomes the executor. */
const EXECUTOR = {path: '/root/executor.sh'};
const PID_FILE = '/tmp/executor_pid';
/** For what the kernel does later, on a machine however slow. */
const PATIENCE_MS = 60_000;

interface Executor {
  readonly pid: number;
  readonly holding: Holding;
}

/** What is left of a verb that was wrong. */
class Disagreement extends Error {}

const run = promisify(execFile);
const executors = new Map<number, Executor>();
const objects: ReadonlyMap<string, Buffer> = new Map(
  BUILDS.map(({object}) => [object, readFileSync(`/root/${object}.bpf.o`)] as const),
);

function requestOf({object, kind}: Build, settings: PlanSettings) {
  const more = kind === 'sched_ext_ops' && {
    enumConstants: '__SCX_',
    hotplugSeq: 'so_shared.hotplug_seq',
  };
  const bytes = objects.get(object) as Buffer;
  return {object: bytes, objectName: `${object}.bpf.o`, settings: {...settings, ...more}};
}

/** What the kernel takes at no step, or at all but the last: a value too large, a name that is taken. */
function failing({variable, kind}: Build): Record<string, string | number> {
  if (kind === 'sched_ext_ops') return {[`${variable}.timeout_ms`]: 60_000};
  return kind === 'Qdisc_ops'
    ? {[`${variable}.id`]: 'pfifo_fast'}
    : {[`${variable}.name`]: 'cubic'};
}

function started(number: number, holding: Holding): void {
  executors.set(number, {holding, pid: Number(readFileSync(PID_FILE, 'utf8'))});
}

async function apply({build, executor, pin, fails}: Verb & {do: 'apply'}): Promise<void> {
  const pins = pin === undefined ? {} : {pins: {[build.variable]: `soak/${pin}`}};
  const plan = planForRunningKernel(requestOf(build, pins));
  const applied = await expectFailure(fails, () => applyPlan(plan, EXECUTOR));
  if (applied === undefined) return;
  if (pin === undefined) started(executor, applied);
  else await applied.release();
}

async function update({name, build, executor, fails}: Verb & {do: 'update'}): Promise<void> {
  const {registrations} = await listRegistrations();
  const old = registrations.find(one => one.name === name && one.state === 'in_force');
  const named = build.kind === 'tcp_congestion_ops' ? {[`${build.variable}.name`]: name} : {};
  const set = fails ? failing(build) : named;
  const options = {...requestOf(build, {set}), ...EXECUTOR, variable: build.variable};
  const what = idOf(old as Registration);
  const updated = await expectFailure(fails, () => updateRegistration(what, options), executor);
  if (updated === undefined) return;
  if (updated.stays) await updated.applied.release();
  else started(executor, updated.applied);
}

/** The result of what must not fail; of what must, nothing, and what had to be put back is held. */
async function expectFailure<Result>(
  fails: true | undefined,
  start: () => Promise<Result>,
  executor?: number,
): Promise<Result | undefined> {
  try {
    const result = await start();
    if (fails === true) throw new Disagreement('it was done');
    return result;
  } catch (error) {
    if (!(error instanceof ShimError) || fails !== true) throw error;
    if (error.code !== 'STEP_FAILED') throw error;
    if (error.holding !== undefined) started(executor as number, error.holding);
    return undefined;
  }
}

async function detach(name: string): Promise<void> {
  const {registrations} = await listRegistrations();
  const one = registrations.find(({name: found, state}) => found === name && state === 'in_force');
  await detachRegistration(idOf(one as Registration));
}

async function release(number: number): Promise<void> {
  await executors.get(number)?.holding.release();
  executors.delete(number);
}

async function kill(number: number): Promise<void> {
  const {pid, holding} = executors.get(number) as Executor;
  process.kill(pid, 'SIGKILL');
  await holding.ended;
  executors.delete(number);
}

async function tryBadPlan(plan: keyof typeof BAD_PLANS): Promise<void> {
  const words = [`/root/${plan}.plan`];
  const {stdout} = await run('structops-shim', words).catch((error: {stdout: string}) => error);
  const {status} = JSON.parse(stdout);
  if (status !== BAD_PLANS[plan]) throw new Disagreement(stdout);
}

async function killCommand({object, kind}: Build): Promise<void> {
  const more =
    kind === 'sched_ext_ops'
      ? ['--enum-constants', '__SCX_', '--hotplug-seq', 'so_shared.hotplug_seq']
      : [];
  const words = ['apply', '--json', `/root/${object}.bpf.o`, ...more];
  const command = spawn('structops', words, {stdio: ['ignore', 'pipe', 'inherit']});
  const [line] = await once(command.stdout.setEncoding('utf8'), 'data');
  if (!String(line).includes('"done"')) throw new Disagreement(String(line));
  const ended = once(command, 'exit');
  command.kill('SIGKILL');
  await ended;
}

function carryOut(verb: Verb): Promise<void> | void {
  switch (verb.do) {
    case 'apply':
      return apply(verb);
    case 'update':
      return update(verb);
    case 'detach':
      return detach(verb.name);
    case 'release':
      return release(verb.executor);
    case 'kill':
      return kill(verb.executor);
    case 'unpin':
      return rmSync(`${PINS}/${verb.path}`);
    case 'bad_plan':
      return tryBadPlan(verb.plan);
    case 'kill_command':
      return killCommand(verb.build);
  }
}

const numberOf = (pid: number) =>
  [...executors].find(([, executor]) => executor.pid === pid)?.[0] ?? -1;

/** One of the list, in the words of the model. */
function seen(one: Registration): Expected {
  const [program = ''] = one.programs.map(({name}) => name.split('_')[0]);
  return {
    name: one.name,
    kind: one.kind ?? '',
    variable: `so_${program}`,
    link: one.link !== undefined,
    pins: one.pins.map(({path}) => path.slice(PINS.length + 1)),
    executors: one.holders.map(({pid}) => numberOf(pid)),
    leftBehind: isLeftBehind(one),
  };
}

/** Until the list is as expected; what it is at last. */
async function listUntil(expected: readonly Expected[]): Promise<readonly Expected[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const {registrations} = await listRegistrations();
    const inForce = registrations.filter(({state}) => state === 'in_force').map(seen);
    if (isDeepStrictEqual(inForce, expected) || Date.now() > end) return inForce;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Until the kernel has that many objects; how many it has at last. */
async function countUntil(wanted: Counts): Promise<{counts: Counts; kib: number}> {
  const {maps, progs, links, btfs, pins, congestion_controls} = wanted;
  const numbers = [maps, progs, links, btfs, pins, congestion_controls].map(String);
  const {stdout} = await run('settle', numbers);
  return JSON.parse(stdout);
}

function sum(one: Counts, other: Counts): Counts {
  const entries = Object.entries(one) as [keyof Counts, number][];
  return Object.fromEntries(entries.map(([key, count]) => [key, count + other[key]])) as never;
}

function sizesOf(build: Build): {maps: number; progs: number} {
  const {steps} = (planForRunningKernel(requestOf(build, {})) as Plan).describe();
  const count = (wanted: string) => steps.filter(({cmd}) => cmd === wanted).length;
  return {maps: count('BPF_MAP_CREATE'), progs: count('BPF_PROG_LOAD')};
}

/** Whether the kernel does what the model says. */
async function agrees(model: Model, verb: Verb, base: Counts): Promise<boolean> {
  let failure: string | undefined;
  await Promise.resolve(carryOut(verb)).catch((error: Error) => {
    failure = error.stack ?? error.message;
  });
  model.carryOut(verb);
  const expected = {list: model.inForce(), counts: sum(base, model.counts())};
  const list = failure === undefined ? await listUntil(expected.list) : [];
  const counts = failure === undefined ? (await countUntil(expected.counts)).counts : base;
  if (failure === undefined && isDeepStrictEqual({list, counts}, expected)) return true;
  console.log(JSON.stringify({wrong: verb, failure, list, counts, expected}));
  return false;
}

async function soak(seed: number, seconds: number): Promise<void> {
  mkdirSync(PINS);
  // The kernel's own BTF; the directory; reno and cubic.
  const usual = {maps: 0, progs: 0, links: 0, btfs: 1, pins: 1, congestion_controls: 2};
  const before = await countUntil(usual);
  const model = new Model(seed, new Map(BUILDS.map(build => [build.object, sizesOf(build)])));
  const done: Record<string, number> = {};
  const end = Date.now() + seconds * 1000;
  let agreed = true;
  let verbs = 0;
  for (;;) {
    const verb = Date.now() < end ? model.next() : model.last();
    if (verb === undefined) break;
    const word = 'fails' in verb ? `${verb.do} that fails` : verb.do;
    done[word] = (done[word] ?? 0) + 1;
    console.log(
      JSON.stringify({
        number: verbs++,
        verb: {...verb, ...('build' in verb && {build: verb.build.object})},
      }),
    );
    agreed = await agrees(model, verb, before.counts);
    if (!agreed) break;
  }
  const after = await countUntil(before.counts);
  console.log(JSON.stringify({seed, seconds, agreed, verbs, done, before, after}));
}

const [seed = 1, seconds = 30] = process.argv.slice(2).map(Number);
await soak(seed, seconds);
// Executors that a disagreement left end with this process.
process.exit(0);
