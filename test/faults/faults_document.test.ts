import {readFile} from 'node:fs/promises';
import test from 'ava';
import {FAULTS_DOC, faultRows, faultsDocument} from './faults_document.js';

test('every fault has a sentence, a cause and a remedy', async t => {
  const rows = await faultRows();
  const codes = await readFile(
    new URL('../../assembly/fault/fault_code.ts', import.meta.url),
    'utf8',
  );
  const names = [...codes.matchAll(/^ {2}([A-Z0-9_]+) = \d+,$/gm)].map(([, name]) => name);
  t.deepEqual(rows.map(({code}) => code).sort(), [...names].sort());
  for (const {code, sentence, cause, remedy, number} of rows) {
    t.true(number > 0 && remedy.length > 8, code);
    t.regex(sentence, /^[A-Z].*\.$/, code);
    t.regex(cause, /^[A-Z].*\.$/, code);
  }
});

test('docs/faults.md is current: npm run docs', async t => {
  t.is(await readFile(FAULTS_DOC, 'utf8'), await faultsDocument());
});
