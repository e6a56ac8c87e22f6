import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {openCore} from '../helpers/core_wasm.js';
import {libbpfSteps} from '../oracle/libbpf_steps.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {KernelTypes} from './kernel_types.js';
import {access, number, POISON, POISON_64, relocate} from './relocated.js';

const OBJECT = join(REPOSITORY, 'test/bpf/core_relo/module.bpf.o');

test('types that only a module has are found in it, and the types of vmlinux behind them', async t => {
  const kernel = await getKernel('6.1');
  const btf = await getModuleBtf(kernel, 'net/ipv4/tcp_bbr');
  const vmlinux = await KernelTypes.read(kernel.btf);
  const types = await KernelTypes.read(btf, kernel.btf);
  t.false(vmlinux.has('STRUCT', 'bbr'));
  const {programs, insns, faults} = relocate(await openCore(), await readFile(OBJECT), {
    kernelBtf: await readFile(kernel.btf),
    module: {name: 'tcp_bbr', btf: await readFile(btf)},
  });
  t.deepEqual(faults, []);

  const bytes = (path: string) => types.field('bbr', path).bits / 8;
  const bits = types.field('bbr', 'lt_rtt_cnt');
  const word = Math.floor(bits.bits / 32) * 4;
  t.deepEqual(programs, {
    module_exists: number(true),
    module_load: access(bytes('cycle_mstamp'), 8),
    module_into_vmlinux: number(bytes('bw.s[2].v')),
    module_bitfield_offset: number(word),
    module_bitfield_size: number(4),
    module_bitfield_signed: number(false),
    module_bitfield_lshift: number(64 - (bits.bits - 8 * word) - bits.bitfield),
    module_bitfield_rshift: number(64 - bits.bitfield),
    module_type_id: number(types.idOf('STRUCT', 'bbr')),
    module_type_size: number(types.sizeOfStruct('bbr')),
    module_enum: number(types.enumValue('bbr_mode', 'BBR_PROBE_RTT') ?? -1n),
    vmlinux_type_size: number(vmlinux.sizeOfStruct('minmax')),
  });

  const run = await libbpfSteps(OBJECT, {...kernel, modules: {tcp_bbr: btf}});
  t.is(run.error, null, run.log);
  const theirs = run.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
  t.deepEqual(
    insns,
    theirs.map(({blobs}) => blobs.insns),
  );
});

test('without the module its types do not exist', async t => {
  const kernel = await getKernel('6.1');
  const {programs} = relocate(await openCore(), await readFile(OBJECT), {
    kernelBtf: await readFile(kernel.btf),
  });
  const {module_exists, module_load, module_type_id, module_enum} = programs;
  t.deepEqual(
    {module_exists, module_load, module_type_id, module_enum},
    {
      module_exists: number(false),
      module_load: POISON,
      module_type_id: number(0),
      module_enum: POISON_64,
    },
  );
});
