import {once} from 'node:events';
import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {CACHE, cached, exists, REPOSITORY} from './cache.js';

const NAMES = `test-${process.pid}`;

test.after.always(async () => {
  await rm(join(CACHE, NAMES), {recursive: true, force: true});
  for (const lock of await readdir(join(CACHE, 'locks'))) {
    if (lock.startsWith(`${NAMES}%`)) await rm(join(CACHE, 'locks', lock));
  }
});

test('whoever asks while it is filled gets what the first one fills', async t => {
  let fills = 0;
  const ask = () =>
    cached(`${NAMES}/once`, async path => {
      fills++;
      await writeFile(path, 'whole');
    });
  const paths = await Promise.all([ask(), ask(), ask()]);
  t.deepEqual(new Set([...paths, await ask()]), new Set([join(CACHE, NAMES, 'once')]));
  t.is(await readFile(paths[0] ?? '', 'utf8'), 'whole');
  t.is(fills, 1);
});

test('a fill that fails leaves nothing, and the next one fills', async t => {
  const fails = cached(`${NAMES}/failed`, async path => {
    await writeFile(path, 'half');
    throw new Error('disk full');
  });
  await t.throwsAsync(fails, {message: 'disk full'});
  t.false(await exists(join(CACHE, NAMES, 'failed')));
  const path = await cached(`${NAMES}/failed`, made => writeFile(made, 'whole'));
  t.is(await readFile(path, 'utf8'), 'whole');
});

/** Another process that asks for a name; it says so, and whether it was the one to fill it. */
function asksToo(name: string) {
  const program = `
    import {writeFileSync} from 'node:fs';
    import {cached} from './test/rig/cache.ts';
    console.log('asks');
    await cached('${name}', path => {
      console.log('fills');
      writeFileSync(path, 'by another');
    });`;
  const args = ['--import=tsx', '--input-type=module', '--eval', program];
  return execa(process.execPath, args, {cwd: REPOSITORY});
}

test('another process waits, and does not fill it again', async t => {
  const name = `${NAMES}/processes`;
  let other: ReturnType<typeof asksToo> | undefined;
  const path = await cached(name, async made => {
    other = asksToo(name);
    await Promise.race([once(other.stdout, 'data'), other]);
    await writeFile(made, 'whole');
  });
  t.is((await other)?.stdout, 'asks');
  t.is(await readFile(path, 'utf8'), 'whole');
});

test('who waits for a process that was killed fills it', async t => {
  const name = `${NAMES}/killed`;
  const program = `
    import {cached} from './test/rig/cache.ts';
    await cached('${name}', path => {
      console.log(path);
      process.kill(process.pid, 'SIGKILL');
    });`;
  const args = ['--import=tsx', '--input-type=module', '--eval', program];
  const {signal, stdout} = await execa(process.execPath, args, {cwd: REPOSITORY, reject: false});
  t.is(signal, 'SIGKILL');
  await rm(dirname(stdout), {recursive: true});
  const path = await cached(name, made => writeFile(made, 'whole'));
  t.is(await readFile(path, 'utf8'), 'whole');
});
