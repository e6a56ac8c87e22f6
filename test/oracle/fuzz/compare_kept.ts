import {keptInputs} from '../../core/fuzz/core_program.js';
import {compareBytes, type Take} from './differential.js';
import {materialKernels} from './material_kernels.js';

/** Which one of the kernels of core_fuzz.c an input is for is in its first byte. */
const KERNEL_BIT = 3;

/** Damaged objects that fuzzing the core has kept, each with its kernel. */
export async function compareKept(
  place: string,
  first: number,
  count: number,
  take: Take,
): Promise<void> {
  const kernels = await materialKernels(place);
  const inputs = (await keptInputs('object')).slice(first, first + count);
  for (const [i, input] of inputs.entries()) {
    const kernel = kernels[((input[0] ?? 0) >> KERNEL_BIT) & 1];
    if (kernel === undefined) continue;
    await compareBytes(place, `kept-${first + i}`, input.subarray(1), kernel, take);
  }
}
