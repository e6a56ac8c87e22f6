import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {commandTree} from '../../src/commands/command_tree.js';
import {createProgram} from '../../src/commands/program.js';
import {manPage} from '../../src/render/man_page.js';
import {ensureSystemPackages} from '../rig/system_packages.js';
import {runCli} from './run_cli.js';

/** What the definitions of the commands are made into: help, the manual page. */

const LINES_MAX = 40;
const COLUMNS_MAX = 80;
const tree = commandTree(await createProgram());
const names = tree.map(({name}) => name);

let directory = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-help-'));
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

for (const name of names) {
  test(`structops ${name} --help fits a screen and has an example`, async t => {
    const {exitCode, stdout} = await runCli([...(name === '' ? [] : [name]), '--help']);
    t.is(exitCode, 0);
    const lines = stdout.trimEnd().split('\n');
    t.true(lines.length <= LINES_MAX, `${lines.length} lines`);
    t.deepEqual(
      lines.filter(line => line.length > COLUMNS_MAX),
      [],
    );
    t.regex(stdout, /^Examples?:\n(.*\n)*? +(sudo )?structops/m);
    t.regex(tree.find(one => one.name === name)?.epilogue ?? '', /Examples?:\n/);
  });
}

test('every command has a summary that fits the list of commands', t => {
  for (const {name, summary} of tree.slice(1)) {
    t.true(summary.length > 10 && summary.length <= 62, `${name}: ${summary}`);
  }
});

test('the manual page renders without a complaint, and has every command and option', async t => {
  await ensureSystemPackages([
    {lookFor: 'man', package: 'man-db'},
    {lookFor: 'groff', package: 'groff'},
  ]);
  const path = join(directory, 'structops.1');
  await writeFile(path, manPage(tree, '1.2.3'));
  const {stdout, stderr} = await execa('man', ['--warnings', '-l', path], {
    env: {MANWIDTH: '100', LC_ALL: 'C.UTF-8', MANPAGER: 'cat'},
  });
  t.is(stderr, '');
  t.regex(stdout, /structops - Plan and apply for eBPF struct_ops/);
  t.regex(stdout, /structops 1\.2\.3/);
  for (const {name, options} of tree) {
    if (name !== '') t.regex(stdout, new RegExp(`^ +structops ${name}$`, 'm'));
    for (const {long} of options) t.true(stdout.includes(long), `${name} ${long}`);
  }
  t.regex(stdout, /Exit codes:\n +0 +done/);
});
