import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';

/** `npm run demo`, without what it sets up. With --here it would load into this machine's kernel. */

test('the demo: a dry run, then a connection in a VM, its counters, and nothing left', async t => {
  const {stdout} = await execa('node', ['--import=tsx', 'examples/demo.ts'], {cwd: REPOSITORY});
  const [dryRun = '', inVm = ''] = stdout.split('For real, in a VM');
  t.regex(dryRun, /0 +BPF_BTF_LOAD +second_link\.bpf\.o[\s\S]*BPF_LINK_CREATE +so_second/);
  t.regex(dryRun, /ssthresh +program second_ssthresh/);
  t.regex(inVm, /loaded and attached\n[\s\S]*link +\d+ +so_second/);
  t.regex(inVm, /reno cubic so_second\n[\s\S]*"used":"so_second","bytes":67108864/);
  t.regex(inVm, /^acks = [1-9]\d+$/m);
  t.regex(inVm, /^loss_calls = [1-9]$/m);
  t.regex(inVm, /released\n[\s\S]*\nreno cubic\n\nno map, program or link of it is left\n/);
});

/** Another user, who may read the repository wherever it is. */
const READ = '+dac_read_search';
const NOBODY = ['setpriv', '--reuid=65534', `--inh-caps=${READ}`, `--ambient-caps=${READ}`];

const refuses = test.macro(async (t, args: string[], says: RegExp) => {
  const user = process.getuid?.() === 0 ? NOBODY : [];
  const [file, ...rest] = [...user, process.execPath, 'scripts/demo.mjs', ...args];
  const {exitCode, stderr, stdout} = await execa(file as string, rest, {
    cwd: REPOSITORY,
    reject: false,
  });
  t.is(exitCode, 2);
  t.regex(stderr, says);
  t.is(stdout, '');
});

test('--here without root is refused before anything is done', refuses, ['--here'], /as root/);
test('an argument that is not known', refuses, ['--there'], /^usage: npm run demo/);
test('one argument too many', refuses, ['--here', '--here'], /^usage: npm run demo/);
