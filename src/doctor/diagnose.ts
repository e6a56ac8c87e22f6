import {accessSync, constants} from 'node:fs';
import {findExecutor, WITHOUT_EXECUTOR} from '../executor/find_executor.js';
import type {Diagnosis, Finding} from './finding.js';
import {HostFiles} from './host_files.js';
import * as kernelChecks from './kernel_checks.js';
import * as privilegeChecks from './privilege_checks.js';

export interface DiagnoseOptions {
  /** Another directory than /, with the files of a machine below it. */
  readonly root?: string;
  /** The executor. Default: that of this package. */
  readonly shim?: string;
}

/**
 * Looks whether struct_ops can be planned and applied on this machine, by this process. Reads
 * files only: it asks the kernel for nothing and starts nothing.
 */
export function diagnose({root, shim = findExecutor()}: DiagnoseOptions = {}): Diagnosis {
  const host = new HostFiles(root);
  const {kernel, findings: ofBtf} = kernelChecks.inspectHostKernel(host);
  const {text: kconfig, finding: ofKconfig} = kernelChecks.findHostKconfig(host);
  const findings = [
    releaseFinding(host),
    ...ofBtf,
    ofKconfig,
    kernelChecks.jitFinding(host, kconfig),
    kernelChecks.lockdownFinding(host),
    kernelChecks.kallsymsFinding(host),
    ...kernelChecks.schedulerFindings(host),
    privilegeChecks.capabilitiesFinding(host),
    privilegeChecks.userNamespaceFinding(host),
    privilegeChecks.seccompFinding(host),
    privilegeChecks.noNewPrivsFinding(host),
    ...(kernel === undefined ? [] : [privilegeChecks.memlockFinding(host, kernel)]),
    privilegeChecks.bpffsFinding(host),
    executorFinding(shim),
  ];
  const usable = findings.every(({severity}) => severity !== 'error');
  return {schema: 'structops.doctor/1', usable, findings};
}

function releaseFinding(host: HostFiles): Finding {
  const found = host.read('proc/sys/kernel/osrelease');
  if (found !== undefined) return {id: 'kernel.release', severity: 'ok', found};
  return {
    ...{id: 'kernel.release', severity: 'error', found: 'this is no Linux, or has no /proc'},
    why: 'plans are made anywhere, and applied on Linux',
    remedy: "plan here with --btf FILE, and apply on the kernel's machine",
  };
}

function executorFinding(shim: string): Finding {
  const id = 'host.executor';
  try {
    accessSync(shim, constants.X_OK);
    return {id, severity: 'ok', found: shim};
  } catch {
    return {
      ...{id, severity: 'error', found: `cannot run ${shim}`},
      why: 'it is what makes the calls of a plan',
      remedy: WITHOUT_EXECUTOR,
    };
  }
}
