import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {type CoreWasm, openCore} from '../helpers/core_wasm.js';
import {libbpfSteps} from '../oracle/libbpf_steps.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS, type Kernel, type KernelId} from '../rig/kernels.js';
import {KernelTypes} from './kernel_types.js';
import {access, number, POISON, POISON_64, relocate} from './relocated.js';

/** `kernel.bpf.c` on real kernels: each number is where bpftool says that the field is. */
const OBJECT = join(REPOSITORY, 'test/bpf/core_relo/kernel.bpf.o');

let core: CoreWasm;
const kernels = new Map<KernelId, Kernel>();

test.before(async () => {
  core = await openCore();
  for (const id of KERNEL_IDS) kernels.set(id, await getKernel(id));
});

/** What each program begins with, in the order of the source. */
function expected(types: KernelTypes): Record<string, string> {
  const offset = (struct: string, path: string) => number(types.field(struct, path).bits / 8);
  const size = (struct: string, path: string) => number(types.field(struct, path).size);
  const load = (struct: string, path: string) => {
    const field = types.field(struct, path);
    return access(field.bits / 8, field.size);
  };
  const enumValue = (name: string, value: string) =>
    BigInt.asIntN(64, types.enumValue(name, value) ?? 0n);
  const hasScx = types.hasField('task_struct', 'scx');
  return {
    offset: offset('tcp_sock', 'snd_cwnd'),
    offset_flavour: offset('tcp_sock', 'tcp_mstamp'),
    offset_nested: offset('sock', '__sk_common.skc_dport'),
    offset_array: offset('task_struct', 'comm'),
    offset_element: offset('task_struct', 'comm[5]'),
    offset_deep_element: offset('tcp_sock', 'inet_conn.icsk_ca_priv[3]'),
    offset_member_of_member: offset('task_struct', 'tasks.prev'),
    offset_unnamed_union: offset('sk_buff', 'dev'),
    offset_absent: POISON,
    offset_of_absent_struct: POISON,
    offset_incompatible: POISON,
    offset_of_pointed: number(
      2 * types.sizeOfStruct('list_head') + types.field('list_head', 'prev').bits / 8,
    ),

    size: size('tcp_sock', 'snd_cwnd'),
    size_array: size('task_struct', 'comm'),
    size_element: size('tcp_sock', 'inet_conn.icsk_ca_priv[3]'),
    size_other_here: size('tcp_sock', 'tcp_mstamp'),

    exists: number(true),
    exists_not: number(false),
    exists_sched_ext: number(hasScx),
    exists_incompatible: number(false),
    exists_element: number(true),
    exists_no_struct: number(false),

    signed_int: number(types.field('task_struct', 'prio').signed),
    signed_not: number(types.field('task_struct', 'flags').signed),
    signed_not_here: number(types.field('tcp_sock', 'srtt_us').signed),

    ...bitfield('is_cwnd_limited', types, 'tcp_sock', 'is_cwnd_limited'),
    ...bitfield('ip_summed', types, 'sk_buff', 'ip_summed'),
    ...bitfield('in_iowait', types, 'task_struct', 'in_iowait'),
    ...bitfield('skc_ipv6only', types, 'sock_common', 'skc_ipv6only'),
    ...bitfield('plain', types, 'tcp_sock', 'tcp_mstamp'),

    load: load('tcp_sock', 'snd_cwnd'),
    load_nested: load('sock', '__sk_common.skc_family'),
    load_element: load('task_struct', 'comm[2]'),
    load_pointer: load('sk_buff', 'head'),
    load_narrowed: load('tcp_sock', 'snd_cwnd'),
    load_widened: load('tcp_sock', 'tcp_mstamp'),
    load_signed_resized: POISON,
    load_unsigned_resized: load('task_struct', 'flags'),
    load_absent: POISON,
    store: load('tcp_sock', 'snd_cwnd'),
    store_narrowed: load('tcp_sock', 'snd_cwnd'),
    store_absent: POISON,

    type_exists: number(true),
    type_exists_flavour: number(true),
    type_exists_not: number(false),
    type_exists_typedef: number(true),
    type_exists_no_typedef: number(false),
    type_exists_enum: number(true),
    type_exists_other_kind: number(false),
    type_size: number(types.sizeOfStruct('tcp_sock')),
    type_size_typedef: number(4),
    type_size_not: number(0),
    type_matches: number(true),
    type_matches_not: number(false),
    type_matches_typedef: number(true),
    type_matches_enum: number(true),
    type_matches_not_enum: number(false),
    type_id: number(types.idOf('STRUCT', 'tcp_sock')),
    type_id_typedef: number(types.idOf('TYPEDEF', 'atomic_t')),
    type_id_not: number(0),

    enum_exists: number(true),
    enum_exists_not: number(false),
    enum_exists_sched_ext: number(hasScx),
    enum_value: number(enumValue('tcp_ca_state', 'TCP_CA_Loss')),
    enum_value_flavour: number(enumValue('tcp_ca_state', 'TCP_CA_Open')),
    enum_value_absent: POISON_64,
    enum_value_signed: number(enumValue('perf_event_state', 'PERF_EVENT_STATE_DEAD')),
    enum_value_64: number(enumValue('perf_callchain_context', 'PERF_CONTEXT_MAX')),
    enum_value_64_from_32: number(enumValue('hmm_pfn_flags', 'HMM_PFN_VALID')),
  };
}

/** The five numbers of a bitfield: a load of its declared size that holds it, shifted up, then down. */
function bitfield(name: string, types: KernelTypes, struct: string, path: string) {
  const {bits, bitfield: width, size, signed} = types.field(struct, path);
  const count = width === 0 ? size * 8 : width;
  const offset = Math.floor(bits / 8 / size) * size;
  return {
    [`${name}_offset`]: number(offset),
    [`${name}_size`]: number(size),
    [`${name}_signed`]: number(signed),
    [`${name}_lshift`]: number(64 - (bits - 8 * offset) - count),
    [`${name}_rshift`]: number(64 - count),
  };
}

const asBpftoolSays = test.macro({
  async exec(t, id: KernelId) {
    const {btf} = kernels.get(id) as Kernel;
    const {programs, faults} = relocate(core, await readFile(OBJECT), {
      kernelBtf: await readFile(btf),
    });
    t.deepEqual(faults, []);
    // What is not relocated against the kernel: an id of the object, and a number to store.
    const {type_id_local: _, store_constant: __, ...rest} = programs;
    t.deepEqual(rest, expected(await KernelTypes.read(btf)));
  },
  title: (_ = '', id) => `Linux ${id}: every kind of relocation gives what bpftool says`,
});

const asLibbpfDoes = test.macro({
  async exec(t, id: KernelId) {
    const kernel = kernels.get(id) as Kernel;
    const run = await libbpfSteps(OBJECT, kernel);
    t.is(run.error, null, run.log);
    const {insns} = relocate(core, await readFile(OBJECT), {
      kernelBtf: await readFile(kernel.btf),
    });
    const theirs = run.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
    t.true(insns.length > 80);
    t.deepEqual(
      insns,
      theirs.map(({blobs}) => blobs.insns),
    );
  },
  title: (_ = '', id) => `Linux ${id}: every instruction is as libbpf relocates it`,
});

for (const id of KERNEL_IDS) {
  test(asBpftoolSays, id);
  test(asLibbpfDoes, id);
}
