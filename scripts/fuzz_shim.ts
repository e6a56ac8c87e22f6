/**
 * `npm run fuzz:shim -- [--runs N] [--seed N]`: test/shim/fuzz under libFuzzer, with ASan and UBSan. What it learns stays in
 * build/fuzz/corpus for the next time. A finding ends it, and is kept as build/fuzz/crash-….
 */
import {parseArgs} from 'node:util';
import {execa} from 'execa';
import {fuzzArguments, prepareFuzzing} from '../test/shim/fuzz/fuzz_program.js';

const {values} = parseArgs({
  options: {runs: {type: 'string', default: '1000000'}, seed: {type: 'string'}},
});
const {program, corpus} = await prepareFuzzing('build/fuzz');
const seed = values.seed === undefined ? [] : [`-seed=${values.seed}`];
const args = [...fuzzArguments(program), `-runs=${values.runs}`, ...seed, corpus];
const {exitCode} = await execa(program, args, {stdio: 'inherit', reject: false});
process.exitCode = exitCode ?? 1;
