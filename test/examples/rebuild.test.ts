import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildExamples} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';

test('built in another directory, every committed object has the same bytes', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-examples-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const copy = join(scratch, 'deeper/than/the/repository');
  await buildExamples(copy);

  const committed = join(REPOSITORY, 'examples/tcp');
  const objects = (await readdir(committed)).filter(name => name.endsWith('.o')).sort();
  t.deepEqual(objects, ['first.bpf.o', 'first_link.bpf.o', 'second.bpf.o', 'second_link.bpf.o']);
  for (const name of objects) {
    const [now, then] = [join(copy, 'tcp', name), join(committed, name)];
    t.true((await readFile(now)).equals(await readFile(then)), `${name} differs: make -C examples`);
  }
});
