import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {checkObjects, inspectKernel, readKernels} from '../dist/index.js';
import {renderCheck} from '../src/render/check.js';
import {checkMarkdown} from '../src/render/check_markdown.js';
import {screenOf} from '../src/render/screen.js';
import {kernelNames} from '../test/helpers/kernel_names.js';
import {releaseNumber, sinceDisagrees} from '../test/helpers/since_facts.js';
import {REPOSITORY} from '../test/rig/cache.js';
import {getPackageFile, packagesNamed, type Suite} from '../test/rig/debian_packages.js';
import {getKernel} from '../test/rig/kernels.js';

/**
 * Plans the examples for the newest kernel packages that Debian has in these suites, in all that
 * they come in: cloud, rt, another architecture. `--markdown` prints that form. Then looks whether
 * these kernels have what the core says that their releases have. Some gigabytes are downloaded,
 * into `.cache/debs`.
 */

const SUITES: readonly Suite[] = [
  ...(['bookworm', 'bookworm-backports', 'trixie', 'trixie-backports', 'sid'] as const),
  ...(['trixie:arm64', 'sid:arm64'] as const),
];
/** Since 7.2 the image is in linux-binary-…, and linux-image-… is a meta package. */
const IMAGE = /^linux-(image|binary)-\d(?!.*-(dbg|unsigned)$)/;
const EXAMPLES = [
  ...['tcp/first', 'tcp/first_link', 'tcp/second_link'],
  ...['sched_ext/shared', 'qdisc/fifo', 'hid/mouse'],
];
/** The newest of each; backports keep those of a year. */
const SUITE_MAX = 6;
/** More than 20 packages must be there, or it shows nothing. */
const PACKAGES_MIN = 20;

const progress = (line: string) => process.stderr.write(`${line}\n`);

async function kernelPackages(): Promise<string[]> {
  const files: string[] = [];
  for (const suite of SUITES) {
    const names = await packagesNamed(suite, IMAGE, progress);
    // A meta package for linux-binary-… has no kernel in it.
    const wanted = names
      .filter(name => name.includes('-binary-') || !hasBinary(name, names))
      .sort((a, b) => a.localeCompare(b, 'en', {numeric: true}))
      .slice(-SUITE_MAX);
    progress(`${suite}: ${wanted.length} of ${names.length} packages`);
    for (const name of wanted) files.push(await getPackageFile(suite, name, progress));
  }
  return [...new Set(files)];
}

function hasBinary(name: string, names: readonly string[]): boolean {
  return names.includes(name.replace('-image-', '-binary-'));
}

const all = await kernelPackages();
// To try it with a few: those whose names have this in them.
const [only = ''] = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
const kernels = all.filter(path => path.includes(only));
if (all.length < PACKAGES_MIN) throw new Error(`only ${all.length} kernel packages`);
const objects = EXAMPLES.map(name => {
  const path = join(REPOSITORY, 'examples', `${name}.bpf.o`);
  return {object: readFileSync(path), objectName: basename(path), path};
});
const start = performance.now();
const report = await checkObjects({
  objects,
  kernels,
  onProgress: (done, all) => progress(`checked ${done} of ${all}`),
});
const seconds = (performance.now() - start) / 1000;
console.log(
  process.argv.includes('--markdown')
    ? checkMarkdown(report)
    : renderCheck(report, screenOf(process.stdout)),
);
progress(`${report.kernels.length} kernels, ${seconds.toFixed(1)} s with unpacking`);
process.exitCode = (await releasesDisagree(kernels)) ? 1 : 0;

async function releasesDisagree(paths: readonly string[]): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'structops-debian-'));
  const {kfuncs} = await kernelNames((await getKernel('newest', progress)).btf);
  const disagreements: string[] = [];
  let known = 0;
  for (const path of paths) {
    for (const {release = '', btf} of await readKernels(path)) {
      const file = join(scratch, release);
      writeFileSync(file, btf);
      const facts = await sinceDisagrees(release, await kernelNames(file), kfuncs);
      const {features} = inspectKernel({kernelBtf: btf});
      const wrong = features.filter(
        ({since, present}) => present !== releaseNumber(release) >= releaseNumber(since),
      );
      known += facts.known + features.length;
      disagreements.push(...facts.wrong, ...wrong.map(({name}) => `${name}: Linux ${release}`));
    }
  }
  rmSync(scratch, {recursive: true});
  console.log(`since: ${known} facts, ${disagreements.length} wrong`);
  for (const line of disagreements) console.log(`  ${line}`);
  return disagreements.length > 0;
}
