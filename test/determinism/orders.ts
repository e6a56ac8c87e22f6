import type {Random} from '../helpers/random.js';

/**
 * How a case finds the core's memory: new, used before, with the kernel of the case before, or used before and with its kernel
 * in windows.
 */
export const MEMORY = {new: 0, reset: 1, keep: 2, windows: 3} as const;

/** What a host does next. */
export interface Turn {
  /** Index of the case. */
  readonly index: number;
  readonly memory: (typeof MEMORY)[keyof typeof MEMORY];
}

/** A new instance takes longer than most plans. */
const NEW_EVERY = 50;

/**
 * All cases in an order of their own, dealt to so many workers. Runs of cases with one kernel stay together, as they would be
 * where many objects are planned, so that a kernel is kept for them.
 */
export function orderOf(
  cases: readonly {readonly kernel: number}[],
  random: Random,
  workers: number,
): Turn[][] {
  const shuffled = cases.map((_, index) => index);
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] ?? 0, shuffled[i] ?? 0];
  }
  const dealt: Turn[][] = Array.from({length: workers}, () => []);
  for (const [i, index] of shuffled.entries()) {
    const memory =
      random.below(NEW_EVERY) === 0
        ? MEMORY.new
        : random.pick([MEMORY.reset, MEMORY.keep, MEMORY.windows]);
    dealt[i % workers]?.push({index, memory});
  }
  // A stretch of each worker's is sorted by kernel, the next is as it came.
  const stretch = 64;
  return dealt.map(turns =>
    Array.from({length: Math.ceil(turns.length / stretch)}, (_, i) => {
      const part = turns.slice(i * stretch, (i + 1) * stretch);
      const kernelOf = ({index}: Turn) => cases[index]?.kernel ?? 0;
      return i % 4 === 0 ? part : part.sort((a, b) => kernelOf(a) - kernelOf(b));
    }).flat(),
  );
}
