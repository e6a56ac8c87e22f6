import {copyFile, mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import {runOracle} from './run_oracle.js';

const TCP = join(REPOSITORY, 'examples/tcp');

test('what is kept gives the same verdicts again, for these builds and this kernel', async t => {
  const scratch = await mkdtemp(join(tmpdir(), 'structops-recording-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const [objects, keep] = [join(scratch, 'objects'), join(scratch, 'kept')];
  await mkdir(join(objects, 'deep/er'), {recursive: true});
  await copyFile(join(TCP, 'first.bpf.o'), join(objects, 'first.bpf.o'));
  await copyFile(join(TCP, 'second_link.bpf.o'), join(objects, 'deep/er/second.bpf.o'));
  const kernel = await getKernel('6.12');
  const found = await findObjects(objects);
  t.deepEqual(
    found.map(({name}) => name),
    ['deep/er/second.bpf.o', 'first.bpf.o'],
  );
  const quiet = () => {};
  const before = await runOracle(found, {kernel, keep, planOnly: {}}, quiet, quiet);
  t.true(before.every(({same, libbpf}) => same && libbpf.kind === 'attached'));

  const planOnly = {recordings: keep};
  t.deepEqual(await runOracle(found, {kernel, planOnly}, quiet, quiet), before);

  const newest = {kernel: await getKernel('newest'), planOnly};
  await t.throwsAsync(runOracle(found, newest, quiet, quiet), {message: /is of Linux 6\.12/});

  await copyFile(join(TCP, 'second.bpf.o'), join(objects, 'first.bpf.o'));
  const changed = await findObjects(objects);
  await t.throwsAsync(runOracle(changed, {kernel, planOnly}, quiet, quiet), {
    message: /the recording of first\.bpf\.o in .* is of another build of it/,
  });
});
