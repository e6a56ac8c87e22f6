/** `npm run oracle`: docs/oracle.md. */
import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import {
  collect,
  type SettingArguments,
  settingsOf,
  withSettingOptions,
} from '../../src/commands/setting_arguments.js';
import {getFullKernel} from '../kernel/full_kernel.js';
import {getKernel, KERNEL_IDS, type Kernel, type KernelId} from '../rig/kernels.js';
import {debianModules} from '../rig/modules.js';
import {LIBBPF_VERSIONS, type LibbpfVersion} from './build_with_libbpf.js';
import {findObjects} from './find_objects.js';
import type {Verdict} from './judge.js';
import {summaryLines, verdictLines} from './oracle_report.js';
import {type OracleRun, runOracle} from './run_oracle.js';

const FULL = 'newest-full';

interface Arguments extends SettingArguments {
  readonly kernel: KernelId | typeof FULL;
  readonly kconfig?: string;
  readonly schedExt?: boolean;
  readonly seconds: number;
  readonly planOnly?: boolean;
  readonly recordings?: string;
  readonly keep?: string;
  readonly json?: string;
  readonly module?: readonly string[];
  readonly libbpf: LibbpfVersion;
}

const progress = (line: string) => process.stderr.write(`${line}\n`);

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number of seconds is wanted');
}

function argumentsOf(): {path: string; typed: Arguments} {
  const command = withSettingOptions(new Command('npm run oracle --'), true)
    .argument('<path>', 'a directory with .bpf.o files, at any depth, or one file')
    .addOption(
      new Option('--kernel <id>', 'the kernel').choices([...KERNEL_IDS, FULL]).default('newest'),
    )
    .addOption(
      new Option('--libbpf <which>', "Debian's newest, or 1.1 of its release of 2023")
        .choices(LIBBPF_VERSIONS)
        .default('newest'),
    )
    .option('--kconfig <file>', "the kernel's configuration, text or gzip, for both")
    .option('--sched-ext', 'do what the user side of a scheduler does before load, for both')
    .option('--module <path>', 'load this one of its modules before; may be given again', collect)
    .option('--seconds <n>', 'that each of both may take for an object', wholeNumber, 120)
    .option('--plan-only', 'boot nothing: compare plans with what libbpf does on a fake kernel')
    .option('--recordings <dir>', 'with --plan-only: with what it did in an earlier run')
    .option('--keep <dir>', 'write what was seen of each object into this directory')
    .option('--json <file>', 'write all verdicts into this file')
    .exitOverride()
    .parse();
  const typed = command.opts<Arguments>();
  if (typed.recordings !== undefined && !typed.planOnly) {
    command.error('error: --recordings goes with --plan-only');
  }
  return {path: command.args[0] ?? '', typed};
}

async function modulesOf({module = []}: Arguments, kernel: Kernel) {
  return module.length === 0 ? {} : debianModules(kernel, module);
}

function kernelOf({kernel}: Arguments): Promise<Kernel> {
  return kernel === FULL ? getFullKernel() : getKernel(kernel, progress);
}

async function main(): Promise<number> {
  const {path, typed} = argumentsOf();
  const objects = await findObjects(path);
  if (objects.length === 0) {
    progress(`${resolve(path)} has no .bpf.o file`);
    return 2;
  }
  const {kconfig, schedExt, seconds, keep, planOnly, recordings} = typed;
  const kernel = await kernelOf(typed);
  const run: OracleRun = {
    kernel,
    ...(await modulesOf(typed, kernel)),
    secondsEach: seconds,
    libbpf: typed.libbpf,
    settings: settingsOf(typed),
    ...(kconfig !== undefined && {kconfig}),
    ...(schedExt !== undefined && {schedExt}),
    ...(keep !== undefined && {keep}),
    ...(planOnly && {planOnly: {...(recordings !== undefined && {recordings})}}),
  };
  console.log(`${objects.length} objects, Linux ${kernel.release}`);
  const print = (verdict: Verdict) => console.log(verdictLines(verdict));
  const verdicts = await runOracle(objects, run, print, progress);
  console.log(summaryLines(verdicts));
  if (typed.json !== undefined) {
    const document = {schema: 'structops.oracle/1', kernel: kernel.release, verdicts};
    await writeFile(typed.json, `${JSON.stringify(document, null, 1)}\n`);
  }
  return verdicts.every(({same}) => same) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  // Commander has said it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 3;
});
