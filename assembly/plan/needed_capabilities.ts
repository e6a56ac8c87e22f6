import {Target} from '../kernel/target';
import {BpfObject} from '../object/bpf_object';
import {ExternKind} from '../object/extern';
import * as bpf from '../uapi/bpf';
import {CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYSLOG} from '../uapi/capability';

/** What the kernel asks of whoever carries the steps out; bit n is capability n. */
export function neededCapabilities(object: BpfObject, target: Target): u64 {
  let all = bit(CAP_BPF) | bit(CAP_PERFMON);
  // To get the fd of a module's BTF by its id (bpf_btf_get_fd_by_id of the kernel).
  for (let i: u32 = 1; i < target.count; i++) {
    if (target.btf(i).used) all |= bit(CAP_SYS_ADMIN);
  }
  // To see addresses in /proc/kallsyms.
  for (let i = 0; i < object.externs.length; i++) {
    if (object.externs[i].kind == ExternKind.Address) all |= bit(CAP_SYSLOG);
  }
  for (let i = 0; i < object.programs.length; i++) {
    const program = object.programs[i];
    if (program.loaded && isOfNetwork(program.type)) all |= bit(CAP_NET_ADMIN);
  }
  for (let i = 0; i < object.maps.length; i++) {
    if (object.maps[i].create && redirectsPackets(object.maps[i].type)) all |= bit(CAP_NET_ADMIN);
  }
  return all;
}

function bit(capability: u64): u64 {
  return (<u64>1) << capability;
}

/** `is_net_admin_prog_type` of the kernel */
function isOfNetwork(type: u32): bool {
  switch (type) {
    case bpf.BPF_PROG_TYPE_SCHED_CLS:
    case bpf.BPF_PROG_TYPE_SCHED_ACT:
    case bpf.BPF_PROG_TYPE_XDP:
    case bpf.BPF_PROG_TYPE_LWT_IN:
    case bpf.BPF_PROG_TYPE_LWT_OUT:
    case bpf.BPF_PROG_TYPE_LWT_XMIT:
    case bpf.BPF_PROG_TYPE_LWT_SEG6LOCAL:
    case bpf.BPF_PROG_TYPE_SK_SKB:
    case bpf.BPF_PROG_TYPE_SK_MSG:
    case bpf.BPF_PROG_TYPE_FLOW_DISSECTOR:
    case bpf.BPF_PROG_TYPE_CGROUP_DEVICE:
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK:
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case bpf.BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case bpf.BPF_PROG_TYPE_CGROUP_SYSCTL:
    case bpf.BPF_PROG_TYPE_SOCK_OPS:
    case bpf.BPF_PROG_TYPE_NETFILTER:
    case bpf.BPF_PROG_TYPE_LIRC_MODE2:
    case bpf.BPF_PROG_TYPE_SK_LOOKUP:
      return true;
    default:
      return false;
  }
}

/** As `map_create` of the kernel asks. */
function redirectsPackets(type: u32): bool {
  switch (type) {
    case bpf.BPF_MAP_TYPE_DEVMAP:
    case bpf.BPF_MAP_TYPE_DEVMAP_HASH:
    case bpf.BPF_MAP_TYPE_XSKMAP:
    case bpf.BPF_MAP_TYPE_SOCKMAP:
    case bpf.BPF_MAP_TYPE_SOCKHASH:
      return true;
    default:
      return false;
  }
}
