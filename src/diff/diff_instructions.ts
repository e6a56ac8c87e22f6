import {structuredPatch} from 'diff';
import type {InstructionsDiff} from './plan_diff.js';

/** Instructions shown around each difference. */
const CONTEXT = 3;
/** The search takes time in proportion to this, and to the instructions. */
const EDITS_MAX = 2000;

/**
 * Compares two programs, each a text for every instruction; the second halves of loads, which are
 * empty, are left out. Undefined when they are the same.
 */
export function diffInstructions(
  old: readonly string[],
  now: readonly string[],
): InstructionsDiff | undefined {
  const [before, after] = [listed(old), listed(now)];
  const [oldText, newText] = [textOf(before), textOf(after)];
  if (oldText === newText) return undefined;
  const counts = {old_count: old.length, new_count: now.length};
  const patch = structuredPatch('', '', oldText, newText, '', '', {
    context: CONTEXT,
    maxEditLength: EDITS_MAX,
  });
  if (patch === undefined) return {...counts, removed: null, added: null, hunks: []};
  const hunks = patch.hunks.map(({oldStart, newStart, lines}) => ({
    old_start: before[oldStart - 1]?.number ?? old.length,
    new_start: after[newStart - 1]?.number ?? now.length,
    lines,
  }));
  const countOf = (mark: string) =>
    hunks.flatMap(({lines}) => lines).filter(line => line.startsWith(mark)).length;
  return {...counts, removed: countOf('-'), added: countOf('+'), hunks};
}

interface Instruction {
  readonly number: number;
  readonly text: string;
}

function listed(texts: readonly string[]): Instruction[] {
  return texts.map((text, number) => ({text, number})).filter(({text}) => text !== '');
}

function textOf(instructions: readonly Instruction[]): string {
  return instructions.map(({text}) => `${text}\n`).join('');
}
