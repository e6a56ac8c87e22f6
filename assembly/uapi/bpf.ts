/** Constants of include/uapi/linux/bpf.h, by their kernel names. */

export const BPF_MAP_CREATE: u32 = 0;
export const BPF_MAP_UPDATE_ELEM: u32 = 2;
export const BPF_MAP_DELETE_ELEM: u32 = 3;
export const BPF_PROG_LOAD: u32 = 5;
export const BPF_OBJ_PIN: u32 = 6;
export const BPF_OBJ_GET: u32 = 7;
export const BPF_MAP_GET_FD_BY_ID: u32 = 14;
export const BPF_BTF_LOAD: u32 = 18;
export const BPF_MAP_FREEZE: u32 = 22;
export const BPF_LINK_CREATE: u32 = 28;
export const BPF_LINK_UPDATE: u32 = 29;
export const BPF_LINK_GET_FD_BY_ID: u32 = 30;
export const BPF_LINK_DETACH: u32 = 34;
export const BPF_PROG_BIND_MAP: u32 = 35;

/** enum bpf_map_type */
export const BPF_MAP_TYPE_ARRAY: u32 = 2;
export const BPF_MAP_TYPE_PROG_ARRAY: u32 = 3;
export const BPF_MAP_TYPE_PERF_EVENT_ARRAY: u32 = 4;
export const BPF_MAP_TYPE_STACK_TRACE: u32 = 7;
export const BPF_MAP_TYPE_CGROUP_ARRAY: u32 = 8;
export const BPF_MAP_TYPE_ARRAY_OF_MAPS: u32 = 12;
export const BPF_MAP_TYPE_HASH_OF_MAPS: u32 = 13;
export const BPF_MAP_TYPE_DEVMAP: u32 = 14;
export const BPF_MAP_TYPE_SOCKMAP: u32 = 15;
export const BPF_MAP_TYPE_CPUMAP: u32 = 16;
export const BPF_MAP_TYPE_XSKMAP: u32 = 17;
export const BPF_MAP_TYPE_SOCKHASH: u32 = 18;
export const BPF_MAP_TYPE_QUEUE: u32 = 22;
export const BPF_MAP_TYPE_STACK: u32 = 23;
export const BPF_MAP_TYPE_DEVMAP_HASH: u32 = 25;
export const BPF_MAP_TYPE_STRUCT_OPS: u32 = 26;
export const BPF_MAP_TYPE_RINGBUF: u32 = 27;
export const BPF_MAP_TYPE_USER_RINGBUF: u32 = 31;
export const BPF_MAP_TYPE_ARENA: u32 = 33;
export const BPF_MAP_TYPE_INSN_ARRAY: u32 = 34;

/** enum bpf_prog_type */
export const BPF_PROG_TYPE_UNSPEC: u32 = 0;
export const BPF_PROG_TYPE_SOCKET_FILTER: u32 = 1;
export const BPF_PROG_TYPE_KPROBE: u32 = 2;
export const BPF_PROG_TYPE_SCHED_CLS: u32 = 3;
export const BPF_PROG_TYPE_SCHED_ACT: u32 = 4;
export const BPF_PROG_TYPE_TRACEPOINT: u32 = 5;
export const BPF_PROG_TYPE_XDP: u32 = 6;
export const BPF_PROG_TYPE_PERF_EVENT: u32 = 7;
export const BPF_PROG_TYPE_CGROUP_SKB: u32 = 8;
export const BPF_PROG_TYPE_CGROUP_SOCK: u32 = 9;
export const BPF_PROG_TYPE_LWT_IN: u32 = 10;
export const BPF_PROG_TYPE_LWT_OUT: u32 = 11;
export const BPF_PROG_TYPE_LWT_XMIT: u32 = 12;
export const BPF_PROG_TYPE_SOCK_OPS: u32 = 13;
export const BPF_PROG_TYPE_SK_SKB: u32 = 14;
export const BPF_PROG_TYPE_CGROUP_DEVICE: u32 = 15;
export const BPF_PROG_TYPE_SK_MSG: u32 = 16;
export const BPF_PROG_TYPE_RAW_TRACEPOINT: u32 = 17;
export const BPF_PROG_TYPE_CGROUP_SOCK_ADDR: u32 = 18;
export const BPF_PROG_TYPE_LWT_SEG6LOCAL: u32 = 19;
export const BPF_PROG_TYPE_LIRC_MODE2: u32 = 20;
export const BPF_PROG_TYPE_SK_REUSEPORT: u32 = 21;
export const BPF_PROG_TYPE_FLOW_DISSECTOR: u32 = 22;
export const BPF_PROG_TYPE_CGROUP_SYSCTL: u32 = 23;
export const BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE: u32 = 24;
export const BPF_PROG_TYPE_CGROUP_SOCKOPT: u32 = 25;
export const BPF_PROG_TYPE_TRACING: u32 = 26;
export const BPF_PROG_TYPE_STRUCT_OPS: u32 = 27;
export const BPF_PROG_TYPE_LSM: u32 = 29;
export const BPF_PROG_TYPE_SK_LOOKUP: u32 = 30;
export const BPF_PROG_TYPE_SYSCALL: u32 = 31;
export const BPF_PROG_TYPE_NETFILTER: u32 = 32;

/** enum bpf_attach_type */
export const BPF_CGROUP_INET_INGRESS: u32 = 0;
export const BPF_CGROUP_INET_EGRESS: u32 = 1;
export const BPF_CGROUP_INET_SOCK_CREATE: u32 = 2;
export const BPF_CGROUP_SOCK_OPS: u32 = 3;
export const BPF_SK_SKB_STREAM_PARSER: u32 = 4;
export const BPF_SK_SKB_STREAM_VERDICT: u32 = 5;
export const BPF_CGROUP_DEVICE: u32 = 6;
export const BPF_SK_MSG_VERDICT: u32 = 7;
export const BPF_CGROUP_INET4_BIND: u32 = 8;
export const BPF_CGROUP_INET6_BIND: u32 = 9;
export const BPF_CGROUP_INET4_CONNECT: u32 = 10;
export const BPF_CGROUP_INET6_CONNECT: u32 = 11;
export const BPF_CGROUP_INET4_POST_BIND: u32 = 12;
export const BPF_CGROUP_INET6_POST_BIND: u32 = 13;
export const BPF_CGROUP_UDP4_SENDMSG: u32 = 14;
export const BPF_CGROUP_UDP6_SENDMSG: u32 = 15;
export const BPF_LIRC_MODE2: u32 = 16;
export const BPF_FLOW_DISSECTOR: u32 = 17;
export const BPF_CGROUP_SYSCTL: u32 = 18;
export const BPF_CGROUP_UDP4_RECVMSG: u32 = 19;
export const BPF_CGROUP_UDP6_RECVMSG: u32 = 20;
export const BPF_CGROUP_GETSOCKOPT: u32 = 21;
export const BPF_CGROUP_SETSOCKOPT: u32 = 22;
export const BPF_TRACE_RAW_TP: u32 = 23;
export const BPF_TRACE_FENTRY: u32 = 24;
export const BPF_TRACE_FEXIT: u32 = 25;
export const BPF_MODIFY_RETURN: u32 = 26;
export const BPF_LSM_MAC: u32 = 27;
export const BPF_TRACE_ITER: u32 = 28;
export const BPF_CGROUP_INET4_GETPEERNAME: u32 = 29;
export const BPF_CGROUP_INET6_GETPEERNAME: u32 = 30;
export const BPF_CGROUP_INET4_GETSOCKNAME: u32 = 31;
export const BPF_CGROUP_INET6_GETSOCKNAME: u32 = 32;
export const BPF_XDP_DEVMAP: u32 = 33;
export const BPF_CGROUP_INET_SOCK_RELEASE: u32 = 34;
export const BPF_XDP_CPUMAP: u32 = 35;
export const BPF_SK_LOOKUP: u32 = 36;
export const BPF_XDP: u32 = 37;
export const BPF_SK_SKB_VERDICT: u32 = 38;
export const BPF_SK_REUSEPORT_SELECT: u32 = 39;
export const BPF_SK_REUSEPORT_SELECT_OR_MIGRATE: u32 = 40;
export const BPF_TRACE_KPROBE_MULTI: u32 = 42;
export const BPF_LSM_CGROUP: u32 = 43;
export const BPF_STRUCT_OPS: u32 = 44;
export const BPF_NETFILTER: u32 = 45;
export const BPF_TCX_INGRESS: u32 = 46;
export const BPF_TCX_EGRESS: u32 = 47;
export const BPF_TRACE_UPROBE_MULTI: u32 = 48;
export const BPF_CGROUP_UNIX_CONNECT: u32 = 49;
export const BPF_CGROUP_UNIX_SENDMSG: u32 = 50;
export const BPF_CGROUP_UNIX_RECVMSG: u32 = 51;
export const BPF_CGROUP_UNIX_GETPEERNAME: u32 = 52;
export const BPF_CGROUP_UNIX_GETSOCKNAME: u32 = 53;
export const BPF_NETKIT_PRIMARY: u32 = 54;
export const BPF_NETKIT_PEER: u32 = 55;
export const BPF_TRACE_KPROBE_SESSION: u32 = 56;
export const BPF_TRACE_UPROBE_SESSION: u32 = 57;
export const BPF_TRACE_FSESSION: u32 = 58;
export const BPF_TRACE_FENTRY_MULTI: u32 = 59;
export const BPF_TRACE_FEXIT_MULTI: u32 = 60;
export const BPF_TRACE_FSESSION_MULTI: u32 = 61;

export const BPF_F_NUMA_NODE: u32 = 1 << 2;
export const BPF_F_RDONLY_PROG: u32 = 1 << 7;
export const BPF_F_MMAPABLE: u32 = 1 << 10;
export const BPF_F_LINK: u32 = 1 << 13;
export const BPF_F_VTYPE_BTF_OBJ_FD: u32 = 1 << 15;

/** prog_flags */
export const BPF_F_SLEEPABLE: u32 = 1 << 4;
export const BPF_F_XDP_HAS_FRAGS: u32 = 1 << 5;

/** BPF_OBJ_NAME_LEN with its NUL. */
export const BPF_OBJ_NAME_LEN: u32 = 16;

/** src_reg of a pseudo instruction. */
export const BPF_PSEUDO_MAP_FD: u32 = 1;
export const BPF_PSEUDO_MAP_VALUE: u32 = 2;
export const BPF_PSEUDO_BTF_ID: u32 = 3;
export const BPF_PSEUDO_FUNC: u32 = 4;
export const BPF_PSEUDO_CALL: u32 = 1;
export const BPF_PSEUDO_KFUNC_CALL: u32 = 2;

/** Bits of the opcode. */
export const BPF_CLASS_MASK: u32 = 0x07;
export const BPF_LD: u32 = 0x00;
export const BPF_LDX: u32 = 0x01;
export const BPF_ST: u32 = 0x02;
export const BPF_STX: u32 = 0x03;
export const BPF_ALU: u32 = 0x04;
export const BPF_JMP: u32 = 0x05;
export const BPF_JMP32: u32 = 0x06;
export const BPF_ALU64: u32 = 0x07;
export const BPF_X: u32 = 0x08;
export const BPF_SIZE_MASK: u32 = 0x18;
export const BPF_W: u32 = 0x00;
export const BPF_H: u32 = 0x08;
export const BPF_B: u32 = 0x10;
export const BPF_DW: u32 = 0x18;
export const BPF_MODE_MASK: u32 = 0xe0;
export const BPF_ABS: u32 = 0x20;
export const BPF_IND: u32 = 0x40;
export const BPF_MEM: u32 = 0x60;
export const BPF_MEMSX: u32 = 0x80;
export const BPF_ATOMIC: u32 = 0xc0;
export const BPF_OP_MASK: u32 = 0xf0;
export const BPF_DIV: u32 = 0x30;
export const BPF_NEG: u32 = 0x80;
export const BPF_MOD: u32 = 0x90;
export const BPF_MOV: u32 = 0xb0;
export const BPF_END: u32 = 0xd0;
export const BPF_JA: u32 = 0x00;
export const BPF_JSLE: u32 = 0xd0;

/** imm of an atomic operation */
export const BPF_FETCH: u32 = 0x01;
export const BPF_XCHG: u32 = 0xe0 | BPF_FETCH;
export const BPF_CMPXCHG: u32 = 0xf0 | BPF_FETCH;
export const BPF_LOAD_ACQ: u32 = 0x100;
export const BPF_STORE_REL: u32 = 0x110;

/** BPF_JMP | BPF_CALL */
export const OPCODE_CALL: u32 = 0x85;
/** BPF_JMP | BPF_EXIT */
export const OPCODE_EXIT: u32 = 0x95;
/** BPF_JMP | BPF_JCOND: a jump that the kernel decides on */
export const OPCODE_JCOND: u32 = 0xe5;
/** BPF_LD | BPF_IMM | BPF_DW: the load of 64 bits, two instructions long */
export const OPCODE_LDIMM64: u32 = 0x18;

/** enum bpf_core_relo_kind */
export const BPF_CORE_FIELD_BYTE_OFFSET: u32 = 0;
export const BPF_CORE_FIELD_BYTE_SIZE: u32 = 1;
export const BPF_CORE_FIELD_EXISTS: u32 = 2;
export const BPF_CORE_FIELD_SIGNED: u32 = 3;
export const BPF_CORE_FIELD_LSHIFT_U64: u32 = 4;
export const BPF_CORE_FIELD_RSHIFT_U64: u32 = 5;
export const BPF_CORE_TYPE_ID_LOCAL: u32 = 6;
export const BPF_CORE_TYPE_ID_TARGET: u32 = 7;
export const BPF_CORE_TYPE_EXISTS: u32 = 8;
export const BPF_CORE_TYPE_SIZE: u32 = 9;
export const BPF_CORE_ENUMVAL_EXISTS: u32 = 10;
export const BPF_CORE_ENUMVAL_VALUE: u32 = 11;
export const BPF_CORE_TYPE_MATCHES: u32 = 12;

/** struct bpf_core_relo: offsets of its fields. */
export const CORE_RELO_INSN_OFF: u32 = 0;
export const CORE_RELO_TYPE_ID: u32 = 4;
export const CORE_RELO_ACCESS_STR_OFF: u32 = 8;
export const CORE_RELO_KIND: u32 = 12;
