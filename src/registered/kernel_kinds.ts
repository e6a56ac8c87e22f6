import {openBtf, openRunningKernelBtf, runningBtfPath} from '../inputs/kernel_btf.js';
import {
  type InspectKernelRequest,
  inspectKernel,
  type KernelKind,
} from '../inspect/inspect_kernel.js';

/**
 * The kinds of struct_ops of the running kernel and of these modules of it.
 *
 * @throws {InputError} The kernel has no BTF.
 */
export function runningKernelKinds(
  modules: readonly string[],
  core?: InspectKernelRequest['core'],
): readonly KernelKind[] {
  return inspectKernel({
    kernelBtf: openRunningKernelBtf(),
    moduleBtfs: modules.map(name => ({name, bytes: openBtf(runningBtfPath(name))})),
    ...(core && {core}),
  }).kinds;
}
