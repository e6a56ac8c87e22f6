/**
 * `npm run fuzz:core -- [--target T] [--executions N] [--seed N] [--keep] [--bulk]`: test/core/fuzz under libFuzzer, each
 * target or one, so many executions each. What it learns stays in build/fuzz/core/learned for the next time; `--keep` puts the
 * least of it that reaches all of the core that it reached into test/core/fuzz/corpus. With `--bulk` what was learned is
 * changed at random without libFuzzer, which makes several times as many executions in the same time, and learns nothing.
 * A finding ends it, and is kept as build/fuzz/core/TARGET-….
 */
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {
  buildBulk,
  keepCorpus,
  prepareCoreFuzzing,
  runBulk,
  runTarget,
} from '../test/core/fuzz/core_program.js';
import {TARGETS, type Target} from '../test/core/fuzz/material.js';

const {values} = parseArgs({
  options: {
    target: {type: 'string'},
    executions: {type: 'string', default: '1000000'},
    seed: {type: 'string'},
    keep: {type: 'boolean', default: false},
    bulk: {type: 'boolean', default: false},
  },
});
const targets = TARGETS.filter(name => values.target === undefined || name === values.target);
if (targets.length === 0) throw new Error(`a target is one of ${TARGETS.join(', ')}`);

const place = 'build/fuzz/core';
const fuzzer = await prepareCoreFuzzing(place);
const bulk = values.bulk ? await buildBulk(fuzzer) : undefined;
const learned = (target: Target) => join(place, 'learned', target);

async function fuzz(target: Target): Promise<number> {
  await mkdir(learned(target), {recursive: true});
  const begin = [learned(target), fuzzer.seeds(target), fuzzer.corpus(target)];
  console.log(`\n${target}`);
  if (bulk !== undefined) {
    const args = [values.seed ?? '1', values.executions, `${place}/${target}-finding`, ...begin];
    return (await runBulk(bulk, fuzzer, target, args)).exitCode ?? 1;
  }
  const seed = values.seed === undefined ? [] : [`-seed=${values.seed}`];
  const args = [`-runs=${values.executions}`, `-artifact_prefix=${place}/${target}-`, ...seed];
  const {exitCode} = await runTarget(fuzzer, target, [...args, ...begin], 'inherit');
  return exitCode ?? 1;
}

for (const target of targets) {
  process.exitCode = await fuzz(target);
  if (process.exitCode !== 0) break;
  if (values.keep) console.log(await keepCorpus(fuzzer, target, learned(target)));
}
