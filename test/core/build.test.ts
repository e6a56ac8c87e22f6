import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildCore, CORE_WASM, openCore} from '../helpers/core_wasm.js';

test('the core imports nothing', async t => {
  t.deepEqual((await openCore()).imports, []);
});

test('the core exports what docs/embedding.md says, and nothing else', async t => {
  const document = await readFile(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  const [table = ''] = document.split('| input kind |');
  const documented = [...table.matchAll(/`(\w+)(?:\([\w, ]*\): u32)?`(?=, `| \|)/g)];
  t.deepEqual(
    (await openCore()).exports.map(({name}) => name).sort(),
    documented.map(([, name]) => name).sort(),
  );
});

test('building twice gives the same bytes, those of build/core.wasm', async t => {
  await openCore();
  const scratch = await mkdtemp(join(tmpdir(), 'structops-core-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const paths = [join(scratch, 'one.wasm'), join(scratch, 'deeper/than/one/two.wasm')];
  await Promise.all(paths.map(buildCore));
  const [one, two, built] = await Promise.all([...paths, CORE_WASM].map(path => readFile(path)));
  t.true(one?.equals(two ?? Buffer.alloc(0)), 'two builds differ');
  t.true(one?.equals(built ?? Buffer.alloc(0)), 'build/core.wasm is another: npm run build');
});
