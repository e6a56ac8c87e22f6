import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {buildCore, builtCore, openCore} from '../helpers/core_wasm.js';

test('the core imports nothing', async t => {
  t.deepEqual((await openCore()).imports, []);
});

test('the core exports what docs/embedding.md says, and nothing else', async t => {
  const document = await readFile(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
  const [table = ''] = document.split('| input kind |');
  const documented = [...table.matchAll(/`(\w+)(?:\([\w, ]*\)(?:: u32)?)?`(?=, `| \|)/g)];
  t.deepEqual(
    (await openCore()).exports.map(({name}) => name).sort(),
    documented.map(([, name]) => name).sort(),
  );
});

test('building again, elsewhere, gives the same bytes as build/core.wasm', async t => {
  const built = await readFile(await builtCore());
  const scratch = await mkdtemp(join(tmpdir(), 'structops-core-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const path = join(scratch, 'deeper/than/build/core.wasm');
  await buildCore(path);
  t.true(built.equals(await readFile(path)), 'build/core.wasm is another: npm run build');
});
