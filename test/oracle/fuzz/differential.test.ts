import {join} from 'node:path';
import test from 'ava';
import {fuzzSeed} from '../../helpers/random.js';
import {REPOSITORY} from '../../rig/cache.js';
import {compareObject, prepareSeed} from './differential.js';

/** `npm run fuzz:libbpf` does more of it. */
const PROGRAMS = 8;

const place = join(REPOSITORY, 'build/test/differential');

test(`${PROGRAMS} generated programs: planned as libbpf loads them, or for no reason that differs`, async t => {
  t.timeout(600_000);
  const first = fuzzSeed();
  t.log(`FUZZ_SEED=${first}`);
  const seen: string[] = [];
  for (let seed = first; seen.length < PROGRAMS && seed < first + 4 * PROGRAMS; seed++) {
    const prepared = await prepareSeed(seed, join(place, `seed-${seed % PROGRAMS}`));
    if (prepared === null) continue;
    const {verdict, explained} = await compareObject(prepared);
    t.true(verdict.same || explained !== undefined, `seed ${seed}: ${verdict.why.join('; ')}`);
    seen.push(verdict.libbpf.kind);
  }
  t.is(seen.length, PROGRAMS);
  t.true(seen.filter(kind => kind === 'attached').length >= PROGRAMS / 4, seen.join());
});
