import type {ValueMember} from '../plan/plan_description.js';
import type {MemberContent, MemberDiff} from './plan_diff.js';

interface ValueSide {
  readonly members: readonly ValueMember[] | undefined;
  /** The name of the program in a slot. */
  readonly nameOf: (slot: number) => string;
}

/** Members of a struct_ops value by their names: those that hold something else, or lie elsewhere. */
export function diffValueMembers(old: ValueSide, now: ValueSide): MemberDiff[] {
  const [before, after] = [contentsOf(old), contentsOf(now)];
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names
    .map(name => ({name, old: before.get(name) ?? null, new: after.get(name) ?? null}))
    .filter(member => JSON.stringify(member.old) !== JSON.stringify(member.new));
}

function contentsOf({members = [], nameOf}: ValueSide): Map<string, MemberContent> {
  return new Map(
    members.map(({name, offset, size, kind, slot, value, hex}) => [
      name,
      {
        ...{offset, size, kind},
        ...(slot !== undefined && {program: nameOf(slot)}),
        ...(value !== undefined && {value}),
        ...(hex !== undefined && {hex}),
      },
    ]),
  );
}
