import {cp, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';
import {BPF_COMPILER, ensureSystemPackages} from '../rig/system_packages.js';

const FOLDER = 'test/bpf/library';

test('built in another directory, every committed object has the same bytes', async t => {
  await ensureSystemPackages(BPF_COMPILER);
  const copy = await mkdtemp(join(tmpdir(), 'structops-library-bpf-'));
  t.teardown(() => rm(copy, {recursive: true}));
  const filter = (path: string) => !path.endsWith('.o');
  for (const folder of [FOLDER, 'examples/include']) {
    await cp(join(REPOSITORY, folder), join(copy, folder), {recursive: true, filter});
  }
  await execa('make', ['-s', '-C', join(copy, FOLDER)]);

  const objectsIn = async (root: string) =>
    (await readdir(join(root, FOLDER))).filter(name => name.endsWith('.o')).sort();
  const names = await objectsIn(REPOSITORY);
  t.true(names.length > 0);
  t.deepEqual(await objectsIn(copy), names);
  for (const name of names) {
    const [now, then] = [join(copy, FOLDER, name), join(REPOSITORY, FOLDER, name)];
    const same = (await readFile(now)).equals(await readFile(then));
    t.true(same, `${name} differs: make -C ${FOLDER}`);
  }
});
