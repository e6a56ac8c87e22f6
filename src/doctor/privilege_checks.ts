import type {KernelInspection} from '../inspect/inspect_kernel.js';
import type {Finding} from './finding.js';
import type {HostFiles} from './host_files.js';

/** include/uapi/linux/capability.h */
const CAP_SYS_ADMIN = 21n;
const NEEDED = {CAP_PERFMON: 38n, CAP_BPF: 39n} as const;
/** What a container of old kernels may lock; a plan has maps of a few MiB. */
const MEMLOCK_ENOUGH = 64 * 2 ** 20;
/** First id inside, first id outside, how many: the mapping of no user namespace. */
const ALL_IDS = /^0\s+0\s+4294967295$/;

/** Those of a congestion control; a plan says which it needs. */
export function capabilitiesFinding(host: HostFiles): Finding {
  const id = 'privilege.capabilities';
  const lacking = missingIn(statusField(host, 'CapEff'));
  if (lacking.length === 0) return {id, severity: 'ok', found: Object.keys(NEEDED).join(', ')};
  const found = `this process has not ${lacking.join(', ')}`;
  if (missingIn(statusField(host, 'CapBnd')).length > 0) {
    return {
      ...{id, severity: 'error', found},
      why: 'and none that it starts can get them: a container or a service gave them up',
      remedy: 'give them to it (docker run --cap-add BPF --cap-add PERFMON), or apply outside',
    };
  }
  return {
    ...{id, severity: 'warning', found},
    why: 'planning needs none, applying does',
    remedy: 'apply as root, or with --sudo',
  };
}

function missingIn(hex: string | undefined): string[] {
  const bits = BigInt(`0x${hex ?? '0'}`);
  const has = (bit: bigint) => ((bits >> bit) & 1n) === 1n;
  // It includes both, as it did before they were split off it.
  if (has(CAP_SYS_ADMIN)) return [];
  return Object.entries(NEEDED).flatMap(([name, bit]) => (has(bit) ? [] : [name]));
}

function statusField(host: HostFiles, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*([\\da-f]+)`, 'm').exec(
    host.read('proc/self/status') ?? '',
  )?.[1];
}

export function userNamespaceFinding(host: HostFiles): Finding {
  const id = 'privilege.user_namespace';
  const map = host.read('proc/self/uid_map') ?? '';
  if (map === '' || ALL_IDS.test(map)) return {id, severity: 'ok', found: 'the first one'};
  return {
    ...{id, severity: 'error', found: 'this process is in a user namespace'},
    why: 'its capabilities do not count for bpf(2)',
    remedy: 'apply outside of it, or in a container that has none (rootful, without userns-remap)',
  };
}

export function seccompFinding(host: HostFiles): Finding {
  const id = 'privilege.seccomp';
  if (statusField(host, 'Seccomp') !== '2') return {id, severity: 'ok', found: 'no filter'};
  return {
    ...{id, severity: 'warning', found: 'a seccomp filter is in force'},
    why: 'those of containers refuse bpf(2) unless CAP_BPF or CAP_SYS_ADMIN was given',
    remedy: 'if it is refused: a profile that allows bpf(2), or apply outside',
  };
}

export function noNewPrivsFinding(host: HostFiles): Finding {
  const id = 'privilege.no_new_privs';
  if (statusField(host, 'NoNewPrivs') !== '1') return {id, severity: 'ok', found: 'not set'};
  return {
    ...{id, severity: 'warning', found: 'no_new_privs is set'},
    why: 'sudo gets no privileges from here',
    remedy: 'apply from a session that does not set it',
  };
}

/** Kernels before 5.11 charge maps to RLIMIT_MEMLOCK, newer ones to the cgroup. */
export function memlockFinding(host: HostFiles, kernel: KernelInspection): Finding {
  const id = 'privilege.memlock';
  const isCgroup = kernel.features.some(
    ({name, present}) => name === 'memory charged to cgroups' && present,
  );
  if (isCgroup) return {id, severity: 'ok', found: 'memory is charged to the cgroup'};
  const limit = /^Max locked memory\s+(\S+)/m.exec(host.read('proc/self/limits') ?? '')?.[1];
  const isEnough = limit === 'unlimited' || Number(limit) >= MEMLOCK_ENOUGH;
  if (isEnough) return {id, severity: 'ok', found: `limit ${limit}`};
  return {
    ...{id, severity: 'warning', found: `limit ${limit ?? 'not to be seen'}`},
    why: 'this kernel charges maps and programs to it, and refuses what is above',
    remedy: 'ulimit -l unlimited',
  };
}

export function bpffsFinding(host: HostFiles): Finding {
  const id = 'host.bpffs';
  const places = (host.read('proc/self/mounts') ?? '')
    .split('\n')
    .map(line => line.split(' '))
    .flatMap(([, place, type]) => (type === 'bpf' && place !== undefined ? [place] : []));
  if (places.length > 0) return {id, severity: 'ok', found: places.join(', ')};
  return {
    ...{id, severity: 'warning', found: 'no BPF file system is mounted'},
    why: 'nothing can be pinned: what is applied ends with the process that holds it',
    remedy: 'mount -t bpf bpf /sys/fs/bpf',
  };
}
