/**
 * `npm run check:truth`: what `structops check` says of every object on the kernels of the rig, and
 * what those kernels say in VMs. Writes docs/check-truth.md; exits with 1 if they disagree.
 */

import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {modulesOfAll} from '../test/module/build_module.js';
import {type Agreement, agreementsOn} from '../test/oracle/agreement.js';
import {DEBIAN_MODULES, fixtures} from '../test/oracle/fixtures.js';
import {runOracle} from '../test/oracle/run_oracle.js';
import {REPOSITORY} from '../test/rig/cache.js';
import {getKernel, KERNEL_IDS} from '../test/rig/kernels.js';

const INTRODUCTION = [
  '# What `structops check` says, and what kernels say',
  '',
  "Every object of this repository on the kernels of the tests' VMs, written by `npm run check:truth`. A cell has what",
  '`check` says, which boots nothing, and what became of the object on that kernel: attached; refused by the verifier or by',
  'the subsystem that it is for, which no loader can speak for; or, where there is no plan, what libbpf came to. That they',
  'agree is tested whenever these kernels are booted (`test/oracle/agreement.ts`).',
  '',
];

const progress = (line: string) => process.stderr.write(`${line}\n`);
const objects = await fixtures();
const columns: {release: string; agreements: readonly Agreement[]}[] = [];
for (const id of KERNEL_IDS) {
  const kernel = await getKernel(id, progress);
  const run = {kernel, ...(await modulesOfAll(kernel, DEBIAN_MODULES))};
  const verdicts = await runOracle(objects, run, () => {}, progress);
  const agreements = await agreementsOn(run, objects, verdicts);
  columns.push({release: kernel.release, agreements});
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const mark = ({agree, loader, kernel}: Agreement) =>
  `${agree ? '' : '**differs** '}${loader} / ${kernel}`;
const cells = columns.flatMap(({agreements}) => agreements);
const differing = cells.filter(({agree}) => !agree);
const lines = [
  ...INTRODUCTION,
  row(['object: `check` / the kernel', ...columns.map(({release}) => release)]),
  row(['---', ...columns.map(() => '---')]),
  ...objects.map(({name}, index) =>
    row([name, ...columns.map(({agreements}) => mark(agreements[index] as Agreement))]),
  ),
  '',
  `${cells.length} cells, ${cells.length - differing.length} agree.`,
];
await writeFile(join(REPOSITORY, 'docs/check-truth.md'), `${lines.join('\n')}\n`);
console.log(lines.at(-1));
process.exitCode = differing.length === 0 ? 0 : 1;
