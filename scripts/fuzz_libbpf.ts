/**
 * `npm run fuzz:libbpf -- [--of WHAT] [--seed N] [--count N] [--show]`: objects through libbpf, on a kernel that says yes, and through
 * the planner. Of `programs`: of C that test/oracle/fuzz/c_program.ts makes; of `mutants`: damaged copies of the objects of
 * examples/ and test/bpf/; of `program-mutants`: damaged copies of the former; of `corpus`: what fuzzing the core has
 * kept. Exit code 1: something differs that nobody has explained; its files are kept in build/fuzz/libbpf. With
 * `--show` what differs for a known reason is printed as well.
 */
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {compareKept} from '../test/oracle/fuzz/compare_kept.js';
import {compareMutants, compareProgramMutants} from '../test/oracle/fuzz/compare_mutants.js';
import {compareObject, prepareSeed, type Take} from '../test/oracle/fuzz/differential.js';
import {verdictLines} from '../test/oracle/oracle_report.js';

type Compare = (place: string, first: number, count: number, take: Take) => Promise<void>;

const KINDS: Readonly<Record<string, Compare>> = {
  programs: comparePrograms,
  mutants: compareMutants,
  'program-mutants': compareProgramMutants,
  corpus: compareKept,
};

const {values} = parseArgs({
  options: {
    of: {type: 'string', default: 'programs'},
    seed: {type: 'string', default: '0'},
    count: {type: 'string', default: '1000'},
    show: {type: 'boolean', default: false},
  },
});
const compare = KINDS[values.of];
if (compare === undefined) throw new Error(`--of is one of ${Object.keys(KINDS).join(', ')}`);
const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

async function comparePrograms(place: string, first: number, runs: number, take: Take) {
  for (let seed = first; seed < first + runs; seed++) {
    const directory = join(place, `seed-${seed}`);
    const prepared = await prepareSeed(seed, directory);
    if (prepared === null) count('not compiled');
    const canGo = prepared === null || take(`seed-${seed}`, await compareObject(prepared));
    if (canGo) await rm(directory, {recursive: true});
  }
}

// Also of a run that is ended early.
process.once('SIGINT', () => process.exit());
process.on('exit', () => {
  for (const [what, number] of [...counts].sort()) console.log(String(number).padStart(6), what);
});

const place = join('build/fuzz/libbpf', values.of);
await mkdir(place, {recursive: true});
await compare(place, Number(values.seed), Number(values.count), (name, {verdict, explained}) => {
  count(verdict.same ? `same: ${verdict.libbpf.kind}` : `meant: ${explained ?? 'no'}`);
  if (verdict.same) return true;
  if (explained === undefined || values.show) {
    console.log(`${name}: ${explained ?? 'nobody has explained it'}\n${verdictLines(verdict)}`);
  }
  if (explained !== undefined) return true;
  process.exitCode = 1;
  return false;
});
