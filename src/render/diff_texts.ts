import type {FieldDiff, InstructionsDiff, MemberContent} from '../diff/plan_diff.js';
import {memberValue} from './member_value.js';
import {grouped} from './text.js';

/** The parts of a difference that are lists of texts. */
export const LISTS = ['capabilities', 'settings', 'losses', 'warnings'] as const;

export function fieldText(value: FieldDiff['old']): string {
  return value === null ? 'nothing' : String(value);
}

/** What a member holds. */
export function contentText(content: MemberContent | null): string {
  if (content === null) return 'nothing';
  const {program, value, kind, hex = ''} = content;
  if (program !== undefined) return `program ${program}`;
  return value ?? memberValue(kind, hex);
}

/** `14 → 15 instructions: 1 removed, 2 added` */
export function instructionsText(diff: InstructionsDiff): string {
  const counts = `${grouped(diff.old_count)} → ${grouped(diff.new_count)} instructions`;
  if (diff.removed === null) return `${counts}, with little in common`;
  return `${counts}: ${diff.removed} removed, ${diff.added} added`;
}
