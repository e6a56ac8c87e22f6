import test from 'ava';
import {compile, executorSources, run} from './fake_executor.js';
import {encode, type FrameParts, type StepSpec} from './frame_builder.js';
import * as sample from './sample_frames.js';

let program = '';

/** Builds the executor for one test file. */
export async function buildExecutor(name: string): Promise<string> {
  program = await compile(name, executorSources('shim/main.c'));
  return program;
}

const UNTOUCHED = 'calls 0, left 0 fds, 0 registered';

/** A frame that breaks one rule, with a right digest: refused for that reason, before any call. */
export const refused = test.macro({
  async exec(t, reason: string, where: string, make: () => Uint8Array) {
    const {exitCode, results, record} = await run(program, {input: make()});
    t.deepEqual(
      results.map(result => [result.status, result.reason, `${result.part} ${result.index}`]),
      [['plan_refused', reason, where]],
    );
    t.is(exitCode, 2);
    t.deepEqual(record, [UNTOUCHED]);
  },
  title: (rule = '', reason) => `${reason}: ${rule}`,
});

/** The frame of `linkFrame` after a change to its records. */
export function link(change: (parts: FrameParts) => void, forced = {}): () => Buffer {
  return () => {
    const parts = sample.linkFrame();
    change(parts);
    return encode(parts, forced);
  };
}

/** The frame of `linkFrame` with one step described otherwise, and laid out rightly. */
export function step(index: number, change: Partial<StepSpec>): () => Buffer {
  return () =>
    encode(
      sample.linkFrame(steps => {
        steps[index] = {...(steps[index] as StepSpec), ...change};
      }),
    );
}

export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

/** Index of the first patch of a step of `linkFrame`. */
export function patchOf(index: number): number {
  return at(sample.linkFrame().steps, index).patch_first;
}

export function patch(
  stepIndex: number,
  index: number,
  change: Record<string, number>,
): () => Buffer {
  return link(({patches}) => Object.assign(at(patches, patchOf(stepIndex) + index), change));
}

export function stepField(index: number, change: Record<string, number>): () => Buffer {
  return link(parts => Object.assign(at(parts.steps, index), change));
}
