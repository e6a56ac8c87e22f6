import {InputError} from '../errors.js';
import {nearest} from '../nearest.js';
import {idOf, type Registration} from './registration.js';

/**
 * The registration that somebody means: by its name or its map's, by an id as `link:7`, `map:41`
 * or `7`, or by the path of a pin. Of several with a name the one in force is meant.
 *
 * @throws {InputError} with code `NOT_REGISTERED` or `AMBIGUOUS_NAME`.
 */
export function findRegistration(list: readonly Registration[], what: string): Registration {
  const found = list.filter(one => isMeant(one, what));
  const inForce = found.filter(({state}) => state === 'in_force');
  const [only, ...others] = inForce.length > 0 ? inForce : found;
  if (only === undefined) throw notRegistered(list, what);
  if (others.length === 0) return only;
  throw new InputError('AMBIGUOUS_NAME', {
    what: `several struct_ops are called ${what}`,
    why: [only, ...others].map(describe).join('\n'),
    hint: `say which: ${[only, ...others].map(idOf).join(' or ')}`,
  });
}

function isMeant({name, map, link, pins}: Registration, what: string): boolean {
  if (what.startsWith('/')) return pins.some(({path}) => path === what);
  const [, kind, digits] = /^(?:(link|map):)?(\d+)$/.exec(what) ?? [];
  if (digits === undefined) return what === name || what === map.name;
  const ids = {link: link?.id, map: map.id};
  const wanted = kind === undefined ? Object.values(ids) : [ids[kind as keyof typeof ids]];
  return wanted.includes(Number(digits));
}

function notRegistered(list: readonly Registration[], what: string): InputError {
  const names = list.filter(({state}) => state === 'in_force');
  const near = nearest(
    what,
    names.map(({name}) => name),
  );
  const meant = names.find(({name}) => name === near);
  return new InputError('NOT_REGISTERED', {
    what: what.startsWith('/')
      ? `no struct_ops is pinned at ${what}`
      : `no struct_ops called ${what}`,
    why:
      names.length === 0
        ? 'none is in force'
        : `in force: ${names.map(({name}) => name).join(', ')}`,
    hint:
      meant === undefined
        ? 'structops list shows all'
        : `did you mean ${meant.name} (${meant.kind ?? 'of an unknown kind'})?`,
  });
}

function describe(one: Registration): string {
  return `${idOf(one)}: ${one.name} (${one.kind ?? 'of an unknown kind'})`;
}
