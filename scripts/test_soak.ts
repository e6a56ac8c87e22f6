/**
 * `npm run test:soak -- [--seconds N] [--seed N] [--swaps N] [--failures N]`: the two tests that can
 * take long, at full length. Random verbs that a model predicts (the seed makes it the same again),
 * then swaps, and failed ones, while 50 connections move data. SECONDS or SWAPS of 0 leaves one out.
 */
import {parseArgs} from 'node:util';
import {execa} from 'execa';

const {values} = parseArgs({
  options: {
    seconds: {type: 'string', default: '3600'},
    seed: {type: 'string', default: String(Date.now() % 2 ** 31)},
    swaps: {type: 'string', default: '1000'},
    failures: {type: 'string', default: '200'},
  },
});
const {seconds, seed, swaps, failures} = values;
const env = {SOAK_SECONDS: seconds, SOAK_SEED: seed, SWAPS: swaps, FAILURES: failures};
const files = [
  ...(seconds === '0' ? [] : ['test/kernel/soak.test.ts']),
  ...(swaps === '0' ? [] : ['test/kernel/swaps.test.ts']),
];
console.log(`seed ${seed}`);
const {exitCode} = await execa('npx', ['ava', '-c', '1', ...files], {
  env,
  stdio: 'inherit',
  reject: false,
});
process.exitCode = exitCode ?? 1;
