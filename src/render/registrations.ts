import type {RegistrationList} from '../registered/list_registrations.js';
import {idOf, isLeftBehind, type Registration} from '../registered/registration.js';
import {shownOf} from './registration_json.js';
import type {Screen} from './screen.js';
import {table} from './table.js';
import {grouped, indented, printableJson} from './text.js';

const STATES: Readonly<Record<Registration['state'], string>> = {
  in_force: 'in force',
  ready: 'loaded, not in force',
  ended: 'no longer in force',
  new: 'without a value yet',
};

/** What is registered, one block each. */
export function renderRegistrations(list: RegistrationList, all: boolean, screen: Screen): string {
  const {colors} = screen;
  const shown = shownOf(list, all);
  const others = list.registrations.length - shown.length;
  const blocks = shown.map(one => renderRegistration(one, list, screen));
  if (shown.length === 0) blocks.push('no struct_ops is in force');
  if (others > 0) {
    blocks.push(colors.dim(`${others} more that are loaded, but not in force: --all shows them`));
  }
  if (!list.complete) {
    blocks.push(colors.yellow('the executor could not look at everything: there may be more'));
  }
  return blocks.join('\n\n');
}

function renderRegistration(
  registration: Registration,
  list: RegistrationList,
  screen: Screen,
): string {
  const {name, kind, state, since, map} = printed(registration);
  const from = since === undefined ? '' : ` since ${timeText(since)}`;
  const title = `${screen.colors.bold(name)}  ${kind ?? 'of a kind that is not known'}`;
  return [
    `${title}, ${STATES[state]}${state === 'in_force' ? from : ''}`,
    ...indented(table([{title: ''}, {title: ''}], factsOf(registration, list), screen), 2),
    ...(isLeftBehind(registration)
      ? [
          `  ${screen.colors.yellow('left behind:')} nothing holds it, and it stays until it is taken away`,
          `  ${screen.colors.green('try:')} structops detach map:${map.id}`,
        ]
      : []),
  ].join('\n');
}

function factsOf(registration: Registration, list: RegistrationList): string[][] {
  const {link, map, programs, pins, holders, sockets, module} = printed(registration);
  const held = holders.map(({pid, command}) => `${command} (${pid})`);
  if (held.length === 0) {
    held.push(list.hiddenProcesses > 0 ? 'not known: this user may not look' : 'no process');
  }
  return [
    ['link', link === undefined ? 'none' : `${link.id}`],
    ['map', `${map.id} ${map.name}`],
    ...(module === undefined ? [] : [['module', module]]),
    ...programs.map(({id, name, member}, at) => [
      at === 0 ? 'programs' : '',
      `${id} ${name} (${member})`,
    ]),
    ...pins.map(({of, path}, at) => [at === 0 ? 'pins' : '', `${path} (${of})`]),
    ['held by', held.join(', ')],
    ...(sockets === undefined ? [] : [['sockets', grouped(sockets)]]),
  ];
}

export function renderDetached(registration: Registration, {colors}: Screen): string {
  const {name, kind, pins, link} = printed(registration);
  const removed = pins.filter(({of}) => of === (link === undefined ? 'map' : 'link'));
  return [
    colors.bold(colors.green(`${name} is out of force`)),
    `  ${kind ?? 'of a kind that is not known'}, ${idOf(registration)}`,
    ...removed.map(({path}) => `  removed ${path}`),
  ].join('\n');
}

/** Names come from whoever loaded it. */
function printed(registration: Registration): Registration {
  const {since, ...rest} = registration;
  return {...printableJson(rest), since};
}

/** `2026-03-01 12:34:56`, of this machine's time zone. */
function timeText(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}
