import * as bpf from '../uapi/bpf';

/**
 * The struct of the kernel's API that is the context of programs of a type; empty if it has none with a name
 * (`global_ctx_map` of libbpf).
 */
export function contextName(type: u32): string {
  switch (type) {
    case bpf.BPF_PROG_TYPE_CGROUP_DEVICE:
      return 'bpf_cgroup_dev_ctx';
    case bpf.BPF_PROG_TYPE_CGROUP_SKB:
    case bpf.BPF_PROG_TYPE_FLOW_DISSECTOR:
    case bpf.BPF_PROG_TYPE_LWT_IN:
    case bpf.BPF_PROG_TYPE_LWT_OUT:
    case bpf.BPF_PROG_TYPE_LWT_SEG6LOCAL:
    case bpf.BPF_PROG_TYPE_LWT_XMIT:
    case bpf.BPF_PROG_TYPE_SCHED_ACT:
    case bpf.BPF_PROG_TYPE_SCHED_CLS:
    case bpf.BPF_PROG_TYPE_SK_SKB:
    case bpf.BPF_PROG_TYPE_SOCKET_FILTER:
      return '__sk_buff';
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK:
      return 'bpf_sock';
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
      return 'bpf_sock_addr';
    case bpf.BPF_PROG_TYPE_CGROUP_SOCKOPT:
      return 'bpf_sockopt';
    case bpf.BPF_PROG_TYPE_CGROUP_SYSCTL:
      return 'bpf_sysctl';
    case bpf.BPF_PROG_TYPE_KPROBE:
      return 'bpf_user_pt_regs_t';
    case bpf.BPF_PROG_TYPE_NETFILTER:
      return 'bpf_nf_ctx';
    case bpf.BPF_PROG_TYPE_PERF_EVENT:
      return 'bpf_perf_event_data';
    case bpf.BPF_PROG_TYPE_RAW_TRACEPOINT:
    case bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
      return 'bpf_raw_tracepoint_args';
    case bpf.BPF_PROG_TYPE_SK_LOOKUP:
      return 'bpf_sk_lookup';
    case bpf.BPF_PROG_TYPE_SK_MSG:
      return 'sk_msg_md';
    case bpf.BPF_PROG_TYPE_SK_REUSEPORT:
      return 'sk_reuseport_md';
    case bpf.BPF_PROG_TYPE_SOCK_OPS:
      return 'bpf_sock_ops';
    case bpf.BPF_PROG_TYPE_XDP:
      return 'xdp_md';
    default:
      return '';
  }
}
