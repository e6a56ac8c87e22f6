/**
 * `npm run fuzz:libbpf -- [--seed N] [--count N] [--corpus]`: generated objects through libbpf, on a kernel that says yes, and
 * through the planner. C programs of test/oracle/fuzz/c_program.ts, or with --corpus the damaged objects that fuzzing the
 * core has kept. Exit code 1: something differs that nobody has explained; its files are kept in build/fuzz/libbpf.
 */
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {compareKept} from '../test/oracle/fuzz/compare_kept.js';
import {type Compared, compareSeed} from '../test/oracle/fuzz/differential.js';
import {verdictLines} from '../test/oracle/oracle_report.js';

const {values} = parseArgs({
  options: {
    seed: {type: 'string', default: '1'},
    count: {type: 'string', default: '1000'},
    corpus: {type: 'boolean', default: false},
  },
});
const place = 'build/fuzz/libbpf';
const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

function take(name: string, {verdict, explained}: Compared): boolean {
  count(verdict.same ? `same: ${verdict.libbpf.kind}` : (explained ?? 'different'));
  if (verdict.same || explained !== undefined) return true;
  console.log(`${name}\n${verdictLines(verdict)}`);
  process.exitCode = 1;
  return false;
}

await mkdir(place, {recursive: true});
const [first, runs] = [Number(values.seed), Number(values.count)];
if (values.corpus) {
  await compareKept(place, runs, take);
} else {
  for (let seed = first; seed < first + runs; seed++) {
    const directory = join(place, `seed-${seed}`);
    const compared = await compareSeed(seed, directory);
    if (compared === null) count('not compiled');
    if (compared === null || take(`seed ${seed}`, compared)) await rm(directory, {recursive: true});
  }
}
for (const [what, number] of [...counts].sort()) console.log(String(number).padStart(6), what);
