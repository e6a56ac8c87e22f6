import {Faults} from '../fault/faults';
import {Inputs} from '../inputs';
import {KernBtf, readKernBtf} from './kern_btf';
import {Target} from './target';
import {WantedNames} from './wanted_names';

/** The kernel's BTF and those of modules that were handed over, each in one walk. */
export function readTarget(
  inputs: Inputs,
  wanted: WantedNames,
  markers: StaticArray<u32>,
  faults: Faults,
): Target | null {
  const windows = inputs.windows;
  const vmlinux =
    windows === null
      ? readKernBtf(inputs.kernelBtf!, null, wanted, faults)
      : windows.kernBtf(wanted.list.length);
  if (vmlinux === null) return null;
  const modules: KernBtf[] = [];
  for (let i = 0; i < inputs.modules.length; i++) {
    const kern = readKernBtf(inputs.modules[i], vmlinux.btf, wanted, faults);
    if (kern === null) return null;
    modules.push(kern);
  }
  return new Target(vmlinux, modules, markers);
}
