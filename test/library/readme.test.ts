import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {runCli} from './run_cli.js';

/** README.md prints what the command prints, but for what is another with each kernel of a release. */

const COMMAND = /^\$ node dist\/cli\.js (.*)$/;

/** What stands below each command of the indented blocks, by the command's words. */
function samplesOf(text: string): Map<string, string[]> {
  const samples = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of text.split('\n')) {
    const code = /^ {4}(.*)$/.exec(line)?.[1] ?? (line === '' ? '' : undefined);
    const words = COMMAND.exec(code ?? '')?.[1];
    if (words !== undefined) {
      lines = [];
      samples.set(words, lines);
    } else if (code === undefined) {
      lines = undefined;
    } else {
      lines?.push(code);
    }
  }
  return samples;
}

const withoutKernel = (text: string) =>
  text
    .trimEnd()
    .replace(/(kernel +BTF of )[\d,]+( bytes, xxh64 )[\da-f]{16}/, '$1…$2…')
    .replace(/(plan +.* sha256 )[\da-f]{64}/, '$1…');

test('the commands of README.md print what it says', async t => {
  const samples = samplesOf(await readFile(join(REPOSITORY, 'README.md'), 'utf8'));
  const btf = {linux: (await getKernel('6.12')).btf, 'linux-6.1.btf': (await getKernel('6.1')).btf};
  t.is(samples.size, 2);
  for (const [line, expected] of samples) {
    const given = line.replace('linux-6.1.btf', btf['linux-6.1.btf']);
    const words = given === line ? [...line.split(' '), '--btf', btf.linux] : given.split(' ');
    const {stdout, stderr} = await runCli(words);
    t.is(withoutKernel(stdout + stderr), withoutKernel(expected.join('\n')), line);
  }
});
