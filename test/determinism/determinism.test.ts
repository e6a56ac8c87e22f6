import {join} from 'node:path';
import test from 'ava';
import {fuzzSeed} from '../helpers/random.js';
import {REPOSITORY} from '../rig/cache.js';
import {compareEngines} from './determinism.js';

/** `npm run test:determinism` makes 10,000. */
const CASES = 300;

test(`${CASES} plans are the same from V8, JavaScriptCore and C, in any order, in used memory, in windows`, async t => {
  t.timeout(600_000);
  const seed = fuzzSeed();
  t.log(`FUZZ_SEED=${seed}`);
  const directory = join(REPOSITORY, 'build/test/determinism');
  const [first, ...others] = await compareEngines({count: CASES, seed}, directory);
  t.is(others.length, 2);
  for (const {engine, answers} of others) t.deepEqual(answers, first?.answers, engine);
  t.true((first?.plans ?? 0) > CASES / 2, `${first?.plans} plans`);
  t.true(new Set(first?.answers).size > CASES / 3, 'they are not the same plan again and again');
});
