/** `npm run test:determinism -- [--plans N] [--seed N]`: the same plans from three engines, or what is not the same. */
import {parseArgs} from 'node:util';
import {compareEngines, type EngineRun} from '../test/determinism/determinism.js';

const {values} = parseArgs({
  options: {
    plans: {type: 'string', default: '10000'},
    seed: {type: 'string', default: String(Date.now() % 2 ** 31)},
  },
});
/** Some cases are refused, which is compared as well. */
const CASES_A_PLAN = 1.4;

const wanted = Number(values.plans);
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const tell = ({engine, answers, plans, digest, seconds}: EngineRun) =>
  console.log(
    `${engine.padEnd(15)} ${plans} plans and ${answers.length - plans} refusals in ` +
      `${seconds.toFixed(0)} s: ${digest}`,
  );
const count = Math.ceil(wanted * CASES_A_PLAN);
const [first, ...others] = await compareEngines({count, seed}, 'build/determinism', tell);
const different = others.flatMap(({engine, answers}) =>
  answers.flatMap((answer, i) =>
    answer === first?.answers[i]
      ? []
      : [`case ${i} in ${engine}: ${answer}, not ${first?.answers[i]}`],
  ),
);
for (const line of different.slice(0, 20)) console.log(line);
if ((first?.plans ?? 0) < wanted) console.log(`fewer than ${wanted} plans`);
process.exitCode = different.length === 0 && (first?.plans ?? 0) >= wanted ? 0 : 1;
