import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {commandTree} from '../../src/commands/command_tree.js';
import {createProgram} from '../../src/commands/program.js';
import {completionScript, SHELLS, type Shell} from '../../src/render/completion.js';
import {ensureSystemPackages} from '../rig/system_packages.js';
import {runCli} from './run_cli.js';

/** What the shells offer when their scripts are there: each shell is run, and asked. */

const tree = commandTree(await createProgram());

let directory = '';
/** Files to be offered, or not, and a `structops` that knows of two in force. */
let files = '';

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-completion-'));
  files = join(directory, 'files');
  await mkdir(join(files, 'below'), {recursive: true});
  await mkdir(join(directory, 'bin'));
  for (const name of ['x.bpf.o', 'two words.bpf.o', 'x.plan', 'x.txt']) {
    await writeFile(join(files, name), '');
  }
  const command = join(directory, 'bin/structops');
  await writeFile(command, `#!/bin/sh\n[ "$*" = 'list --names' ] && printf 'so_one\\nso_two\\n'\n`);
  await chmod(command, 0o755);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

async function scriptFile(shell: Shell): Promise<string> {
  const path = join(directory, `structops.${shell}`);
  await writeFile(path, completionScript(shell, tree));
  return path;
}

const env = () => ({PATH: `${directory}/bin:${process.env.PATH}`, HOME: directory, TERM: 'dumb'});

test('completion prints the script of each shell, and no other', async t => {
  for (const shell of SHELLS) {
    const {exitCode, stdout} = await runCli(['completion', shell]);
    t.is(exitCode, 0);
    t.is(`${stdout}\n`, completionScript(shell, tree));
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
  const {stdout} = await execa('bash', ['-c', script.join('\n')], {cwd: files, env: env()});
  return stdout.split('\n').filter(Boolean);
}

/** And fish, without what it says of each. */
async function fishOffers(words: readonly string[]): Promise<string[]> {
  await ensureSystemPackages([{lookFor: 'fish', package: 'fish'}]);
  const ask = `source ${await scriptFile('fish')}; complete -C ${JSON.stringify(words.join(' '))}`;
  const {stdout} = await execa('fish', ['--no-config', '-c', ask], {cwd: files, env: env()});
  return stdout.split('\n').flatMap(line => line.split('\t')[0] || []);
}

/**
 * And zsh, which completes on a terminal alone: it is given one, with the words typed and a key
 * after them, and `compadd`, which all offers go through, keeps what fits.
 */
async function zshOffers(words: readonly string[]): Promise<string[]> {
  await ensureSystemPackages([{lookFor: 'zsh', package: 'zsh'}]);
  const offers = await mkdtemp(join(directory, 'zsh-'));
  const inner = [
    'PS1= PROMPT_EOL_MARK=; autoload -Uz compinit; compinit -u -D',
    `. ${await scriptFile('zsh')}; cd ${files}`,
    `compadd() { local -a fit; builtin compadd -O fit "$@"; print -rl -- $fit >> ${offers}/all; builtin compadd "$@" }`,
    `finish() { print -r -- "$BUFFER" > ${offers}/typed; : > ${offers}/end; exit }; zle -N finish`,
    'bindkey "^I" complete-word; bindkey "^X" finish; unsetopt beep; LISTMAX=1000',
  ];
  await writeFile(join(offers, 'inner'), `${inner.join('\n')}\n: > ${offers}/ready\n`);
  const outer = [
    'zmodload zsh/zpty',
    'zpty shell zsh -f -i',
    // What is typed before the line editor is there may be lost.
    `zpty -w shell '. ${offers}/inner'`,
    `until [[ -e ${offers}/ready ]]; do sleep 0.1; done`,
    `zpty -n -w shell $'${words.join(' ')}\\t\\x18'`,
    `until [[ -e ${offers}/end ]]; do sleep 0.1; done`,
  ];
  await execa('zsh', ['-f', '-c', outer.join('\n')], {
    env: env(),
    stdin: 'ignore',
    timeout: 120_000,
  });
  const text = await readFile(join(offers, 'all'), 'utf8').catch(() => '');
  const all = text.split('\n').filter(Boolean);
  // What is the only one is typed at once.
  const typed = (await readFile(join(offers, 'typed'), 'utf8')).trim().split(' ').at(-1) ?? '';
  return all.length > 0 || typed === words.at(-1) ? all : [typed];
}

const OFFERS = {bash: bashOffers, zsh: zshOffers, fish: fishOffers};

/** Words after `structops` -> what is offered for the last of them, in each shell. */
const CASES: Readonly<Record<string, {words: readonly string[]; offers: readonly string[]}>> = {
  'a command': {words: ['ins'], offers: ['inspect']},
  'an option': {words: ['plan', '--kernel'], offers: ['--kernel-version']},
  'an option that the help leaves out': {words: ['apply', '--hotp'], offers: ['--hotplug-seq']},
  'a word of a list': {words: ['completion', ''], offers: SHELLS},
  'what is in force': {words: ['detach', ''], offers: ['so_one', 'so_two']},
  'what of it begins so': {words: ['detach', 'so_t'], offers: ['so_two']},
  'an object, by its ending': {words: ['inspect', 'x'], offers: ['x.bpf.o']},
  'a plan, by its ending': {words: ['show', 'x'], offers: ['x.plan']},
  'plans and objects where both may be': {words: ['diff', 'x'], offers: ['x.bpf.o', 'x.plan']},
};

for (const shell of SHELLS) {
  for (const [what, {words, offers}] of Object.entries(CASES)) {
    test(`${shell} offers ${what}`, async t => {
      const offered = await OFFERS[shell](['structops', ...words]);
      t.deepEqual([...new Set(offered)].sort(), [...offers].sort());
    });
  }
}

test('bash: files with blanks, directories, all files for an option, nothing for no command', async t => {
  t.deepEqual((await bashOffers(['structops', 'plan', ''])).sort(), [
    ...['below', 'two words.bpf.o', 'x.bpf.o'],
  ]);
  t.deepEqual(await bashOffers(['structops', 'plan', '--btf', '']), []);
  t.deepEqual(await bashOffers(['structops', 'explode', '--']), []);
  t.deepEqual((await bashOffers(['structops', 'update', 'so'])).sort(), ['so_one', 'so_two']);
});

test('bash: all commands', async t => {
  const offered = await bashOffers(['structops', '']);
  t.deepEqual(
    offered.filter(word => !word.startsWith('-')),
    tree.slice(1).map(({name}) => name),
  );
});

test('fish says what a command and an option mean', async t => {
  await ensureSystemPackages([{lookFor: 'fish', package: 'fish'}]);
  const ask = `source ${await scriptFile('fish')}; complete -C 'structops ins'`;
  const {stdout} = await execa('fish', ['--no-config', '-c', ask], {cwd: files, env: env()});
  t.is(stdout, `inspect\t${tree.find(({name}) => name === 'inspect')?.summary}`);
});

test('the script of zsh is without a fault', async t => {
  await ensureSystemPackages([{lookFor: 'zsh', package: 'zsh'}]);
  const {stderr} = await execa('zsh', ['-f', '-n', await scriptFile('zsh')]);
  t.is(stderr, '');
});
