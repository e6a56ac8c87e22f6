import test from 'ava';
import {countNames, countSocketsByCongestionControl} from '../../src/machine/tcp_sockets.js';
import {script} from '../library/executors.js';

/** As ss(8) of iproute2 6.1 prints them. */
const OUTPUT = [
  'LISTEN    0      128      0.0.0.0:22         0.0.0.0:*',
  '\t cubic cwnd:10',
  'ESTAB     0      0      192.0.2.2:41720 203.0.113.80:80',
  '\t ts sack so_second wscale:7,7 rto:204 rtt:0.5/0.2 mss:1448 cwnd:10',
  'ESTAB     0      0      [::1]:41722 [::1]:80',
  '\t so_second wscale:7,7 rto:204',
  'TIME-WAIT 0      0      192.0.2.2:41721 203.0.113.80:80',
  '\t            ',
  'ESTAB     0      0      192.0.2.2:41724 203.0.113.80:80',
  '\t rto:204 mss:1448',
].join('\n');

test('the sockets of each congestion control are counted', t => {
  t.deepEqual(Object.fromEntries(countNames(OUTPUT) ?? []), {cubic: 1, so_second: 2});
});

test('no sockets are no sockets; sockets without details tell nothing', t => {
  t.is(countNames('')?.size, 0);
  t.is(countNames('LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n'), undefined);
});

test('ss is asked in its long options, which all versions have', async t => {
  const ss = await script('echo x; printf "\\t %s cwnd:10\\n" "$#"');
  t.deepEqual(Object.fromEntries((await countSocketsByCongestionControl(ss)) ?? []), {5: 1});
});

for (const [title, text] of [
  ['fails', 'exit 1'],
  ['is killed', 'kill -9 $$'],
] as const) {
  test(`nothing is said of sockets when ss ${title}`, async t => {
    t.is(await countSocketsByCongestionControl(await script(text)), undefined);
  });
}

test('nothing is said of sockets when there is no ss', async t => {
  t.is(await countSocketsByCongestionControl('/no/such/ss'), undefined);
});
