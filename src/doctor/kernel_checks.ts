import {INPUT_BYTES_MAX} from '../core/wasm_core.js';
import {InputError, PlanError} from '../errors.js';
import {findRunningKconfig, runningKconfigPaths} from '../inputs/kconfig.js';
import {openBtf} from '../inputs/kernel_btf.js';
import {readInput} from '../inputs/open_input.js';
import {inspectKernel, type KernelInspection} from '../inspect/inspect_kernel.js';
import type {ModuleBtf} from '../plan/plan_object.js';
import type {Finding} from './finding.js';
import type {HostFiles} from './host_files.js';

const BTF = 'sys/kernel/btf';
const KIND_MARK = 'bpf_struct_ops_';

/** What the kernel's BTF tells, and the findings about it; without BTF the error alone. */
export function inspectHostKernel(host: HostFiles): {
  readonly kernel?: KernelInspection;
  readonly findings: readonly Finding[];
} {
  try {
    const kernelBtf = openBtf(host.path(`${BTF}/vmlinux`));
    const kernel = inspectKernel({kernelBtf, moduleBtfs: modulesWithKinds(host)});
    return {
      kernel,
      findings: [btfFinding(kernel), kindsFinding(kernel), ...featureFindings(kernel)],
    };
  } catch (error) {
    // Of a CoreBug the machine is not to blame.
    if (!(error instanceof InputError || error instanceof PlanError)) throw error;
    const finding: Finding = {
      ...{id: 'kernel.btf', severity: 'error', found: error.shortMessage},
      why: 'plans are made from the types of the kernel that runs',
      remedy: 'run a kernel that was built with CONFIG_DEBUG_INFO_BTF=y, and mount sysfs',
    };
    return {findings: [finding]};
  }
}

/** Of a hundred modules hardly one has a kind; what its strings do not mention it cannot have. */
function modulesWithKinds(host: HostFiles): ModuleBtf[] {
  return host
    .list(BTF)
    .filter(name => name !== 'vmlinux')
    .map(name => ({
      name,
      bytes: readInput(
        host.path(`${BTF}/${name}`),
        `the BTF of ${name}`,
        INPUT_BYTES_MAX.moduleBtf,
      ),
    }))
    .filter(({bytes}) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(KIND_MARK),
    );
}

function btfFinding({btf_size, btf_xxh64}: KernelInspection): Finding {
  const found = `${btf_size.toLocaleString('en-US')} bytes, xxh64 ${btf_xxh64}`;
  return {id: 'kernel.btf', severity: 'ok', found};
}

function kindsFinding({struct_ops: kinds}: KernelInspection): Finding {
  const id = 'kernel.struct_ops';
  if (kinds.length === 0) {
    return {
      ...{id, severity: 'error', found: 'the kernel has no kind of struct_ops'},
      remedy: 'run Linux 5.6 or newer, built with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_JIT=y',
    };
  }
  return {id, severity: 'ok', found: kinds.join(', ')};
}

function featureFindings({features}: KernelInspection): Finding[] {
  const textOf = (present: boolean) =>
    features
      .filter(feature => feature.present === present)
      .map(({name, since}) => (present ? name : `${name} (Linux ${since})`))
      .join(', ') || 'none';
  const has = (wanted: string) => features.some(({name, present}) => name === wanted && present);
  const all: Finding = {
    ...{id: 'kernel.features', severity: 'ok'},
    found: `has ${textOf(true)}; has not ${textOf(false)}`,
  };
  if (has('struct_ops links')) return [{id: 'kernel.links', severity: 'ok', found: 'yes'}, all];
  const links: Finding = {
    ...{id: 'kernel.links', severity: 'warning', found: 'the kernel has no struct_ops links'},
    why: 'objects with .struct_ops.link cannot be loaded, and a killed executor leaves others registered',
    remedy: 'run Linux 6.4 or newer, or use SEC(".struct_ops")',
  };
  return [links, all];
}

/** Its text, for other checks; a finding in any case. */
export function findHostKconfig(host: HostFiles): {
  readonly text: string;
  readonly finding: Finding;
} {
  const id = 'kernel.kconfig';
  const release = host.read('proc/sys/kernel/osrelease') ?? '';
  const paths = runningKconfigPaths(release).map(path => host.path(path));
  try {
    const bytes = findRunningKconfig(paths);
    if (bytes !== undefined) {
      const options =
        Buffer.from(bytes)
          .toString()
          .match(/^CONFIG_\w+=/gm)?.length ?? 0;
      const found = `${options.toLocaleString('en-US')} options`;
      return {text: Buffer.from(bytes).toString(), finding: {id, severity: 'ok', found}};
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const remedy = 'repair or remove the file, or give another one: --kconfig FILE';
    return {text: '', finding: {id, severity: 'warning', found: error.shortMessage, remedy}};
  }
  const finding: Finding = {
    ...{id, severity: 'warning', found: `neither ${paths.join(' nor ')}`},
    why: "objects that ask for the kernel's configuration cannot be planned without it",
    remedy: 'give its configuration when planning: --kconfig FILE, or --set CONFIG_NAME=VALUE',
  };
  return {text: '', finding};
}

/** struct_ops programs are called through a trampoline, which only the JIT makes. */
export function jitFinding(host: HostFiles, kconfig: string): Finding {
  const id = 'kernel.jit';
  const enabled = host.read('proc/sys/net/core/bpf_jit_enable');
  if (enabled === '0') {
    return {
      ...{id, severity: 'error', found: 'the JIT is off'},
      why: 'the kernel calls struct_ops programs only as machine code',
      remedy: 'sysctl -w net.core.bpf_jit_enable=1',
    };
  }
  if (enabled !== undefined) return {id, severity: 'ok', found: `on (${enabled})`};
  if (/^CONFIG_BPF_JIT_ALWAYS_ON=y$/m.test(kconfig))
    return {id, severity: 'ok', found: 'always on'};
  return {
    ...{
      id,
      severity: 'warning',
      found: 'cannot be told: net.core.bpf_jit_enable is not to be seen',
    },
    why: 'it is shown in the first network namespace only, and only if the kernel has a JIT',
    remedy: 'look at it outside of the container: sysctl net.core.bpf_jit_enable',
  };
}

export function lockdownFinding(host: HostFiles): Finding {
  const id = 'kernel.lockdown';
  const text = host.read('sys/kernel/security/lockdown');
  const level = /\[(\w+)\]/.exec(text ?? '')?.[1] ?? 'none';
  if (level !== 'confidentiality') return {id, severity: 'ok', found: level};
  return {
    ...{id, severity: 'warning', found: level},
    why: 'programs that read kernel memory through a helper are refused',
    remedy: 'boot with lockdown=integrity, or without it',
  };
}

/** Addresses of ksyms without a type come from /proc/kallsyms. */
export function kallsymsFinding(host: HostFiles): Finding {
  const id = 'kernel.kallsyms';
  const restrict = host.read('proc/sys/kernel/kptr_restrict') ?? '0';
  if (restrict !== '2') return {id, severity: 'ok', found: `kptr_restrict ${restrict}`};
  return {
    ...{id, severity: 'warning', found: 'kptr_restrict 2: addresses are hidden from root as well'},
    why: 'objects with kernel symbols that have no type cannot be applied',
    remedy: 'sysctl -w kernel.kptr_restrict=1',
  };
}

/** There is one scheduler at a time. Nothing to say where the kernel cannot have one. */
export function schedulerFindings(host: HostFiles): Finding[] {
  const id = 'kernel.sched_ext';
  const state = host.read('sys/kernel/sched_ext/state');
  if (state === undefined) return [];
  if (state === 'disabled') return [{id, severity: 'ok', found: 'no scheduler is in force'}];
  const name = host.read('sys/kernel/sched_ext/root/ops') ?? 'a scheduler';
  return [
    {
      ...{id, severity: 'warning', found: `${name} is in force (${state})`},
      why: 'the kernel takes one scheduler at a time',
      remedy: 'end it before another one is applied',
    },
  ];
}
