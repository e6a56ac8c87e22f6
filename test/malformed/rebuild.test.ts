import {cp, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';
import {BPF_COMPILER, ensureSystemPackages, NEWER_BPF_COMPILER} from '../rig/system_packages.js';

const OBJECTS = 'test/bpf';
/** Those whose objects its Makefile builds. */
const FOLDERS = ['.', 'malformed', 'conformance', 'verifier'];

test('built in another directory, every committed object of tests has the same bytes', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-test-bpf-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const copy = join(scratch, 'deeper/than/the/repository');
  await ensureSystemPackages([...BPF_COMPILER, NEWER_BPF_COMPILER]);
  const filter = (path: string) => !path.endsWith('.o');
  for (const folder of [OBJECTS, 'examples/include']) {
    await cp(join(REPOSITORY, folder), join(copy, folder), {recursive: true, filter});
  }
  await execa('make', ['-s', '-C', join(copy, OBJECTS)]);

  const objectsIn = async (root: string) => {
    const lists = FOLDERS.map(async folder =>
      (await readdir(join(root, folder))).map(name => join(folder, name)),
    );
    return (await Promise.all(lists)).flat().filter(name => name.endsWith('.o'));
  };
  const committed = join(REPOSITORY, OBJECTS);
  const names = await objectsIn(committed);
  t.true(names.length > 0);
  t.deepEqual(new Set(await objectsIn(join(copy, OBJECTS))), new Set(names));
  for (const name of names) {
    const [now, then] = [join(copy, OBJECTS, name), join(committed, name)];
    t.true((await readFile(now)).equals(await readFile(then)), `${name}: make -C test/bpf`);
  }
});
