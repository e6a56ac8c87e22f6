import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {commandTree} from '../../src/commands/command_tree.js';
import {createProgram} from '../../src/commands/program.js';
import {completionScript, SHELLS, type Shell} from '../../src/render/completion.js';
import {manPage} from '../../src/render/man_page.js';
import {ensureSystemPackages} from '../rig/system_packages.js';
import {runCli} from './run_cli.js';

/** What the definitions of the commands are made into: help, completion, the manual page. */

const LINES_MAX = 40;
const COLUMNS_MAX = 100;
const tree = () => commandTree(createProgram());
const names = tree().map(({name}) => name);

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
    t.regex(tree().find(one => one.name === name)?.epilogue ?? '', /Examples?:\n/);
  });
}

test('every command has a summary that fits the list of commands', t => {
  for (const {name, summary} of tree().slice(1)) {
    t.true(summary.length > 10 && summary.length <= 62, `${name}: ${summary}`);
  }
});

async function scriptFile(shell: Shell): Promise<string> {
  const path = join(directory, `structops.${shell}`);
  await writeFile(path, completionScript(shell, tree()));
  return path;
}

test('completion prints the script of each shell, and no other', async t => {
  for (const shell of SHELLS) {
    const {exitCode, stdout} = await runCli(['completion', shell]);
    t.is(exitCode, 0);
    t.is(`${stdout}\n`, completionScript(shell, tree()));
  }
  const other = await runCli(['completion', 'tcsh']);
  t.is(other.exitCode, 2);
  t.regex(other.stderr, /bash, zsh, fish/);
});

/** What bash offers for the last of these words. */
async function bashOffers(words: readonly string[]): Promise<string[]> {
  const script = [
    `. ${await scriptFile('bash')}`,
    `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_structops',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const {stdout} = await execa('bash', ['-c', script.join('\n')]);
  return stdout.split('\n').filter(Boolean);
}

interface Completion {
  readonly words: readonly string[];
  /** All, or some with `…` at their end; none: the shell's own files. */
  readonly offers: readonly string[];
}

const COMPLETIONS: Readonly<Record<string, Completion>> = {
  'a command': {words: ['structops', 'ins'], offers: ['inspect']},
  'an option': {words: ['structops', 'plan', '--kernel'], offers: ['--kernel-version']},
  'an option that the help leaves out': {
    words: ['structops', 'apply', '--hotp'],
    offers: ['--hotplug-seq'],
  },
  'the value of an option is a file': {words: ['structops', 'plan', '--btf', ''], offers: []},
  'an argument is a file': {words: ['structops', 'plan', 'x'], offers: []},
  'a word of a list': {words: ['structops', 'completion', ''], offers: [...SHELLS]},
  'nothing for what is no command': {words: ['structops', 'explode', '--'], offers: []},
};

for (const [title, {words, offers}] of Object.entries(COMPLETIONS)) {
  test(`bash: ${title}`, async t => t.deepEqual(await bashOffers(words), offers));
}

test('bash: all commands', async t => {
  const offered = await bashOffers(['structops', '']);
  t.deepEqual(
    offered.filter(word => !word.startsWith('-')),
    names.slice(1),
  );
});

test('fish: commands, options and words, with what they mean', async t => {
  await ensureSystemPackages([{lookFor: 'fish', package: 'fish'}]);
  const script = await scriptFile('fish');
  const offers = async (line: string) => {
    const {stdout} = await execa('fish', [
      ...['--no-config', '-c'],
      `source ${script}; complete -C ${JSON.stringify(line)}`,
    ]);
    return stdout.split('\n');
  };
  const inspect = tree().find(({name}) => name === 'inspect');
  t.deepEqual(await offers('structops ins'), [`inspect\t${inspect?.summary}`]);
  t.deepEqual(await offers('structops plan --kernel'), ['--kernel-version\tsuch as 6.12.107']);
  t.deepEqual((await offers('structops completion ')).sort(), [...SHELLS].sort());
});

test('zsh: the script is right, and is what completes structops', async t => {
  await ensureSystemPackages([{lookFor: 'zsh', package: 'zsh'}]);
  const script = await scriptFile('zsh');
  const {stderr} = await execa('zsh', ['-f', '-n', script]);
  t.is(stderr, '');
  const load = `autoload -Uz compinit; compinit -u -D; . ${script}; print $_comps[structops]`;
  const {stdout} = await execa('zsh', ['-f', '-c', load], {env: {HOME: directory}});
  t.is(stdout, '_structops');
});

test('the manual page renders without a complaint, and has every command and option', async t => {
  await ensureSystemPackages([
    {lookFor: 'man', package: 'man-db'},
    {lookFor: 'groff', package: 'groff'},
  ]);
  const path = join(directory, 'structops.1');
  await writeFile(path, manPage(tree(), '1.2.3'));
  const {stdout, stderr} = await execa('man', ['--warnings', '-l', path], {
    env: {MANWIDTH: '100', LC_ALL: 'C.UTF-8', MANPAGER: 'cat'},
  });
  t.is(stderr, '');
  t.regex(stdout, /structops - Plan and apply for eBPF struct_ops/);
  t.regex(stdout, /structops 1\.2\.3/);
  for (const {name, options} of tree()) {
    if (name !== '') t.regex(stdout, new RegExp(`^ +structops ${name}$`, 'm'));
    for (const {long} of options) t.true(stdout.includes(long), `${name} ${long}`);
  }
  t.regex(stdout, /Exit codes:\n +0 +done/);
});
