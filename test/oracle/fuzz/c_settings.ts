import type {PlanSettings} from '../../../src/inputs/settings.js';
import type {Random} from '../../helpers/random.js';
import type {Globals} from './c_globals.js';

/** A struct_ops variable. */
export interface Variable {
  readonly name: string;
  /** Members that are a number, and texts. */
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
  /** Callbacks that it sets, by member: the program. */
  readonly callbacks: Readonly<Record<string, string>>;
}

export interface Settable {
  readonly globals: Globals;
  readonly variables: readonly Variable[];
  /** Names of maps that are no arenas. */
  readonly maps: readonly string[];
  /** Names of programs of other types. */
  readonly others: readonly string[];
}

const SETTINGS_EVERY = 2;

/** What is set in an object before load; mostly good, and in half of the objects nothing. */
export function makeSettings(random: Random, settable: Settable): PlanSettings {
  if (random.below(SETTINGS_EVERY) > 0) return {};
  let settings: PlanSettings = {};
  for (let i = 1 + random.below(4); i > 0; i--) {
    const more = makeSetting(random, settable);
    settings = {
      ...settings,
      ...more,
      set: {...settings.set, ...more.set},
      create: {...settings.create, ...more.create},
      autoload: {...settings.autoload, ...more.autoload},
    };
  }
  return settings;
}

function makeSetting(random: Random, settable: Settable): PlanSettings {
  const {globals, variables, maps, others} = settable;
  const variable = random.pick(variables);
  const one = <Item>(items: readonly Item[], make: (item: Item) => PlanSettings): PlanSettings =>
    items.length === 0 ? {} : make(random.pick(items));
  switch (random.below(12)) {
    case 0:
      return one(globals.numbers, name => ({set: {[name]: random.below(100)}}));
    case 1:
      return one(variable.numbers, name => ({
        set: {[`${variable.name}.${name}`]: random.below(2)},
      }));
    case 2:
      return one(variable.texts, name => ({set: {[`${variable.name}.${name}`]: 'z'}}));
    case 3:
      return one(Object.keys(variable.callbacks), name => ({
        set: {[`${variable.name}.${name}`]: null},
      }));
    case 4:
      // That of another variable, or of another member.
      return one(Object.keys(variable.callbacks), name => {
        const of = random.pick(variables).callbacks;
        const program = of[name] ?? Object.values(of)[0];
        return program === undefined ? {} : {set: {[`${variable.name}.${name}`]: program}};
      });
    case 5:
      return one(maps, name => ({maps: {[name]: {maxEntries: 1 + random.below(9000)}}}));
    case 6: {
      const callbacks = variables.flatMap(({callbacks}) => Object.values(callbacks));
      return one([...others, ...callbacks], name => ({autoload: {[name]: random.below(2) === 0}}));
    }
    case 7:
      return {create: {[variable.name]: random.below(2) === 0}};
    case 8:
      return globals.grows === undefined ? {} : {resize: {[globals.grows]: 4 * random.below(500)}};
    case 9:
      return {nullUnknownCallbacks: true};
    case 10:
      return {enumConstants: '__E'};
    default:
      return random.pick([{set: {CONFIG_HZ: 1000}}, {associate: variable.name}]);
  }
}
