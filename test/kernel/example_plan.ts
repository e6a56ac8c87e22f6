import {readFile, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {PlanSettings} from '../../src/inputs/settings.js';
import type {Plan} from '../../src/plan/plan.js';
import {planObject} from '../../src/plan/plan_object.js';
import {REPOSITORY} from '../rig/cache.js';
import type {GuestFile} from '../rig/initramfs.js';
import type {Kernel} from '../rig/kernels.js';

/** @param name of a committed object, such as `qdisc/fifo` */
export function exampleObject(name: string): string {
  return join(REPOSITORY, 'examples', `${name}.bpf.o`);
}

/** The object for a guest's /root, where `structops apply` is told to find it. */
export function objectFile(name: string): GuestFile {
  const hostPath = exampleObject(name);
  return {hostPath, guestPath: `/root/${basename(hostPath)}`};
}

/** A plan that is made here, for the executor in a guest. */
export async function examplePlan(
  name: string,
  kernel: Kernel,
  settings: PlanSettings = {},
): Promise<Plan> {
  return planOf(exampleObject(name), kernel, settings);
}

export async function planOf(
  path: string,
  kernel: Kernel,
  settings: PlanSettings = {},
): Promise<Plan> {
  return planObject({
    object: await readFile(path),
    objectName: basename(path),
    kernelBtf: openBtf(kernel.btf),
    settings,
  });
}

/** The plan as /root/LABEL.plan. */
export async function planFile(
  plan: Pick<Plan, 'bytes'>,
  label: string,
  scratch: string,
): Promise<GuestFile> {
  const hostPath = join(scratch, `${label}.plan`);
  await writeFile(hostPath, plan.bytes);
  return {hostPath, guestPath: `/root/${label}.plan`};
}
