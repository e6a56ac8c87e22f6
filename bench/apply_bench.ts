/**
 * `npm run bench:vm`: how long a ready plan takes to be applied beyond what the kernel itself spends
 * in bpf(2), beside `bpftool struct_ops register` for the same object in the same VM: from the
 * start of the program to the end of its BPF_LINK_CREATE. Under TCG everything takes about ten times
 * as long as on a machine, so what counts are the ratios. `--rounds N` measures longer.
 */
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {openBtf} from '../src/inputs/kernel_btf.js';
import {planObject} from '../src/plan/plan_object.js';
import {bpftoolFiles} from '../test/rig/bpftool.js';
import {REPOSITORY} from '../test/rig/cache.js';
import {getKernel, type KernelId} from '../test/rig/kernels.js';
import {executorFile} from '../test/rig/package_files.js';
import {runInVm} from '../test/rig/vm.js';
import {type ApplyTimes, applyTimesOf} from './apply_times.js';

const TRACE_RUN = fileURLToPath(new URL('guest/trace_run.sh', import.meta.url));
const OBJECT = join(REPOSITORY, 'examples/tcp/second_link.bpf.o');
/** Kernels with links. */
const KERNELS: readonly KernelId[] = ['6.12', 'newest'];
const COLUMNS = [
  'kernel',
  'who',
  'calls of bpf(2)',
  'in bpf(2)',
  'other calls',
  'own',
  'beyond bpf(2)',
];

const {values} = parseArgs({options: {rounds: {type: 'string', default: '20'}}});
const ROUNDS = Number(values.rounds);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1) throw new Error('--rounds: a number from 1 on');

interface Measured {
  readonly executor: readonly ApplyTimes[];
  readonly bpftool: readonly ApplyTimes[];
}

async function measure(id: KernelId): Promise<Measured> {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-bench-'));
  try {
    const kernel = await getKernel(id);
    const plan = planObject({
      object: await readFile(OBJECT),
      objectName: 'second_link.bpf.o',
      kernelBtf: openBtf(kernel.btf),
    });
    const planPath = join(scratch, 'plan');
    await writeFile(planPath, plan.bytes);
    const {outFiles} = await runInVm({
      kernel,
      timeoutSeconds: 600,
      files: [
        executorFile(),
        ...(await bpftoolFiles()),
        {hostPath: TRACE_RUN, guestPath: '/usr/bin/trace_run'},
        {hostPath: planPath, guestPath: '/root/plan'},
        {hostPath: OBJECT, guestPath: '/root/second_link.bpf.o'},
      ],
      script: `
        for round in $(seq ${ROUNDS}); do
          trace_run /out/executor_$round sh -c 'exec structops-shim < /root/plan'
          trace_run /out/bpftool_$round bpftool struct_ops register /root/second_link.bpf.o /sys/fs/bpf
          rm /sys/fs/bpf/so_second
        done`,
    });
    const timesOf = (who: string) =>
      Array.from({length: ROUNDS}, (_, index) =>
        applyTimesOf(outFiles.get(`${who}_${index + 1}`)?.toString() ?? ''),
      );
    return {executor: timesOf('executor'), bpftool: timesOf('bpftool')};
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

function median(times: readonly ApplyTimes[], of: (times: ApplyTimes) => number): number {
  const sorted = times.map(of).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const beyond = ({total, bpf}: ApplyTimes) => total - bpf;

function rowOf(kernel: string, who: string, times: readonly ApplyTimes[]): string[] {
  const shown = (of: (times: ApplyTimes) => number) => `${median(times, of).toFixed(2)} ms`;
  return [
    kernel,
    who,
    String(median(times, one => one.bpfCalls)),
    shown(one => one.bpf),
    shown(one => one.otherCalls),
    shown(one => one.user),
    shown(beyond),
  ];
}

function ratioRow(kernel: string, {executor, bpftool}: Measured): string[] {
  const ratio = (of: (times: ApplyTimes) => number) =>
    (median(executor, of) / median(bpftool, of)).toFixed(3);
  return [
    kernel,
    '**ratio**',
    ratio(one => one.bpfCalls),
    ratio(one => one.bpf),
    ratio(one => one.otherCalls),
    ratio(one => one.user),
    ratio(beyond),
  ];
}

const rows: string[][] = [];
for (const id of KERNELS) {
  process.stderr.write(`Linux ${id}: ${ROUNDS} rounds\n`);
  const measured = await measure(id);
  rows.push(
    rowOf(id, 'structops-shim PLAN', measured.executor),
    rowOf(id, 'bpftool struct_ops register', measured.bpftool),
    ratioRow(id, measured),
  );
}
const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
console.log([line(COLUMNS), line(COLUMNS.map(() => '---')), ...rows.map(line)].join('\n'));
