import type {SettingChange} from '../plan/plan_description.js';

/** `set.window_min: 10 → 4`, or the setting where nothing is known of what it changes. */
export function settingText(setting: string, changes: readonly SettingChange[]): string {
  const change = changes.find(({name, new: now}) => setting === `${name}=${now}`);
  return change === undefined ? setting : `${change.name}: ${change.old} → ${change.new}`;
}
