/**
 * `npm run check:truth`: what `structops check` says of every object on the kernels of the rig, and
 * what those kernels say in VMs. Prints a Markdown table; exits with 1 if they disagree.
 */
import {modulesOfAll} from '../test/module/build_module.js';
import {type Agreement, agreementsOn} from '../test/oracle/agreement.js';
import {DEBIAN_MODULES, fixtures} from '../test/oracle/fixtures.js';
import {runOracle} from '../test/oracle/run_oracle.js';
import {getKernel, KERNEL_IDS} from '../test/rig/kernels.js';

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
console.log(row(['object: `check` / the kernel', ...columns.map(({release}) => release)]));
console.log(row(['---', ...columns.map(() => '---')]));
for (const [index, {name}] of objects.entries()) {
  console.log(row([name, ...columns.map(({agreements}) => mark(agreements[index] as Agreement))]));
}
const cells = columns.flatMap(({agreements}) => agreements);
const differing = cells.filter(({agree}) => !agree);
console.log(`\n${cells.length} cells, ${cells.length - differing.length} agree.`);
process.exitCode = differing.length === 0 ? 0 : 1;
