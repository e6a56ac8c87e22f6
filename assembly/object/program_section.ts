import {EMPTY_NAME, nameStartsWith} from '../bytes/c_string';
import * as bpf from '../uapi/bpf';

const SLASH: u8 = 0x2f;

/** What a section's name says of the programs in it (libbpf `struct bpf_sec_def`). */
@final
export class ProgramSection {
  /** Attached to a type of the kernel's BTF, whose name follows the slash. */
  btfTarget: bool = false;
  sleepable: bool = false;
  /** `name/…` is meant as well. */
  targets: bool = true;

  constructor(
    readonly name: string,
    readonly type: u32,
    readonly attachType: u32 = 0,
  ) {}

  alone(): ProgramSection {
    this.targets = false;
    return this;
  }

  sleeps(): ProgramSection {
    this.sleepable = true;
    return this;
  }

  btf(): ProgramSection {
    this.btfTarget = true;
    return this;
  }

  /** libbpf `sec_def_matches` */
  matches(section: usize): bool {
    if (!nameStartsWith(section, this.name)) return false;
    const end = load<u8>(section + this.name.length);
    return end == 0 || (this.targets && end == SLASH);
  }

  /** What follows the slash; empty without one. */
  target(section: usize): usize {
    const at = section + this.name.length;
    return load<u8>(at) == SLASH ? at + 1 : EMPTY_NAME;
  }
}

/**
 * The sections that struct_ops objects have beside their callbacks: programs that user space runs, and those that follow
 * the same events (libbpf `section_defs`).
 */
@final
export class ProgramSections {
  private readonly list: ProgramSection[] = [
    new ProgramSection('struct_ops', bpf.BPF_PROG_TYPE_STRUCT_OPS),
    new ProgramSection('struct_ops.s', bpf.BPF_PROG_TYPE_STRUCT_OPS).sleeps(),
    new ProgramSection('syscall', bpf.BPF_PROG_TYPE_SYSCALL).sleeps().alone(),
    tracing('tp_btf', bpf.BPF_TRACE_RAW_TP),
    tracing('tp_btf.s', bpf.BPF_TRACE_RAW_TP).sleeps(),
    tracing('fentry', bpf.BPF_TRACE_FENTRY),
    tracing('fentry.s', bpf.BPF_TRACE_FENTRY).sleeps(),
    tracing('fexit', bpf.BPF_TRACE_FEXIT),
    tracing('fexit.s', bpf.BPF_TRACE_FEXIT).sleeps(),
    tracing('fmod_ret', bpf.BPF_MODIFY_RETURN),
    tracing('fmod_ret.s', bpf.BPF_MODIFY_RETURN).sleeps(),
    tracing('iter', bpf.BPF_TRACE_ITER),
    tracing('iter.s', bpf.BPF_TRACE_ITER).sleeps(),
    new ProgramSection('lsm', bpf.BPF_PROG_TYPE_LSM, bpf.BPF_LSM_MAC).btf(),
    new ProgramSection('lsm.s', bpf.BPF_PROG_TYPE_LSM, bpf.BPF_LSM_MAC).btf().sleeps(),
    new ProgramSection('kprobe', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('kretprobe', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('ksyscall', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('kretsyscall', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('uprobe', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('uprobe.s', bpf.BPF_PROG_TYPE_KPROBE).sleeps(),
    new ProgramSection('uretprobe', bpf.BPF_PROG_TYPE_KPROBE),
    new ProgramSection('uretprobe.s', bpf.BPF_PROG_TYPE_KPROBE).sleeps(),
    new ProgramSection('kprobe.multi', bpf.BPF_PROG_TYPE_KPROBE, bpf.BPF_TRACE_KPROBE_MULTI),
    new ProgramSection('kretprobe.multi', bpf.BPF_PROG_TYPE_KPROBE, bpf.BPF_TRACE_KPROBE_MULTI),
    new ProgramSection('tracepoint', bpf.BPF_PROG_TYPE_TRACEPOINT),
    new ProgramSection('tp', bpf.BPF_PROG_TYPE_TRACEPOINT),
    new ProgramSection('tracepoint.s', bpf.BPF_PROG_TYPE_TRACEPOINT).sleeps(),
    new ProgramSection('tp.s', bpf.BPF_PROG_TYPE_TRACEPOINT).sleeps(),
    new ProgramSection('raw_tracepoint', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT),
    new ProgramSection('raw_tp', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT),
    new ProgramSection('raw_tracepoint.s', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT).sleeps(),
    new ProgramSection('raw_tp.s', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT).sleeps(),
    new ProgramSection('raw_tracepoint.w', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE),
    new ProgramSection('raw_tp.w', bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE),
    new ProgramSection('perf_event', bpf.BPF_PROG_TYPE_PERF_EVENT).alone(),
    new ProgramSection('socket', bpf.BPF_PROG_TYPE_SOCKET_FILTER).alone(),
    new ProgramSection('xdp', bpf.BPF_PROG_TYPE_XDP, bpf.BPF_XDP).alone(),
    new ProgramSection('tc', bpf.BPF_PROG_TYPE_SCHED_CLS).alone(),
    new ProgramSection('classifier', bpf.BPF_PROG_TYPE_SCHED_CLS).alone(),
    new ProgramSection('action', bpf.BPF_PROG_TYPE_SCHED_ACT).alone(),
    new ProgramSection('tc/ingress', bpf.BPF_PROG_TYPE_SCHED_CLS, bpf.BPF_TCX_INGRESS).alone(),
    new ProgramSection('tc/egress', bpf.BPF_PROG_TYPE_SCHED_CLS, bpf.BPF_TCX_EGRESS).alone(),
    new ProgramSection('tcx/ingress', bpf.BPF_PROG_TYPE_SCHED_CLS, bpf.BPF_TCX_INGRESS).alone(),
    new ProgramSection('tcx/egress', bpf.BPF_PROG_TYPE_SCHED_CLS, bpf.BPF_TCX_EGRESS).alone(),
    new ProgramSection('sockops', bpf.BPF_PROG_TYPE_SOCK_OPS, bpf.BPF_CGROUP_SOCK_OPS).alone(),
    new ProgramSection(
      'cgroup_skb/ingress',
      bpf.BPF_PROG_TYPE_CGROUP_SKB,
      bpf.BPF_CGROUP_INET_INGRESS,
    ).alone(),
    new ProgramSection(
      'cgroup_skb/egress',
      bpf.BPF_PROG_TYPE_CGROUP_SKB,
      bpf.BPF_CGROUP_INET_EGRESS,
    ).alone(),
    new ProgramSection('cgroup/skb', bpf.BPF_PROG_TYPE_CGROUP_SKB).alone(),
  ];

  /** Null: programs of such a section are not supported. */
  find(section: usize): ProgramSection | null {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].matches(section)) return this.list[i];
    }
    return null;
  }
}

function tracing(name: string, attachType: u32): ProgramSection {
  return new ProgramSection(name, bpf.BPF_PROG_TYPE_TRACING, attachType).btf();
}
