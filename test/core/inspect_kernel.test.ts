import {readFile} from 'node:fs/promises';
import test from 'ava';
import {exampleObject} from '../helpers/bpf_objects.js';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {faultsOf, jsonOf, openCore, STATUS} from '../helpers/core_wasm.js';
import {getKernel, type KernelId} from '../rig/kernels.js';

/** The core's inspectKernel, and what makePlan does with the machine that a kernel is for. */

const core = openCore();

interface Kernel {
  readonly machine: string;
  readonly pointer_size: number;
  readonly struct_ops: readonly string[];
  readonly features: readonly {name: string; since: string; present: boolean}[];
}

const tells = test.macro({
  async exec(t, id: KernelId, kinds: readonly string[]) {
    const kernel = await getKernel(id);
    const answer = (await core).call('inspectKernel', {kernelBtf: await readFile(kernel.btf)});
    t.is(answer.status, STATUS.done);
    const told = jsonOf<Kernel>(answer);
    t.is(told.machine, 'x86-64');
    t.is(told.pointer_size, 8);
    for (const kind of kinds) t.true(told.struct_ops.includes(kind), kind);
    const [major = 0, minor = 0] = kernel.release.split('.').map(Number);
    for (const {name, since, present} of told.features) {
      const [sinceMajor = 0, sinceMinor = 0] = since.split('.').map(Number);
      t.is(present, major * 1000 + minor >= sinceMajor * 1000 + sinceMinor, `${name} ${since}`);
    }
  },
  title: (_, id) => `Linux ${id}: its kinds of struct_ops; features by the release that it is`,
});
test(tells, '6.1', ['tcp_congestion_ops']);
test(tells, '6.12', ['tcp_congestion_ops']);
test(tells, 'newest', ['tcp_congestion_ops', 'sched_ext_ops', 'Qdisc_ops']);

/** A kernel of which only this is known: the entry of bpf(2), and the size of a long. */
function kernelOf(entry: string, longBytes: number): Buffer {
  const builder = new BtfBuilder();
  builder.int('long unsigned int', longBytes);
  builder.function(entry, builder.prototype(0));
  return builder.build();
}

const isFor = test.macro({
  async exec(t, entry: string, longBytes: number, machine: string) {
    const kernelBtf = kernelOf(entry, longBytes);
    const answer = (await core).call('inspectKernel', {kernelBtf});
    t.like(jsonOf<Kernel>(answer), {machine, pointer_size: longBytes, struct_ops: []});
  },
  title: (_, entry, longBytes, machine) => `${entry}, long of ${longBytes} bytes: ${machine}`,
});
test(isFor, '__x64_sys_bpf', 8, 'x86-64');
test(isFor, '__arm64_sys_bpf', 8, 'arm64');
test(isFor, '__riscv_sys_bpf', 8, 'riscv64');
test(isFor, '__ia32_sys_bpf', 4, 'i386');
test(isFor, 'sys_bpf', 8, 'unknown');

test('makePlan: a 32-bit kernel is refused', async t => {
  const answer = (await core).call('makePlan', {
    object: await exampleObject('first'),
    kernelBtf: kernelOf('__ia32_sys_bpf', 4),
  });
  t.is(answer.status, STATUS.faults);
  const fault = faultsOf(answer).find(({code}) => code === 'KERN_FOREIGN');
  t.like(fault, {wanted: 'pointers of 8 bytes', found: '4 bytes'});
  t.regex(fault?.message ?? '', /i386/);
});

test('a kernel of some kilobytes is not described in gigabytes', async t => {
  const btf = new BtfBuilder();
  const char = btf.int('char', 1);
  const name = btf.string('m'.repeat(60_000));
  const members = Array.from({length: 4000}, () => ({name, type: char}));
  for (let i = 0; i < 100; i++) {
    const inner = btf.struct(`kind_${i}`, 1, i === 0 ? members : []);
    btf.struct(`bpf_struct_ops_kind_${i}`, 1, [{name: 'data', type: inner}]);
  }
  const answer = (await core).call('inspectKernel', {kernelBtf: btf.build()});
  t.is(answer.status, STATUS.faults);
  const [fault] = faultsOf(answer);
  t.is(fault?.code, 'KERN_BAD_BTF');
  t.regex(fault?.message ?? '', /description of the kernel/);
});
