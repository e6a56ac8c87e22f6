/**
 * `npm run bench`: how long a plan takes, beside libbpf doing the same, as a Markdown table.
 *
 * What a run includes. libbpf: opening (reading) the object, mapping and parsing the kernel's BTF,
 * loading, attaching; not the time of the fake bpf(2), nor closing. planObject(): the inputs copied
 * or read, or compared with those of the plan before, the plan and a copy of it; the object is in
 * memory, the core compiled. Both are warm but in the rows that say otherwise. Whole processes are
 * measured from their start to their end. `--rounds N` measures
 * longer.
 */
import {statSync} from 'node:fs';
import {arch, cpus, release, totalmem} from 'node:os';
import {parseArgs} from 'node:util';
import {libbpfSteps} from '../test/oracle/libbpf_steps.js';
import {KERNEL_IDS, type KernelId} from '../test/rig/kernels.js';
import {checkRate} from './check_rate.js';
import {type Contender, measureInTurns, type RoundOptions, type Spread} from './contender.js';
import {libbpfFirst, libbpfWarm} from './libbpf_contender.js';
import {
  memoryBesideBtf,
  planAlone,
  planAloneFromFile,
  planCold,
  planForOtherKernel,
  planFromFile,
  planFromMemory,
} from './plan_contenders.js';
import {countInstructions, libbpfProcess, nativeProcess} from './process_contenders.js';
import {
  exampleWorkload,
  rootTypesWorkload,
  schedulerWorkload,
  vmlinuxWorkload,
  type Workload,
} from './workload.js';

const {values} = parseArgs({options: {rounds: {type: 'string', default: '40'}}});
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1) throw new Error('--rounds: a number from 1 on');

const WARM: RoundOptions = {rounds: ROUNDS, runs: 4, warmUps: 1};
/** Each run is a new process. */
const COLD: RoundOptions = {rounds: Math.ceil(ROUNDS / 2), runs: 1, warmUps: 0};

/** Until optimised code and full caches are there. */
const SETTLING: RoundOptions = {rounds: 5, runs: 10, warmUps: 0};

const COLUMNS = [
  'kernel',
  'object',
  'what',
  'ms',
  'p10 - p90',
  'libbpf ms',
  'p10 - p90',
  'ratio',
  'goal',
];

async function main(): Promise<void> {
  const rows: string[][] = [];
  for (const id of KERNEL_IDS) {
    for (const workload of await workloadsOf(id)) {
      progress(`Linux ${id}: ${workload.title}`);
      rows.push(...(await benchWarm(workload)), ...(await benchCold(workload)));
      rows.push(...(await benchProcess(workload)), await benchInstructions(workload));
      rows.push(memoryRow(workload));
    }
  }
  progress('check');
  console.log([await machine(), await checkRate(), '', ...table(COLUMNS, rows)].join('\n'));
}

async function workloadsOf(id: KernelId): Promise<Workload[]> {
  const scheduler = await schedulerWorkload(id);
  return [
    await exampleWorkload(id),
    await vmlinuxWorkload(id),
    await rootTypesWorkload(id),
    ...(scheduler === null ? [] : [scheduler]),
  ];
}

async function benchWarm(workload: Workload): Promise<string[][]> {
  const libbpf = await libbpfWarm(workload);
  const ours = [
    planFromMemory(workload),
    planForOtherKernel(workload),
    planAlone(workload),
    planFromFile(workload),
    planAloneFromFile(workload),
  ];
  await measureInTurns([{...libbpf, close: () => {}}, ...ours], SETTLING);
  return compare(workload, libbpf, ours, WARM);
}

function benchCold(workload: Workload): Promise<string[][]> {
  return compare(workload, libbpfFirst(workload), [planCold(workload)], COLD);
}

async function benchProcess(workload: Workload): Promise<string[][]> {
  const native = await nativeProcess(workload);
  return compare(workload, await libbpfProcess(workload), [native], COLD);
}

/** In millions; they have no spread. */
async function benchInstructions(workload: Workload): Promise<string[]> {
  const {ours, libbpf} = await countInstructions(workload);
  const millions = (count: number) => `${(count / 1e6).toFixed(1)} M`;
  return [
    ...[workload.kernel.id, titleOf(workload), 'structops-plan, instructions'],
    ...[millions(ours), '', millions(libbpf), '', (ours / libbpf).toFixed(3), '0.3'],
  ];
}

/** Of the core's memory beside the BTF: whatever else the machine does, this is the same. */
function memoryRow(workload: Workload): string[] {
  const kibibytes = Math.ceil(memoryBesideBtf(workload) / 1024);
  const goal = 'BTF + 512 KiB';
  return [
    workload.kernel.id,
    titleOf(workload),
    'memory',
    `BTF + ${kibibytes} KiB`,
    '',
    '',
    '',
    '',
    goal,
  ];
}

async function compare(
  workload: Workload,
  libbpf: Contender,
  ours: readonly Contender[],
  options: RoundOptions,
): Promise<string[][]> {
  const [theirs, ...spreads] = await measureInTurns([libbpf, ...ours], options);
  if (theirs === undefined) throw new Error('nothing was measured');
  return spreads.map((spread, index) => [
    workload.kernel.id,
    titleOf(workload),
    ours[index]?.name ?? '',
    ...shown(spread),
    ...shown(theirs),
    (spread.median / theirs.median).toFixed(3),
    String(ours[index]?.goal ?? ''),
  ]);
}

function titleOf({title, object}: Workload): string {
  return `${title} (${kilobytes(object.length)})`;
}

function shown({median, p10, p90}: Spread): string[] {
  return [median.toFixed(2), `${p10.toFixed(2)} - ${p90.toFixed(2)}`];
}

async function machine(): Promise<string> {
  const workloads = await Promise.all(KERNEL_IDS.map(exampleWorkload));
  const [first] = workloads;
  if (first === undefined) throw new Error('no kernels');
  const {libbpf} = await libbpfSteps(first.objectPath, first.kernel);
  const kernels = workloads.map(
    ({kernel}) => `${kernel.id}: ${kernel.release}, BTF of ${kilobytes(statSync(kernel.btf).size)}`,
  );
  return [
    `* ${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Linux ${release()}`,
    `* Node ${process.versions.node}, V8 ${process.versions.v8}; libbpf ${libbpf} of Debian sid, static`,
    ...kernels.map(kernel => `* ${kernel}`),
    `* ${WARM.rounds} rounds of ${WARM.runs} runs in turns; cold: ${COLD.rounds} processes each; medians`,
  ].join('\n');
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
