import {InputError} from '../errors.js';
import {planQuery, type QueryOptions, runQuery} from './executor_query.js';
import {findRegistration} from './find_registration.js';
import {listRegistrations} from './list_registrations.js';
import {pinPathOf} from './pin_path.js';
import {idOf, type Registration} from './registration.js';

/**
 * Takes a registration out of force, whatever loaded it, and removes the pins that kept it. A
 * process that holds it goes on with a link that does nothing.
 *
 * @param what - Its name, an id such as `link:7` or `map:41`, or the path of a pin.
 * @returns What it was.
 * @throws {InputError} There is none, or several.
 * @throws {ShimError} The executor could not be run, or the kernel refused: it is in force still.
 */
export async function detachRegistration(
  what: string,
  options: QueryOptions = {},
): Promise<Registration> {
  const {registrations} = await listRegistrations(options);
  const registration = findRegistration(registrations, what);
  if (registration.state !== 'in_force') {
    throw new InputError('NOT_REGISTERED', {
      what: `${registration.name} is not in force`,
      why: 'its map is there, but the kernel does not call it',
      hint: 'it goes away with its holders and pins: structops list --all',
    });
  }
  await runQuery(planQuery(linesOf(registration, options), options.core), options);
  return registration;
}

function linesOf(registration: Registration, {pinRoot}: QueryOptions): string[] {
  const {map, pins, link} = registration;
  const ofIt = pins.filter(pin => pin.of === (link === undefined ? 'map' : 'link'));
  return [
    `detach=${idOf(registration)}`,
    ...ofIt.map(({path}) => `unpin=${pinPathOf(path, pinRoot)}`),
    `name=${map.name}`,
  ];
}
