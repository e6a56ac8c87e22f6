import test from 'ava';
import {InputError} from '../../src/errors.js';
import {findRegistration} from '../../src/registered/find_registration.js';
import {pinPathOf} from '../../src/registered/pin_path.js';
import type {Registration} from '../../src/registered/registration.js';
import {second} from './registered.js';

let list: Registration[] = [];

test.before(async () => {
  const one = await second();
  list = [
    one,
    {...one, name: 'so_first', link: undefined, map: {id: 7, name: 'first_map'}, pins: []},
    {...one, state: 'ready', link: undefined, map: {id: 43, name: 'so_second'}, pins: []},
  ];
});

const finds = test.macro({
  exec(t, what: string, mapId: number) {
    t.is(findRegistration(list, what).map.id, mapId);
  },
  title: (why, what) => `${what}: ${why}`,
});

test('by its name, the one in force first', finds, 'so_second', 41);
test('by the name of its map', finds, 'first_map', 7);
test('by the id of its link', finds, 'link:7', 41);
test('by the id of its map', finds, 'map:7', 7);
test('by the id of a map that is not in force', finds, 'map:43', 43);
test('by a number that only one has', finds, '41', 41);
test('by a pin', finds, '/sys/fs/bpf/cc/so_second', 41);

const refuses = test.macro({
  exec(t, what: string, code: string, message: RegExp, hint: RegExp) {
    const error = t.throws(() => findRegistration(list, what), {instanceOf: InputError});
    t.is(error.code, code as typeof error.code);
    t.regex(error.shortMessage, message);
    t.regex(error.hint, hint);
  },
  title: (why, what) => `${what}: ${why}`,
});

test(
  'a near miss',
  refuses,
  'so_secnd',
  'NOT_REGISTERED',
  /^no struct_ops called so_secnd$/,
  /^did you mean so_second \(tcp_congestion_ops\)\?$/,
);
test('nothing near', refuses, 'bbr', 'NOT_REGISTERED', /called bbr/, /structops list/);
test('no such pin', refuses, '/sys/fs/bpf/x', 'NOT_REGISTERED', /pinned at/, /structops list/);
test('a number of two', refuses, '7', 'AMBIGUOUS_NAME', /several/, /link:7 or map:7/);

test('an absolute path of a pin, or one below the root, is below the root', t => {
  t.is(pinPathOf('/sys/fs/bpf/cc/so_second'), 'cc/so_second');
  t.is(pinPathOf('cc//so_second'), 'cc/so_second');
  t.is(pinPathOf('/mnt/bpf/x', '/mnt/bpf'), 'x');
});

for (const path of ['/etc/passwd', '../x', 'cc/../../x', 'a.b']) {
  test(`${path} is no path of a pin`, t => {
    t.throws(() => pinPathOf(path), {instanceOf: InputError});
  });
}
