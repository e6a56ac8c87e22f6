import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildExamples} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';

const OBJECTS = [
  'hid/mouse.bpf.o',
  'qdisc/fifo.bpf.o',
  'sched_ext/shared.bpf.o',
  'tcp/first.bpf.o',
  'tcp/first_link.bpf.o',
  'tcp/second.bpf.o',
  'tcp/second_link.bpf.o',
];

test('built in another directory, every committed object has the same bytes', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-examples-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const copy = join(scratch, 'deeper/than/the/repository');
  await buildExamples(copy);

  const committed = join(REPOSITORY, 'examples');
  t.deepEqual(await objectsIn(committed), OBJECTS);
  t.deepEqual(await objectsIn(copy), OBJECTS);
  for (const name of OBJECTS) {
    const [now, then] = [join(copy, name), join(committed, name)];
    t.true((await readFile(now)).equals(await readFile(then)), `${name} differs: make -C examples`);
  }
});

async function objectsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, {recursive: true});
  return names.filter(name => name.endsWith('.o')).sort();
}
