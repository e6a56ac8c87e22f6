import type {Bytes} from '../core/wasm_core.js';
import {findRunningKconfig} from '../inputs/kconfig.js';
import {openRunningKernelBtf} from '../inputs/kernel_btf.js';
import {runningKernelVersion} from '../inputs/kernel_version.js';
import {inspectObject} from '../inspect/inspect_object.js';
import type {Plan} from './plan.js';
import {type PlanRequest, planObject} from './plan_object.js';

/** The section of variables that the kernel's configuration gives their values. */
const KCONFIG_SECTION = '.kconfig';
const VERSION_VARIABLE = 'LINUX_KERNEL_VERSION';

export type RunningKernelRequest = Omit<PlanRequest, 'kernelBtf'>;

/**
 * As `planObject`, for the running kernel. Its configuration and version, which its BTF does not
 * tell, are looked up where the object asks for them and the request does not have them; where
 * they cannot be found, the fault says so.
 *
 * @throws {PlanError} As `planObject`.
 * @throws {InputError} As `planObject`; the kernel has no BTF; its configuration is damaged.
 */
export function planForRunningKernel(request: RunningKernelRequest): Plan {
  const object = inMemory(request.object);
  const wanted = wantedOf({...request, object});
  const kconfig = wanted.kconfig ? findRunningKconfig() : undefined;
  const kernelVersion = wanted.version ? runningKernelVersion() : undefined;
  return planObject({
    ...request,
    object,
    kernelBtf: openRunningKernelBtf(),
    ...(kconfig !== undefined && {kconfig}),
    ...(kernelVersion !== undefined && {kernelVersion}),
  });
}

/**
 * What the object asks for beside BTF, and the request lacks. Weak variables count: without the
 * configuration they would silently be 0.
 */
function wantedOf(request: RunningKernelRequest & {readonly object: Uint8Array}) {
  // Nearly no object has such variables, which the first look tells faster than the core.
  const mentioned = Buffer.from(
    request.object.buffer,
    request.object.byteOffset,
    request.object.length,
  ).includes(KCONFIG_SECTION);
  const externs = mentioned ? inspectObject(request).externs : [];
  const names = externs.filter(({kind}) => kind === 'kconfig').map(({name}) => name);
  const given = request.settings?.set ?? {};
  return {
    kconfig:
      request.kconfig === undefined &&
      names.some(name => name.startsWith('CONFIG_') && !Object.hasOwn(given, name)),
    version: request.kernelVersion === undefined && names.includes(VERSION_VARIABLE),
  };
}

function inMemory(bytes: Bytes): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  const copy = new Uint8Array(bytes.size);
  bytes.readInto(copy);
  return copy;
}
