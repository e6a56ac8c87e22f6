import type {RegistrationList} from '../registered/list_registrations.js';
import {idOf, isLeftBehind, type Registration} from '../registered/registration.js';

/** What of a list is shown. */
export function shownOf(list: RegistrationList, all: boolean): readonly Registration[] {
  return list.registrations.filter(({state}) => all || state === 'in_force');
}

/** `structops.list/1`: docs/registrations.md. */
export function listJson(list: RegistrationList, all: boolean): object {
  const shown = shownOf(list, all);
  return {
    schema: 'structops.list/1',
    complete: list.complete,
    hidden_processes: list.hiddenProcesses,
    registrations: shown.map(registrationJson),
  };
}

export function registrationJson(registration: Registration): object {
  const {name, kind, module, state, map, link, linkable, swap, programs, pins} = registration;
  return {
    id: idOf(registration),
    name,
    kind: kind ?? null,
    module: module ?? null,
    state,
    map,
    link: link ?? null,
    linkable,
    swap,
    programs: programs.map(program => ({...program, uid: program.uid ?? null})),
    pins,
    since: registration.since?.toISOString() ?? null,
    holders: registration.holders,
    sockets: registration.sockets ?? null,
    left_behind: isLeftBehind(registration),
  };
}
