import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildBpf} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, type Kernel, type KernelId} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {type LibbpfRun, type LibbpfStep, libbpfSteps} from './libbpf_steps.js';

// What is expected here was seen in recordings of libbpf on real kernels, so that the oracle is
// not its own measure. Numbers like 8.19 are those of the project's notes on libbpf.

const EXAMPLES = join(REPOSITORY, 'examples');
const INCLUDE = `-I${join(EXAMPLES, 'include')}`;

const kernels = new Map<KernelId, Kernel>();
const kernel = (id: KernelId) => kernels.get(id) as Kernel;

test.before(async () => {
  for (const id of ['6.1', '6.12', 'newest'] as const) kernels.set(id, await getKernel(id));
});

function run(id: KernelId, example: string): Promise<LibbpfRun> {
  return libbpfSteps(join(EXAMPLES, `tcp/${example}.bpf.o`), kernel(id));
}

/** The step that makes a map or program of that kernel name. */
function maker({steps}: LibbpfRun, name: string): LibbpfStep {
  const found = steps.find(({attr}) => (attr.map_name ?? attr.prog_name) === name);
  if (found === undefined) throw new Error(`no step makes ${name}`);
  return found;
}

/** `6.1 MAP_UPDATE_ELEM map_fd=3 value+64=4`: what a step works on, by slots. */
function summary({phase, cmd, slot, patches}: LibbpfStep): string {
  const fds = patches
    .filter(({put}) => put === 'slot')
    .map(patch => `${patch.field ?? `${patch.in}+${patch.offset}`}=${patch.slot}`);
  return [phase, cmd.replace('BPF_', ''), slot === null ? '' : `-> ${slot}`, ...fds]
    .filter(Boolean)
    .join(' ');
}

test('0.5: the calls of an object with .rodata, .bss, a link and calls to the kernel', async t => {
  const {libbpf, steps, error, log} = await run('newest', 'second_link');
  t.regex(libbpf, /^1\.([7-9]|\d\d)$/);
  t.deepEqual([error, log], [null, '']);
  const bind = (prog: number) => `load PROG_BIND_MAP prog_fd=${prog} map_fd=1`;
  t.deepEqual(steps.map(summary), [
    'load BTF_LOAD -> 0',
    'load MAP_CREATE -> 1 btf_fd=0',
    'load MAP_UPDATE_ELEM map_fd=1',
    'load MAP_FREEZE map_fd=1',
    'load MAP_CREATE -> 2 btf_fd=0',
    'load MAP_UPDATE_ELEM map_fd=2',
    'load MAP_CREATE -> 3 btf_fd=0',
    'load PROG_LOAD -> 4 prog_btf_fd=0 insns+28=2',
    bind(4),
    'load PROG_LOAD -> 5 prog_btf_fd=0 insns+20=1 insns+52=2 insns+196=1 insns+268=1',
    bind(5),
    'load PROG_LOAD -> 6 prog_btf_fd=0 insns+36=2 insns+68=2 insns+508=2 insns+1060=1',
    bind(6),
    'load PROG_LOAD -> 7 prog_btf_fd=0 insns+60=2 insns+108=2',
    bind(7),
    'load PROG_LOAD -> 8 prog_btf_fd=0 insns+20=2',
    bind(8),
    'attach MAP_UPDATE_ELEM map_fd=3 value+64=6 value+80=5 value+88=7 value+136=8 value+208=4',
    'attach LINK_CREATE -> 9 map_fd=3',
  ]);
});

test('0.5: a legacy object is registered by the update of its map', async t => {
  const {steps} = await run('6.1', 'first');
  t.deepEqual(steps.slice(-2).map(summary), [
    'load PROG_LOAD -> 5 prog_btf_fd=0 insns+44=1',
    'attach MAP_UPDATE_ELEM map_fd=2 value+64=3 value+72=5 value+128=4',
  ]);
});

test('0.6: the sizes of attrs', async t => {
  const {steps} = await run('6.12', 'second_link');
  t.deepEqual(Object.fromEntries(steps.map(({cmd, attr_size}) => [cmd, attr_size])), {
    ...{BPF_BTF_LOAD: 40, BPF_MAP_CREATE: 92, BPF_MAP_UPDATE_ELEM: 32, BPF_MAP_FREEZE: 4},
    ...{BPF_PROG_LOAD: 168, BPF_PROG_BIND_MAP: 12, BPF_LINK_CREATE: 64},
  });
  for (const {attr_hex, attr_size} of steps) t.is(attr_hex.length, 2 * attr_size);
});

test('4.2: what PROG_LOAD says of a program', async t => {
  const {attr, attr_hex, blobs} = maker(await run('newest', 'second_link'), 'second_cong_avo');
  const {attach_btf_id, kern_version, ...rest} = attr;
  t.deepEqual(rest, {
    ...{prog_type: 27, insn_cnt: 155, prog_name: 'second_cong_avo'},
    ...{func_info_rec_size: 8, func_info_cnt: 2, line_info_rec_size: 16, line_info_cnt: 78},
  });
  t.true(Number(attach_btf_id) > 0 && Number(kern_version) > 0x70000);
  t.is(blobs.license, '47504c00');
  t.is(blobs.insns?.length, 155 * 16);
  // insns, license, log_buf and what lies between: addresses and a log that is not asked for.
  t.is(attr_hex.slice(2 * 8, 2 * 40), '00'.repeat(32));
});

const memberIndexes = test.macro({
  async exec(t, id: KernelId, wanted: readonly number[]) {
    const steps = await run(id, 'first');
    const names = ['first_ssthresh', 'first_cong_avoi', 'first_undo_cwnd'];
    const found = names.map(name => maker(steps, name).attr.expected_attach_type ?? 0);
    t.deepEqual(found, wanted);
  },
  title: (_ = '', id) => `3.17: on ${id} expected_attach_type is the kernel's member index`,
});

test(memberIndexes, '6.1', [0, 1, 8]);
test(memberIndexes, '6.12', [0, 1, 8]);
test(memberIndexes, 'newest', [2, 0, 9]);

test('8.13, 8.14: data maps', async t => {
  const steps = await run('6.12', 'second_link');
  const common = {map_type: 2, key_size: 4, max_entries: 1};
  const {btf_value_type_id: rodata, ...ofRodata} = maker(steps, 'second_l.rodata').attr;
  t.deepEqual(ofRodata, {...common, value_size: 12, map_flags: 0x480, map_name: 'second_l.rodata'});
  const {btf_value_type_id: bss, ...ofBss} = maker(steps, 'second_l.bss').attr;
  t.deepEqual(ofBss, {...common, value_size: 56, map_flags: 0x400, map_name: 'second_l.bss'});
  t.true(Number(rodata) > 0 && Number(bss) > 0);
  // 700, 400 and 2, as second.bpf.c has them; then zeros.
  const [first, second] = steps.steps.filter(({cmd}) => cmd === 'BPF_MAP_UPDATE_ELEM');
  t.deepEqual(first?.blobs, {key: '00000000', value: 'bc0200009001000002000000'});
  t.deepEqual(second?.blobs, {key: '00000000', value: '00'.repeat(56)});
});

test('8.19: struct_ops maps, legacy and link', async t => {
  const common = {map_type: 26, key_size: 4, value_size: 256, max_entries: 1};
  const legacy = maker(await run('newest', 'first'), 'so_first').attr;
  const link = maker(await run('newest', 'first_link'), 'so_first').attr;
  const {btf_vmlinux_value_type_id} = legacy;
  t.true(Number(btf_vmlinux_value_type_id) > 0);
  const ofType = {map_name: 'so_first', btf_vmlinux_value_type_id};
  t.deepEqual(legacy, {...common, ...ofType});
  t.deepEqual(link, {...common, ...ofType, map_flags: 0x2000});
});

test('8.20: before Linux 6.4 a link map is refused, and libbpf says EINVAL', async t => {
  const {error, log, steps} = await run('6.1', 'first_link');
  t.deepEqual(error, {doing: 'load', errno: 22, code: 'EINVAL'});
  t.regex(log, /map 'so_first': failed to create: -EINVAL/);
  // The steps that the kernel took before.
  t.deepEqual(steps.map(summary), [
    'load BTF_LOAD -> 0',
    'load MAP_CREATE -> 1 btf_fd=0',
    'load MAP_UPDATE_ELEM map_fd=1',
  ]);
});

const optionalSection = test.macro({
  async exec(t, id: KernelId, wanted: string, unwanted: string) {
    const source = join(EXAMPLES, 'tcp/first.bpf.c');
    const object = await buildBpf(source, [INCLUDE, '-DSTRUCT_OPS_SECTION="?.struct_ops"']);
    const {steps, error} = await libbpfSteps(object, kernel(id));
    t.is(error, null);
    const btf = Buffer.from(steps[0]?.blobs.btf ?? '', 'hex').toString('latin1');
    t.true(btf.includes(wanted) && !btf.includes(unwanted));
    // 2.6, 3.20: neither the map nor, without it, its programs.
    t.deepEqual(steps.slice(1).map(summary), [
      'load MAP_CREATE -> 1 btf_fd=0',
      'load MAP_UPDATE_ELEM map_fd=1',
    ]);
  },
  title: (_ = '', id, wanted) => `7.9: on ${id} the section of an optional map is ${wanted}`,
});

test(optionalSection, '6.1', '_.struct_ops', '?.struct_ops');
test(optionalSection, '6.12', '?.struct_ops', '_.struct_ops');

test('5.17, 5.24: kfuncs of a module and of nobody', async t => {
  const object = await buildBpf(join(REPOSITORY, 'test/oracle/module_kfunc.bpf.c'), [INCLUDE]);
  const alone = await libbpfSteps(object, kernel('6.1'));
  t.like(alone.error, {doing: 'load', code: 'EINVAL'});
  t.regex(alone.log, /tcp_vegas_init/);

  const vegas = await getModuleBtf(kernel('6.1'), 'net/ipv4/tcp_vegas');
  const dctcp = await getModuleBtf(kernel('6.1'), 'net/ipv4/tcp_dctcp');
  const modules = {tcp_dctcp: dctcp, tcp_vegas: vegas};
  const both = await libbpfSteps(object, {...kernel('6.1'), modules});
  t.is(both.error, null, both.log);
  const {blobs, patches} = maker(both, 'of_module');
  // Entry 0 stays unused.
  t.is(blobs.fd_array, '00'.repeat(8));
  const inArray = patches.filter(patch => patch.in === 'fd_array');
  t.deepEqual(
    inArray.map(({offset, width, module}) => ({offset, width, module})),
    [{offset: 4, width: 4, module: 'tcp_vegas'}],
  );
  // call so_absent became the call of a function that no kernel has: 2002000000 + its index, 0.
  t.regex(blobs.insns ?? '', /^([0-9a-f]{16})*8500000080185477/);
});

test('what is no BPF object fails when it is opened', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-oracle-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const object = join(scratch, 'text.bpf.o');
  await writeFile(object, 'no ELF');
  const {error, steps} = await libbpfSteps(object, kernel('6.12'));
  t.is(error?.doing, 'open');
  t.regex(error?.code ?? '', /^LIBBPF_ERRNO__/);
  t.deepEqual(steps, []);
});

test('the same object and kernel give the same steps, run after run', async t => {
  t.deepEqual(await run('newest', 'second_link'), await run('newest', 'second_link'));
});

test('an older libbpf, whose questions are told from its steps as well', async t => {
  const object = join(EXAMPLES, 'tcp/second.bpf.o');
  const older = await libbpfSteps(object, kernel('6.12'), () => {}, 'release');
  t.is(older.libbpf, '1.1');
  const newer = await run('6.12', 'second');
  t.deepEqual(older.steps.map(summary), newer.steps.map(summary));
});
