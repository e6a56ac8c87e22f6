/** enum bpf_map_type, bpf_prog_type, bpf_attach_type and flags of include/uapi/linux/bpf.h, for people. */

const MAP_TYPES: Readonly<Record<number, string>> = {
  1: 'HASH',
  2: 'ARRAY',
  3: 'PROG_ARRAY',
  4: 'PERF_EVENT_ARRAY',
  5: 'PERCPU_HASH',
  6: 'PERCPU_ARRAY',
  9: 'LRU_HASH',
  10: 'LRU_PERCPU_HASH',
  11: 'LPM_TRIE',
  12: 'ARRAY_OF_MAPS',
  13: 'HASH_OF_MAPS',
  22: 'QUEUE',
  23: 'STACK',
  24: 'SK_STORAGE',
  26: 'STRUCT_OPS',
  27: 'RINGBUF',
  29: 'TASK_STORAGE',
  30: 'BLOOM_FILTER',
  31: 'USER_RINGBUF',
  32: 'CGRP_STORAGE',
  33: 'ARENA',
  34: 'INSN_ARRAY',
};

/** From 1 on. */
const PROG_TYPES: readonly string[] = [
  ...['SOCKET_FILTER', 'KPROBE', 'SCHED_CLS', 'SCHED_ACT', 'TRACEPOINT', 'XDP', 'PERF_EVENT'],
  ...['CGROUP_SKB', 'CGROUP_SOCK', 'LWT_IN', 'LWT_OUT', 'LWT_XMIT', 'SOCK_OPS', 'SK_SKB'],
  ...['CGROUP_DEVICE', 'SK_MSG', 'RAW_TRACEPOINT', 'CGROUP_SOCK_ADDR', 'LWT_SEG6LOCAL'],
  ...['LIRC_MODE2', 'SK_REUSEPORT', 'FLOW_DISSECTOR', 'CGROUP_SYSCTL', 'RAW_TRACEPOINT_WRITABLE'],
  ...['CGROUP_SOCKOPT', 'TRACING', 'STRUCT_OPS', 'EXT', 'LSM', 'SK_LOOKUP', 'SYSCALL'],
  ...['NETFILTER'],
];

const MAP_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0, 'BPF_F_NO_PREALLOC'],
  [2, 'BPF_F_NUMA_NODE'],
  [3, 'BPF_F_RDONLY'],
  [4, 'BPF_F_WRONLY'],
  [7, 'BPF_F_RDONLY_PROG'],
  [8, 'BPF_F_WRONLY_PROG'],
  [10, 'BPF_F_MMAPABLE'],
  [13, 'BPF_F_LINK'],
  [15, 'BPF_F_VTYPE_BTF_OBJ_FD'],
];

const PROG_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [4, 'BPF_F_SLEEPABLE'],
  [5, 'BPF_F_XDP_HAS_FRAGS'],
];

export function mapTypeName(number: number): string {
  return MAP_TYPES[number] ?? `map type ${number}`;
}

export function progTypeName(number: number): string {
  return PROG_TYPES[number - 1] ?? `program type ${number}`;
}

export function attachTypeName(number: number): string {
  return number === 44 ? 'STRUCT_OPS' : `attach type ${number}`;
}

export function mapFlagNames(flags: number): string[] {
  return flagNames(flags, MAP_FLAGS);
}

export function progFlagNames(flags: number): string[] {
  return flagNames(flags, PROG_FLAGS);
}

function flagNames(flags: number, names: typeof MAP_FLAGS): string[] {
  const found: string[] = [];
  let rest = flags;
  for (const [bit, name] of names) {
    const mask = 2 ** bit;
    if (Math.floor(flags / mask) % 2 === 0) continue;
    found.push(name);
    rest -= mask;
  }
  return rest === 0 ? found : [...found, `flags 0x${rest.toString(16)}`];
}
