import {durationText} from '../explain/explain_result.js';
import type {PlannedUpdate} from '../registered/plan_update.js';
import {idOf} from '../registered/registration.js';
import type {Update} from '../registered/update_registration.js';
import type {Screen} from './screen.js';
import {printable} from './text.js';

/** What each way of swapping means. */
const SWAPS = {
  update: 'at once: the link gets another map, and something is in force at any time',
  detach: 'verified in full, then the old one is detached and the new one attached',
} as const;

/** What an update will do, before its steps. */
export function renderSwap(planned: PlannedUpdate, {colors}: Screen): string {
  const {replaces, variable, swap, stays} = planned;
  return [
    colors.bold(`${printable(variable)} in the place of ${printable(replaces.name)}`),
    `  replaces  ${idOf(replaces)} (${printable(replaces.kind ?? 'of an unknown kind')})`,
    `  swap      ${SWAPS[swap]}`,
    `  then      ${stays ? 'stays when this command has ended' : 'in force while this command runs'}`,
  ].join('\n');
}

/** What an update has done. */
export function renderUpdate(update: Update, {colors}: Screen): string {
  const {replaces, variable, gapNs} = update;
  const how =
    gapNs === undefined
      ? 'at once: something was in force at any time'
      : `nothing was in force for ${durationText(gapNs)}`;
  return [
    colors.bold(
      colors.green(`${printable(variable)} is in the place of ${printable(replaces.name)}`),
    ),
    `  ${how}`,
  ].join('\n');
}
