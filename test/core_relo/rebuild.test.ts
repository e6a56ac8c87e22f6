import {cp, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';
import {BPF_COMPILER, ensureSystemPackages} from '../rig/system_packages.js';

const FOLDER = join(REPOSITORY, 'test/bpf/core_relo');
const BUILT = /\.(o|btf)$/;

test('built in another directory, every committed object has the same bytes', async t => {
  await ensureSystemPackages(BPF_COMPILER);
  const scratch = await mkdtemp(join(tmpdir(), 'structops-core-relo-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const copy = join(scratch, 'deeper/than/the/repository');
  await cp(FOLDER, copy, {recursive: true, filter: path => !BUILT.test(path)});
  await execa('make', ['-s', '-C', copy]);

  const committed = (await readdir(FOLDER)).filter(name => BUILT.test(name)).sort();
  const built = (await readdir(copy)).filter(name => BUILT.test(name)).sort();
  t.deepEqual(built, committed);
  for (const name of built) {
    const [now, then] = [join(copy, name), join(FOLDER, name)];
    const same = (await readFile(now)).equals(await readFile(then));
    t.true(same, `${name} differs: make -C test/bpf/core_relo`);
  }
});
