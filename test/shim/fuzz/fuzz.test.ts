import {readdir} from 'node:fs/promises';
import test from 'ava';
import {execa} from 'execa';
import {fuzzArguments, prepareFuzzing} from './fuzz_program.js';

/** `npm run fuzz:shim` does more of it. */
const RUNS = 20_000;

let program = '';
let corpus = '';

test.before(async () => {
  ({program, corpus} = await prepareFuzzing('build/test/fuzz'));
});

test(`${RUNS} frames made by libFuzzer: no finding, no call outside the table`, async t => {
  const args = [...fuzzArguments(program), `-runs=${RUNS}`, '-seed=1', corpus];
  const {stderr} = await execa(program, args);
  t.regex(stderr, new RegExp(`Done ${RUNS} runs`));
  const [, covered = '0'] = /INITED cov: (\d+)/.exec(stderr) ?? [];
  t.true(Number(covered) > 700, 'the seeds reach the steps of every kind of frame');
  t.true((await readdir(corpus)).length > 20, 'it has learned');
});
