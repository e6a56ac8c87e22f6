import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {bpftoolFiles, getBpftool} from '../rig/bpftool.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS, type Kernel, type KernelId} from '../rig/kernels.js';
import {runInVm, type VmResult} from '../rig/vm.js';
import {compile} from './fake_executor.js';
import {ARENA, newestPlans, plansFor} from './vm_plans.js';

/** The executor as it ships, with frames made by hand, on real kernels. No struct_ops is attached. */

const EXECUTOR = join(REPOSITORY, 'build/test/vm_shim');

test.before(() =>
  execa('make', ['-s', '-C', 'shim', 'PROGRAM=../build/test/vm_shim'], {cwd: REPOSITORY}),
);

const SCRIPT = `
# A frame, held with its process id in $pid until \`release\`.
hold() {
  rm -f /tmp/in
  mkfifo /tmp/in
  structops-shim --allow-other-programs < /tmp/in > /out/$1 &
  pid=$!
  exec 3> /tmp/in
  cat /root/$1.plan >&3
  while ! grep -q status /out/$1; do sleep 0.1; done
}
release() {
  exec 3>&-
  wait $pid; echo "$1 $?"
}
try() {
  structops-shim --allow-other-programs $2 /root/$1.plan > /out/$1; echo "$1 $?"
}
hold good
cat /proc/$pid/status > /out/status
release good
try poor
try bad
try other
cp /root/good.plan /root/loaded.plan
try loaded --load-only

hold values
bpftool -j map show > /out/maps
bpftool prog dump xlated name addresses > /out/xlated
grep -w init_task /proc/kallsyms > /out/symbol
cat /sys/devices/system/cpu/possible > /out/possible
release values
try missing
try hotplug
echo 2 > /proc/sys/kernel/kptr_restrict
cp /root/values.plan /root/hidden.plan
try hidden
`;

const NEWEST_SCRIPT = `
hold arena
grep ^${ARENA.address.toString(16)} /proc/$pid/maps > /out/mapping
dd if=/proc/$pid/mem bs=1 skip=${ARENA.address + ARENA.offset} count=${ARENA.text.length} 2> /dev/null > /out/data
release arena
try faulting
try associated --load-only
`;

/** XXH64 of the BTF of a kernel. */
async function identify(kernel: Kernel): Promise<{size: number; xxh64: bigint; hex: string}> {
  const sources = ['test/shim/hash_main.c', 'shim/sha256.c', 'shim/xxh64.c'];
  const hash = await compile(`hash_${kernel.id}`, sources);
  const btf = await readFile(kernel.btf);
  const {stdout} = await execa(hash, {input: btf});
  const hex = stdout.split(' ')[1] ?? '';
  return {size: btf.length, xxh64: BigInt(`0x${hex}`), hex};
}

/** The value type of congestion controls: of some struct_ops that every kernel has. */
async function valueTypeOf(kernel: Kernel): Promise<{id: number; size: number}> {
  const bpftool = join(await getBpftool(), 'bin/bpftool');
  const {stdout} = await execa(bpftool, ['btf', 'dump', 'file', kernel.btf]);
  const [, id, size] =
    /^\[(\d+)\] STRUCT 'bpf_struct_ops_tcp_congestion_ops' size=(\d+)/m.exec(stdout) ?? [];
  return {id: Number(id), size: Number(size)};
}

async function runPlans(
  kernel: Kernel,
  plans: Readonly<Record<string, Uint8Array>>,
  script: string,
): Promise<VmResult> {
  const directory = await mkdtemp(join(tmpdir(), 'structops-vm-shim-'));
  try {
    const files = [
      {hostPath: EXECUTOR, guestPath: '/usr/bin/structops-shim'},
      ...(await bpftoolFiles()),
    ];
    for (const [name, bytes] of Object.entries(plans)) {
      const hostPath = join(directory, name);
      await writeFile(hostPath, bytes);
      files.push({hostPath, guestPath: `/root/${name}.plan`});
    }
    return await runInVm({kernel, files, script, timeoutSeconds: 400});
  } finally {
    await rm(directory, {recursive: true});
  }
}

/** The lines that a run of the executor left in /out. */
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
function resultsOf({outFiles}: VmResult, name: string): any[] {
  const text = String(outFiles.get(name)).trim();
  return text.split('\n').map(line => JSON.parse(line));
}

const textOf = ({outFiles}: VmResult, name: string) => String(outFiles.get(name)).trim();

function checkPlans(t: ExecutionContext, vm: VmResult, size: number, xxh64: string): void {
  const [done, released] = resultsOf(vm, 'good');
  t.like(done, {status: 'done', tolerated: 0});
  const kinds = done.slots.map((slot: {kind: string}) => slot.kind);
  t.deepEqual(kinds, ['btf', 'map', 'prog']);
  for (const {id} of done.slots) t.true(id > 0);
  t.like(released, {status: 'released', why: 'end_of_input', frames: 1});
  checkConfinement(t, vm);

  t.deepEqual(
    resultsOf(vm, 'loaded').map(result => result.status),
    ['loaded'],
  );
  const [bad] = resultsOf(vm, 'bad');
  t.like(bad, {status: 'step_failed', step: 4, cmd: 'BPF_PROG_LOAD', error: 'EACCES'});
  t.regex(bad.log, /R0 !read_ok/);
  const [other] = resultsOf(vm, 'other');
  t.is(other.status, 'wrong_kernel');
  t.deepEqual(other.running, {btf_size: size, btf_xxh64: xxh64});
}

/** Idle, with a frame held: nothing in effect, and next to no memory. */
function checkConfinement(t: ExecutionContext, vm: VmResult): void {
  const status = new Map(
    textOf(vm, 'status')
      .split('\n')
      .map(line => line.split(/:\s+/, 2) as [string, string]),
  );
  const resident = Number.parseInt(status.get('VmRSS') ?? '', 10);
  t.true(resident > 0 && resident <= 1024, `${resident} KiB resident`);
  t.is(status.get('NoNewPrivs'), '1');
  t.is(status.get('Seccomp'), '2');
  for (const set of ['CapEff', 'CapInh', 'CapAmb']) t.is(status.get(set), '0'.repeat(16), set);
  for (const set of ['CapPrm', 'CapBnd']) t.is(status.get(set), '000000c400201000', set);
  // A plan gets the capabilities that it asks for, and no others.
  t.like(resultsOf(vm, 'poor')[0], {status: 'step_failed', cmd: 'BPF_BTF_LOAD', error: 'EPERM'});
}

function checkValues(t: ExecutionContext, vm: VmResult): void {
  const [done] = resultsOf(vm, 'values');
  t.is(done.status, 'done');
  // One CPU: the list is "0".
  t.is(textOf(vm, 'possible'), '0');
  const maps = JSON.parse(textOf(vm, 'maps')) as {name: string; max_entries: number}[];
  t.is(maps.find(({name}) => name === 'events')?.max_entries, 1);
  const [address = ''] = textOf(vm, 'symbol').split(' ');
  t.regex(address, /^ffffffff[0-9a-f]{8}$/);
  t.regex(textOf(vm, 'xlated'), new RegExp(`r1 = 0x${address}\n.*r2 = 0x0$`, 'm'));

  const at = {status: 'step_failed', step: 1, cmd: 'BPF_PROG_LOAD', file: '/proc/kallsyms'};
  t.like(resultsOf(vm, 'missing')[0], {...at, reason: 'symbol_missing', symbol: 'no_such_symbol'});
  t.like(resultsOf(vm, 'hidden')[0], {...at, reason: 'addresses_hidden'});
}

/** sched_ext is in Linux since 6.12, and in Debian's small kernels later than that. */
function checkHotplug(t: ExecutionContext, vm: VmResult, hasSchedExt: boolean): void {
  const [result] = resultsOf(vm, 'hotplug');
  if (hasSchedExt) {
    // The first step, which no kernel takes: so the file was read before it.
    t.like(result, {status: 'step_failed', step: 0, cmd: 'BPF_MAP_CREATE'});
    t.false('reason' in result);
    return;
  }
  t.like(result, {
    ...{status: 'step_failed', step: 1, cmd: 'BPF_MAP_UPDATE_ELEM', reason: 'file_unreadable'},
    ...{file: '/sys/kernel/sched_ext/hotplug_seq', error: 'ENOENT', left_registered: 0},
  });
}

const RESULTS =
  'good 0\npoor 1\nbad 1\nother 2\nloaded 0\nvalues 0\nmissing 1\nhotplug 1\nhidden 1\n';

const onRealKernel = test.macro({
  async exec(t, id: KernelId) {
    const kernel = await getKernel(id);
    const btf = await identify(kernel);
    const vm = await runPlans(kernel, plansFor(btf), SCRIPT);
    t.is(vm.output, RESULTS);
    checkPlans(t, vm, btf.size, btf.hex);
    checkValues(t, vm);
    checkHotplug(t, vm, false);
  },
  title: (_ = '', id: string) =>
    `Linux ${id}: loads, holds, lets go; values; a refused program, another kernel, no sched_ext`,
});

for (const id of KERNEL_IDS.filter(id => id !== 'newest')) test.serial(onRealKernel, id);

test.serial('Linux newest: the same; hotplug_seq; an arena with data; an association', async t => {
  const kernel = await getKernel('newest');
  const btf = await identify(kernel);
  const plans = {...plansFor(btf), ...newestPlans(btf, await valueTypeOf(kernel))};
  const vm = await runPlans(kernel, plans, SCRIPT + NEWEST_SCRIPT);
  t.is(vm.output, `${RESULTS}arena 0\nfaulting 1\nassociated 0\n`);
  checkPlans(t, vm, btf.size, btf.hex);
  checkValues(t, vm);
  checkHotplug(t, vm, true);

  const end = (ARENA.address + 16 * 4096).toString(16);
  t.regex(textOf(vm, 'mapping'), new RegExp(`^${ARENA.address.toString(16)}-${end} rw-s `));
  t.is(String(vm.outFiles.get('data')), ARENA.text);
  t.like(resultsOf(vm, 'faulting')[0], {
    ...{status: 'step_failed', step: 2, cmd: 'STRUCTOPS_ARENA_MAP', error: 'EFAULT'},
  });
  t.like(resultsOf(vm, 'associated')[0], {status: 'loaded', tolerated: 0});
});
