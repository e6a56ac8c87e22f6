import {bpfObject} from '../helpers/bpf_objects.js';
import {type CoreWasm, openCore} from '../helpers/core_wasm.js';
import {ElfEdit} from '../helpers/elf_edit.js';

let openedCore: Promise<CoreWasm> | undefined;

/** The core as built, opened once for a test file. */
export function core(): Promise<CoreWasm> {
  openedCore ??= openCore();
  return openedCore;
}

/** The BTF of test/bpf/malformed/small_kernel.bpf.c. */
export async function smallKernel(): Promise<Buffer> {
  const object = new ElfEdit(await bpfObject('malformed/small_kernel'));
  const {offset, size} = object.section('.BTF');
  return object.bytes.subarray(offset, offset + size);
}
