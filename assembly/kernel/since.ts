/**
 * Since which release Linux has what objects ask for most, so that a fault can say so. Names that are not here are not
 * known; a prefix is as good as the first function of its family.
 */

/** Kinds of struct_ops. */
const KINDS: StaticArray<string> = [
  'tcp_congestion_ops',
  '5.6',
  'bpf_dummy_ops',
  '5.16',
  'hid_bpf_ops',
  '6.11',
  'sched_ext_ops',
  '6.12',
  'Qdisc_ops',
  '6.16',
];

/** How names of kfuncs begin; the first that fits counts. */
const KFUNCS: StaticArray<string> = [
  'bpf_cpumask_populate',
  '6.15',
  'bpf_cpumask_',
  '6.3',
  'scx_bpf_events',
  '6.15',
  'scx_bpf_now',
  '6.14',
  'scx_bpf_dsq_insert',
  '6.13',
  'scx_bpf_dsq_move',
  '6.13',
  'scx_bpf_',
  '6.12',
  'bpf_qdisc_',
  '6.16',
  'bpf_kfree_skb',
  '6.16',
  'bpf_iter_num_',
  '6.4',
  'bpf_iter_task_',
  '6.7',
  'bpf_iter_bits_',
  '6.11',
  'bpf_rcu_read_',
  '6.2',
  'bpf_task_acquire',
  '6.2',
  'bpf_rbtree_',
  '6.3',
  'bpf_dynptr_from_',
  '6.4',
  'bpf_throw',
  '6.7',
  'bpf_arena_',
  '6.9',
  'bpf_wq_',
  '6.10',
  'hid_bpf_',
  '6.3',
  'tcp_',
  '5.13',
];

/** By number of `enum bpf_map_type`: the first that has it, from the ring buffer on. */
const FIRST_MAP_TYPE: u32 = 27;
const MAP_TYPES: StaticArray<string> = ['5.8', '5.10', '5.11', '5.16', '6.1', '6.2', '6.9', '6.19'];

/** Empty: not known. */
export function kindSince(name: string): string {
  for (let i = 0; i < KINDS.length; i += 2) {
    if (KINDS[i] == name) return KINDS[i + 1];
  }
  return '';
}

/** Empty: not known. */
export function kfuncSince(name: string): string {
  for (let i = 0; i < KFUNCS.length; i += 2) {
    if (name.startsWith(KFUNCS[i])) return KFUNCS[i + 1];
  }
  return '';
}

/** Empty: not known, or every kernel with BTF has it. */
export function mapTypeSince(type: u32): string {
  const index = type - FIRST_MAP_TYPE;
  return type < FIRST_MAP_TYPE || index >= <u32>MAP_TYPES.length ? '' : MAP_TYPES[index];
}
