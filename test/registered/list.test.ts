import test from 'ava';
import {decodeValue} from '../../src/registered/decode_value.js';
import {idOf, isLeftBehind} from '../../src/registered/registration.js';
import {renderRegistrations} from '../../src/render/registrations.js';
import {screenOf} from '../../src/render/screen.js';
import {KERNEL_IDS} from '../rig/kernels.js';
import {kernelValue, kindsOf, programId, second, secondFacts} from './registered.js';

const NO_HOLDERS = {maps: new Map(), links: new Map(), hiddenProcesses: 0};

for (const id of KERNEL_IDS) {
  test(`Linux ${id}: name and programs of a congestion control are in its value`, async t => {
    const {hex, members, valueTypeId} = await kernelValue(id, 'second');
    const kind = (await kindsOf(id)).find(one => one.value_type_id === valueTypeId);
    t.is(kind?.struct, 'tcp_congestion_ops');
    const {name, programs} = decodeValue(hex, kind as NonNullable<typeof kind>);
    t.is(name, 'so_second');
    const expected = members.flatMap(({name: member, slot}) =>
      slot === undefined ? [] : [[member, programId(slot)] as const],
    );
    t.true(expected.length >= 5);
    t.deepEqual([...programs].sort(), expected.toSorted());
  });
}

test('a value that is shorter than its kind gives what it has', async t => {
  const {hex, valueTypeId} = await kernelValue('6.12', 'second');
  const kind = (await kindsOf('6.12')).find(one => one.value_type_id === valueTypeId);
  const {name, programs} = decodeValue(hex.slice(0, 2 * 80), kind as NonNullable<typeof kind>);
  t.is(name, undefined);
  t.deepEqual([...programs.keys()].sort(), ['cong_avoid', 'ssthresh']);
});

test('a link, its map, programs, pins, holders, sockets and age', async t => {
  const registration = await second();
  t.like(registration, {
    name: 'so_second',
    kind: 'tcp_congestion_ops',
    state: 'in_force',
    link: {id: 7},
    map: {id: 41, name: 'so_second'},
    linkable: true,
    swap: 'update',
    sockets: 3,
  });
  t.deepEqual(registration.pins, [{of: 'link', path: '/sys/fs/bpf/cc/so_second'}]);
  t.deepEqual(registration.holders, [{pid: 8, command: 'structops-shim'}]);
  t.deepEqual(registration.since, new Date(1_006_000));
  const init = registration.programs.find(({member}) => member === 'init');
  t.deepEqual(init, {id: programId(4), name: 'second_init', member: 'init', uid: 0});
  t.is(idOf(registration), 'link:7');
});

test('a map that no link has is not in force, whatever its flags', async t => {
  const facts = await secondFacts();
  const registration = await second({listed: {...facts.listed, links: [{id: 7, map_id: 0}]}});
  t.is(registration.state, 'ready');
  t.is(registration.link, undefined);
});

test('a legacy map is left behind only if nobody holds and nothing pins it', async t => {
  const {listed} = await secondFacts();
  const maps = listed.maps.map(map => ({...map, flags: 0, state: 1}));
  const legacy = {...listed, maps, links: [], pins: []};
  const left = await second({listed: legacy, holders: NO_HOLDERS});
  t.true(isLeftBehind(left));
  t.is(idOf(left), 'map:41');
  t.false(isLeftBehind(await second({listed: legacy})));
  const pins = [{id: 41, kind: 'map' as const, path: 'x'}];
  t.false(isLeftBehind(await second({listed: {...legacy, pins}, holders: NO_HOLDERS})));
  const list = {registrations: [left], complete: true, hiddenProcesses: 0};
  const text = renderRegistrations(list, false, screenOf({}, {}));
  t.regex(text, /left behind: .*\n {2}try: structops detach map:41$/);
});

test('what a kernel does not tell is not made up', async t => {
  const registration = await second({kinds: [], sockets: undefined});
  t.like(registration, {name: 'so_second', kind: undefined, swap: 'detach', sockets: undefined});
  t.deepEqual(registration.programs, []);
  t.is(registration.since, undefined);
});

test('for people: a block each, and how many are not shown', async t => {
  const registration = await second();
  const ready = {...registration, state: 'ready' as const, name: 'so_other'};
  const list = {registrations: [registration, ready], complete: false, hiddenProcesses: 2};
  const text = renderRegistrations(list, false, screenOf({}, {}));
  t.regex(text, /^so_second {2}tcp_congestion_ops, in force since 1970-01-01/);
  t.regex(text, /held by +structops-shim \(8\)/);
  t.regex(text, /1 more that are loaded, but not in force: --all/);
  t.regex(text, /could not look at everything/);
  t.notRegex(text, /so_other/);
  t.regex(renderRegistrations(list, true, screenOf({}, {})), /so_other .*loaded, not in force/);
});

test('a name with an escape sequence does nothing to a terminal', async t => {
  const registration = {...(await second()), name: 'so_\u001b[2J'};
  const list = {registrations: [registration], complete: true, hiddenProcesses: 0};
  t.false(renderRegistrations(list, false, screenOf({}, {})).includes('\u001b'));
});
