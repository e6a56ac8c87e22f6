import {createRequire} from 'node:module';
import {readInput} from './open_input.js';
import type {PlanSettings} from './settings.js';
import {settingsIn, type Yaml} from './settings_text.js';

const SETTINGS_BYTES_MAX = 2 ** 20;

/** Not loaded by the many runs that have no settings file. */
const yaml = (): Yaml => createRequire(import.meta.url)('yaml');

/**
 * Settings from a YAML or JSON file; `-` is standard input.
 *
 * @throws {InputError} It cannot be read, or `parseSettings` throws.
 */
export function openSettings(path: string): PlanSettings {
  const bytes = readInput(path, 'the settings', SETTINGS_BYTES_MAX);
  return parseSettings(new TextDecoder().decode(bytes), path);
}

/**
 * Settings from YAML text, of which JSON is a part. Only the form is checked here: whether an
 * object has what is set, the core says when it plans.
 *
 * @param name - For errors: the file's.
 * @throws {InputError} A key is not known or a value of another type, with its line.
 */
export function parseSettings(text: string, name = 'settings'): PlanSettings {
  return settingsIn(text, name, yaml());
}
