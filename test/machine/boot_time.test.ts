import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {bootTimeMs} from '../../src/machine/boot_time.js';

test('the time of boot is the time now without the time since boot', async t => {
  const proc = await mkdtemp(join(tmpdir(), 'structops-proc-'));
  await writeFile(join(proc, 'uptime'), '3600.25 7000.00\n');
  t.is(bootTimeMs(proc, 10_000_000_000), 10_000_000_000 - 3_600_250);
});
