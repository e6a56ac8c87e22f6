import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../rig/cache.js';
import {ELSEWHERE, LAST, NOT_COVERED} from './statements.js';

const TESTS = join(REPOSITORY, 'test');

const ALL = Object.entries(LAST).flatMap(([section, last]) =>
  Array.from({length: last}, (_, i) => `${section}.${i + 1}`),
);

/** The numbers that titles of tests in this folder begin with. */
async function numbersInTitles(): Promise<Set<string>> {
  const folder = join(TESTS, 'conformance');
  const numbers = new Set<string>();
  for (const name of await readdir(folder)) {
    if (!/^section_\d+\.test\.ts$/.test(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    for (const [, title = ''] of text.matchAll(/test\(\s*['"`]((?:\d+\.\d+ )+)/g)) {
      for (const number of title.trim().split(' ')) numbers.add(number);
    }
  }
  return numbers;
}

test('every statement is covered, or there is a reason why not', async t => {
  const titles = await numbersInTitles();
  t.true(titles.size > 80);
  const open = ALL.filter(
    number => !titles.has(number) && !(number in ELSEWHERE) && !(number in NOT_COVERED),
  );
  t.deepEqual(open, []);
  const known = new Set(ALL);
  const wrong = [...titles, ...Object.keys(ELSEWHERE), ...Object.keys(NOT_COVERED)];
  t.deepEqual(
    wrong.filter(number => !known.has(number)),
    [],
  );
  t.deepEqual(
    Object.keys(NOT_COVERED).filter(number => titles.has(number) || number in ELSEWHERE),
    [],
  );
});

test('what covers a statement elsewhere is there', async t => {
  for (const [number, places] of Object.entries(ELSEWHERE)) {
    for (const [file, words] of places) {
      const text = await readFile(join(TESTS, file), 'utf8');
      t.true(text.includes(words), `${number}: ${file} has no ${words}`);
    }
  }
});
