/**
 * `npm run bench`: how long a plan takes, beside libbpf doing the same, as a Markdown table.
 *
 * What a run includes. libbpf: opening (reading) the object, mapping and parsing the kernel's BTF,
 * loading, attaching; not the time of the fake bpf(2), nor closing. planObject(): the inputs copied
 * or read, or compared with those of the plan before, the plan and a copy of it; the object is in
 * memory, the core compiled. cilium/ebpf: as libbpf, on a fake bpf(2) of its own; where it does not
 * load an object, the row says why. All are warm but in the rows that say otherwise. Whole
 * processes are measured from their start to their end, the second of two in a row, by
 * process_time.c. `--rounds N` measures longer. `--markdown FILE` writes the table to a file, how
 * the work grows with its inputs too, and that as a chart beside it, FILE with `.svg`; `--growth`
 * measures only that, `--floor` only what first plans are made of, `--memory` only the core's memory.
 * `--step` also counts instructions by stepping, which takes some ten minutes.
 */
import {statSync, writeFileSync} from 'node:fs';
import {arch, cpus, release, totalmem} from 'node:os';
import {basename} from 'node:path';
import {parseArgs} from 'node:util';
import {libbpfSteps} from '../test/oracle/libbpf_steps.js';
import {KERNEL_IDS, type KernelId} from '../test/rig/kernels.js';
import {checkRate} from './check_rate.js';
import {ciliumPeer, type Peer} from './cilium_contender.js';
import {type Contender, measureInTurns, type RoundOptions, type Spread} from './contender.js';
import {ABOUT_FLOOR, FLOOR_COLUMNS, floorRows, steppedLine} from './floor.js';
import {growthRows, measureGrowth} from './growth.js';
import {growthChart} from './growth_chart.js';
import {libbpfFirst, libbpfWarm} from './libbpf_contender.js';
import {ABOUT_MEMORY, MEMORY_COLUMNS, memoryRow} from './memory_floor.js';
import {
  memoryBesideBtf,
  memoryInWindows,
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
  schedulerWorkloads,
  vmlinuxWorkload,
  type Workload,
} from './workload.js';

const {values} = parseArgs({
  options: {
    rounds: {type: 'string', default: '40'},
    markdown: {type: 'string'},
    growth: {type: 'boolean', default: false},
    floor: {type: 'boolean', default: false},
    step: {type: 'boolean', default: false},
    memory: {type: 'boolean', default: false},
  },
});
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

const GROWTH_COLUMNS = ['', 'structops-plan', 'libbpf', 'ratio'];

const ABOUT = [
  'Made by `npm run bench -- --step --markdown docs/bench.md`. Times are medians in ms, of runs in turns with libbpf in the same',
  'minute; ratios are to libbpf. "M" are millions of instructions of a whole process, as callgrind counts them.',
  'cilium/ebpf loads and attaches as libbpf does, each on a kernel that says yes to everything and whose time is not counted.',
];

async function main(): Promise<void> {
  const {markdown} = values;
  if (values.floor) return console.log((await floor()).join('\n'));
  if (values.memory) return console.log((await memory()).join('\n'));
  const parts = [await machine(), ...(values.growth ? [] : await comparison())];
  if (markdown === undefined && !values.growth) return console.log(parts.join('\n'));
  const growths = await measureGrowth(progress);
  if (markdown !== undefined) {
    const chart = markdown.replace(/(\.md)?$/, '.svg');
    writeFileSync(chart, growthChart(growths));
    parts.unshift('# The planner beside libbpf', '', ...ABOUT, '');
    parts.push('', '## How the work grows', '', `![instructions](${basename(chart)})`);
  }
  for (const growth of growths) {
    parts.push('', `### ${growth.title}`, '', ...table(GROWTH_COLUMNS, growthRows(growth)));
  }
  const text = `${parts.join('\n')}\n`;
  if (markdown === undefined) process.stdout.write(text);
  else writeFileSync(markdown, text);
}

async function comparison(): Promise<string[]> {
  const rows: string[][] = [];
  for (const id of KERNEL_IDS) {
    for (const workload of await workloadsOf(id)) {
      progress(`Linux ${id}: ${workload.title}`);
      const cilium = await ciliumPeer(workload);
      rows.push(...(await benchWarm(workload, cilium)), ...(await benchCold(workload, cilium)));
      rows.push(...(await benchProcess(workload, cilium)), await benchInstructions(workload));
      if (cilium.absent !== undefined) rows.push(absentRow(workload, cilium));
      rows.push(...memoryRows(workload));
    }
  }
  progress('check');
  const checked = await checkRate();
  return [checked, '', ...table(COLUMNS, rows), '', ...(await floor())];
}

async function floor(): Promise<string[]> {
  progress('floor');
  const rows = await floorRows(await exampleWorkload('newest'), COLD.rounds);
  const lines = ['## Where the floor is', '', ...ABOUT_FLOOR, '', ...table(FLOOR_COLUMNS, rows)];
  if (values.step) lines.push('', await steppedLine(await vmlinuxWorkload('6.1')));
  return [...lines, '', ...(await memoryFloor())];
}

async function memoryFloor(): Promise<string[]> {
  const rows = (await workloadsOf('newest')).map(memoryRow);
  return ['### Memory', '', ...ABOUT_MEMORY, '', ...table(MEMORY_COLUMNS, rows)];
}

async function memory(): Promise<string[]> {
  const workloads = await Promise.all(KERNEL_IDS.map(workloadsOf));
  return [...table(COLUMNS, workloads.flat().flatMap(memoryRows)), '', ...(await memoryFloor())];
}

async function workloadsOf(id: KernelId): Promise<Workload[]> {
  return [
    await exampleWorkload(id),
    await vmlinuxWorkload(id),
    await rootTypesWorkload(id),
    ...(await schedulerWorkloads(id)),
  ];
}

async function benchWarm(workload: Workload, cilium: Peer): Promise<string[][]> {
  const libbpf = await libbpfWarm(workload);
  const ours = [
    planFromMemory(workload),
    planForOtherKernel(workload),
    planAlone(workload),
    planFromFile(workload),
    planAloneFromFile(workload),
    ...cilium.warm,
  ];
  const staying = [libbpf, ...ours].map(contender => ({...contender, close: () => {}}));
  await measureInTurns(staying, SETTLING);
  return compare(workload, libbpf, ours, WARM);
}

function benchCold(workload: Workload, cilium: Peer): Promise<string[][]> {
  return compare(workload, libbpfFirst(workload), [planCold(workload), ...cilium.cold], COLD);
}

async function benchProcess(workload: Workload, cilium: Peer): Promise<string[][]> {
  const native = await nativeProcess(workload);
  return compare(workload, await libbpfProcess(workload), [native, ...cilium.process], COLD);
}

function absentRow(workload: Workload, {name, absent = ''}: Peer): string[] {
  return [workload.kernel.id, titleOf(workload), name, absent, ...COLUMNS.slice(4).map(() => '')];
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

/** Of the core's memory: whatever else the machine does, this is the same. */
function memoryRows(workload: Workload): string[][] {
  const kibibytes = (bytes: number) => `${Math.ceil(bytes / 1024)} KiB`;
  const row = (what: string, amount: string, goal: string) => [
    ...[workload.kernel.id, titleOf(workload), what, amount, '', '', '', '', goal],
  ];
  return [
    row('memory', `BTF + ${kibibytes(memoryBesideBtf(workload))}`, 'BTF + 512 KiB'),
    row('memory, the BTF in windows', kibibytes(memoryInWindows(workload)), '1024 KiB'),
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
