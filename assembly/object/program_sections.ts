import * as bpf from '../uapi/bpf';
import {BTF, MODULE, ProgramSection, SLEEP, TARGET, USDT} from './program_section';

/**
 * All kinds of programs that libbpf derives from a section's name (`section_defs`), but for `freplace`: what it replaces is a
 * function of a program that runs already, and no plan has the fd of that.
 */
@final
export class ProgramSections {
  private readonly list: ProgramSection[] = [];

  constructor() {
    this.add('struct_ops', bpf.BPF_PROG_TYPE_STRUCT_OPS, 0, TARGET | SLEEP);
    // It can only be run where sleeping is allowed.
    this.add('syscall', bpf.BPF_PROG_TYPE_SYSCALL, 0, 0, bpf.BPF_F_SLEEPABLE);
    this.addTracing();
    this.addProbes();
    this.addTrafficControl();
    this.addXdp();
    this.addSockets();
    this.addCgroup();
    this.addCgroupAddresses();
    this.add('netfilter', bpf.BPF_PROG_TYPE_NETFILTER, bpf.BPF_NETFILTER);
    this.add('lirc_mode2', bpf.BPF_PROG_TYPE_LIRC_MODE2, bpf.BPF_LIRC_MODE2);
  }

  /** Null: programs of such a section are not supported. */
  find(section: usize): ProgramSection | null {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].matches(section)) return this.list[i];
    }
    return null;
  }

  private addTracing(): void {
    const form = TARGET | SLEEP | BTF;
    const type = bpf.BPF_PROG_TYPE_TRACING;
    this.add('tp_btf', type, bpf.BPF_TRACE_RAW_TP, form);
    this.add('fentry', type, bpf.BPF_TRACE_FENTRY, form);
    this.add('fexit', type, bpf.BPF_TRACE_FEXIT, form);
    this.add('fmod_ret', type, bpf.BPF_MODIFY_RETURN, form);
    this.add('fsession', type, bpf.BPF_TRACE_FSESSION, form);
    this.add('iter', type, bpf.BPF_TRACE_ITER, form);
    this.add('fentry.multi', type, bpf.BPF_TRACE_FENTRY_MULTI, TARGET | SLEEP | MODULE);
    this.add('fexit.multi', type, bpf.BPF_TRACE_FEXIT_MULTI, TARGET | SLEEP | MODULE);
    this.add('fsession.multi', type, bpf.BPF_TRACE_FSESSION_MULTI, TARGET | SLEEP | MODULE);
    this.add('lsm', bpf.BPF_PROG_TYPE_LSM, bpf.BPF_LSM_MAC, form);
    this.add('lsm_cgroup', bpf.BPF_PROG_TYPE_LSM, bpf.BPF_LSM_CGROUP, TARGET | BTF);
  }

  private addProbes(): void {
    const type = bpf.BPF_PROG_TYPE_KPROBE;
    this.add('kprobe', type, 0, TARGET);
    this.add('kretprobe', type, 0, TARGET);
    this.add('ksyscall', type, 0, TARGET);
    this.add('kretsyscall', type, 0, TARGET);
    this.add('uprobe', type, 0, TARGET | SLEEP);
    this.add('uretprobe', type, 0, TARGET | SLEEP);
    this.add('usdt', type, 0, TARGET | SLEEP | USDT);
    this.add('kprobe.multi', type, bpf.BPF_TRACE_KPROBE_MULTI, TARGET);
    this.add('kretprobe.multi', type, bpf.BPF_TRACE_KPROBE_MULTI, TARGET);
    this.add('kprobe.session', type, bpf.BPF_TRACE_KPROBE_SESSION, TARGET);
    this.add('uprobe.multi', type, bpf.BPF_TRACE_UPROBE_MULTI, TARGET | SLEEP);
    this.add('uretprobe.multi', type, bpf.BPF_TRACE_UPROBE_MULTI, TARGET | SLEEP);
    this.add('uprobe.session', type, bpf.BPF_TRACE_UPROBE_SESSION, TARGET | SLEEP);
    this.add('tracepoint', bpf.BPF_PROG_TYPE_TRACEPOINT, 0, TARGET | SLEEP);
    this.add('tp', bpf.BPF_PROG_TYPE_TRACEPOINT, 0, TARGET | SLEEP);
    this.add('raw_tracepoint', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT, 0, TARGET | SLEEP);
    this.add('raw_tp', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT, 0, TARGET | SLEEP);
    this.add('raw_tracepoint.w', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, 0, TARGET);
    this.add('raw_tp.w', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, 0, TARGET);
    this.add('perf_event', bpf.BPF_PROG_TYPE_PERF_EVENT);
  }

  private addTrafficControl(): void {
    const type = bpf.BPF_PROG_TYPE_SCHED_CLS;
    this.add('tc', type);
    this.add('classifier', type);
    this.add('action', bpf.BPF_PROG_TYPE_SCHED_ACT);
    this.add('tc/ingress', type, bpf.BPF_TCX_INGRESS);
    this.add('tc/egress', type, bpf.BPF_TCX_EGRESS);
    this.add('tcx/ingress', type, bpf.BPF_TCX_INGRESS);
    this.add('tcx/egress', type, bpf.BPF_TCX_EGRESS);
    this.add('netkit/primary', type, bpf.BPF_NETKIT_PRIMARY);
    this.add('netkit/peer', type, bpf.BPF_NETKIT_PEER);
    this.add('lwt_in', bpf.BPF_PROG_TYPE_LWT_IN);
    this.add('lwt_out', bpf.BPF_PROG_TYPE_LWT_OUT);
    this.add('lwt_xmit', bpf.BPF_PROG_TYPE_LWT_XMIT);
    this.add('lwt_seg6local', bpf.BPF_PROG_TYPE_LWT_SEG6LOCAL);
  }

  private addXdp(): void {
    const frags = bpf.BPF_F_XDP_HAS_FRAGS;
    this.add('xdp', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP);
    this.add('xdp/devmap', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP_DEVMAP);
    this.add('xdp/cpumap', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP_CPUMAP);
    this.add('xdp.frags', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP, 0, frags);
    this.add('xdp.frags/devmap', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP_DEVMAP, 0, frags);
    this.add('xdp.frags/cpumap', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP_CPUMAP, 0, frags);
  }

  private addSockets(): void {
    const skb = bpf.BPF_PROG_TYPE_SK_SKB;
    const reuseport = bpf.BPF_PROG_TYPE_SK_REUSEPORT;
    this.add('socket', bpf.BPF_PROG_TYPE_SOCKET_FILTER);
    this.add('sockops', bpf.BPF_PROG_TYPE_SOCK_OPS, bpf.BPF_CGROUP_SOCK_OPS);
    this.add('sk_lookup', bpf.BPF_PROG_TYPE_SK_LOOKUP, bpf.BPF_SK_LOOKUP);
    this.add('sk_msg', bpf.BPF_PROG_TYPE_SK_MSG, bpf.BPF_SK_MSG_VERDICT);
    this.add('sk_skb', skb);
    this.add('sk_skb/stream_parser', skb, bpf.BPF_SK_SKB_STREAM_PARSER);
    this.add('sk_skb/stream_verdict', skb, bpf.BPF_SK_SKB_STREAM_VERDICT);
    this.add('sk_skb/verdict', skb, bpf.BPF_SK_SKB_VERDICT);
    this.add('sk_reuseport', reuseport, bpf.BPF_SK_REUSEPORT_SELECT);
    this.add('sk_reuseport/migrate', reuseport, bpf.BPF_SK_REUSEPORT_SELECT_OR_MIGRATE);
    this.add('flow_dissector', bpf.BPF_PROG_TYPE_FLOW_DISSECTOR, bpf.BPF_FLOW_DISSECTOR);
  }

  private addCgroup(): void {
    const sock = bpf.BPF_PROG_TYPE_CGROUP_SOCK;
    this.add('cgroup/skb', bpf.BPF_PROG_TYPE_CGROUP_SKB);
    this.add('cgroup_skb/ingress', bpf.BPF_PROG_TYPE_CGROUP_SKB, bpf.BPF_CGROUP_INET_INGRESS);
    this.add('cgroup_skb/egress', bpf.BPF_PROG_TYPE_CGROUP_SKB, bpf.BPF_CGROUP_INET_EGRESS);
    this.add('cgroup/sock', sock, bpf.BPF_CGROUP_INET_SOCK_CREATE);
    this.add('cgroup/sock_create', sock, bpf.BPF_CGROUP_INET_SOCK_CREATE);
    this.add('cgroup/sock_release', sock, bpf.BPF_CGROUP_INET_SOCK_RELEASE);
    this.add('cgroup/post_bind4', sock, bpf.BPF_CGROUP_INET4_POST_BIND);
    this.add('cgroup/post_bind6', sock, bpf.BPF_CGROUP_INET6_POST_BIND);
    this.add('cgroup/dev', bpf.BPF_PROG_TYPE_CGROUP_DEVICE, bpf.BPF_CGROUP_DEVICE);
    this.add('cgroup/sysctl', bpf.BPF_PROG_TYPE_CGROUP_SYSCTL, bpf.BPF_CGROUP_SYSCTL);
    this.add('cgroup/getsockopt', bpf.BPF_PROG_TYPE_CGROUP_SOCKOPT, bpf.BPF_CGROUP_GETSOCKOPT);
    this.add('cgroup/setsockopt', bpf.BPF_PROG_TYPE_CGROUP_SOCKOPT, bpf.BPF_CGROUP_SETSOCKOPT);
  }

  private addCgroupAddresses(): void {
    const type = bpf.BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
    this.add('cgroup/bind4', type, bpf.BPF_CGROUP_INET4_BIND);
    this.add('cgroup/bind6', type, bpf.BPF_CGROUP_INET6_BIND);
    this.add('cgroup/connect4', type, bpf.BPF_CGROUP_INET4_CONNECT);
    this.add('cgroup/connect6', type, bpf.BPF_CGROUP_INET6_CONNECT);
    this.add('cgroup/connect_unix', type, bpf.BPF_CGROUP_UNIX_CONNECT);
    this.add('cgroup/sendmsg4', type, bpf.BPF_CGROUP_UDP4_SENDMSG);
    this.add('cgroup/sendmsg6', type, bpf.BPF_CGROUP_UDP6_SENDMSG);
    this.add('cgroup/sendmsg_unix', type, bpf.BPF_CGROUP_UNIX_SENDMSG);
    this.add('cgroup/recvmsg4', type, bpf.BPF_CGROUP_UDP4_RECVMSG);
    this.add('cgroup/recvmsg6', type, bpf.BPF_CGROUP_UDP6_RECVMSG);
    this.add('cgroup/recvmsg_unix', type, bpf.BPF_CGROUP_UNIX_RECVMSG);
    this.add('cgroup/getpeername4', type, bpf.BPF_CGROUP_INET4_GETPEERNAME);
    this.add('cgroup/getpeername6', type, bpf.BPF_CGROUP_INET6_GETPEERNAME);
    this.add('cgroup/getpeername_unix', type, bpf.BPF_CGROUP_UNIX_GETPEERNAME);
    this.add('cgroup/getsockname4', type, bpf.BPF_CGROUP_INET4_GETSOCKNAME);
    this.add('cgroup/getsockname6', type, bpf.BPF_CGROUP_INET6_GETSOCKNAME);
    this.add('cgroup/getsockname_unix', type, bpf.BPF_CGROUP_UNIX_GETSOCKNAME);
  }

  private add(name: string, type: u32, attachType: u32 = 0, form: u32 = 0, flags: u32 = 0): void {
    this.list.push(new ProgramSection(name, type, attachType, form, flags));
  }
}
