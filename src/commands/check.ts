import {basename} from 'node:path';
import {Command} from 'commander';
import {problemOf} from '../check/check_kernel.js';
import {checkAndKeep, type ObjectToCheck} from '../check/check_objects.js';
import type {CheckProblem, CheckReport} from '../check/check_report.js';
import {runCheck as proveCheck} from '../check/run_check.js';
import {InputError} from '../errors.js';
import {openKconfig} from '../inputs/kconfig.js';
import {VMLINUX_BTF} from '../inputs/kernel_btf.js';
import {inspectObject} from '../inspect/inspect_object.js';
import {filesAt} from '../kernel_file/files.js';
import {renderCheck} from '../render/check.js';
import {checkMarkdown} from '../render/check_markdown.js';
import {screenOf} from '../render/screen.js';
import {EXIT} from './exit_code.js';
import {moduleNameMissing, readObject} from './inputs.js';
import {type OutputOptions, printJson, printLine} from './output.js';
import {withCounter, withProgress} from './progress.js';
import {
  collect,
  type SettingArguments,
  settingsOf,
  withSettingOptions,
} from './setting_arguments.js';

const EXAMPLES = `
A kernel is raw BTF, a vmlinux or vmlinuz, or a Debian or RPM package. Exits
with 0 when all objects load on all kernels, 1 when some do not, 2 when an
input cannot be used.

Examples:
  structops check second.bpf.o --btf linux-image-6.12.deb --btf vmlinuz-7.2
  structops check build/*.bpf.o --btf kernels/ --markdown > comment.md
`;

interface Options extends OutputOptions, SettingArguments {
  readonly btf?: readonly string[];
  readonly moduleBtf?: readonly string[];
  readonly kconfig?: string;
  readonly kernelVersion?: string;
  readonly markdown?: boolean;
  readonly threads?: string;
  readonly run?: boolean;
}

export function checkCommand(): Command {
  const command = new Command('check')
    .summary('which objects load on which kernels, and why not')
    .description('Plans objects for many kernels: a table, and every reason why not.')
    .argument('<object...>', 'compiled BPF objects')
    .option(
      '--btf <file|dir>',
      "a kernel, or a directory of them; repeatable (default: this one's)",
      collect,
    )
    .option(
      '--module-btf <name[=file]>',
      "a module of each kernel's package, or its .ko, BTF or package; repeatable",
      collect,
    )
    .option('--json', 'print structops.check/1 (docs/check-json.md)')
    .option('--markdown', 'print a table for a pull request')
    .option('--run', 'boot each kernel in a VM, and ask its verifier as well')
    .option('--threads <n>', 'how many kernels at once (default: the CPUs)')
    .option('--kconfig <file>', 'the configuration of kernels that come without theirs')
    .option('--kernel-version <version>', 'instead of what the files say');
  return withSettingOptions(command).addHelpText('after', EXAMPLES).action(runCheck);
}

async function runCheck(paths: readonly string[], options: Options): Promise<void> {
  const {json = false, markdown = false, run = false, kconfig, kernelVersion, threads} = options;
  const problems: CheckProblem[] = [];
  const objects = objectsAt(paths, problems);
  const {given, files} = await kernelFiles(options.btf ?? [VMLINUX_BTF], problems);
  const request = {
    objects,
    kernels: files,
    settings: settingsOf(options),
    modules: (options.moduleBtf ?? []).map(moduleOf),
    ...(threads !== undefined && {threads: threadsOf(threads)}),
    ...(kconfig !== undefined && {kconfig: openKconfig(kconfig)}),
    ...(kernelVersion !== undefined && {kernelVersion}),
  };
  const checked = await withCounter('checking kernels', onProgress =>
    checkAndKeep({...request, onProgress}, run),
  );
  const report = run
    ? await withProgress('booting kernels', () => proveCheck(checked))
    : checked.report;
  // Beside kernels a directory may have anything: that is said, and is no error.
  const isStray = ({code, path}: CheckProblem) => code === 'NOT_A_KERNEL' && !given.has(path);
  const all: CheckReport = {...report, problems: [...problems, ...report.problems]};
  if (json) printJson(all);
  else if (markdown) printLine(checkMarkdown(all));
  else printLine(renderCheck(all, screenOf(process.stdout)));
  process.exitCode = exitCodeFor(all, all.problems.filter(problem => !isStray(problem)).length);
}

function exitCodeFor({cells}: CheckReport, problemCount: number): number {
  if (problemCount > 0 || cells.length === 0) return EXIT.cannot;
  const allLoad = cells.every(
    ({loader, verifier}) => loader !== 'refused' && verifier !== 'refused',
  );
  return allLoad ? EXIT.done : EXIT.refused;
}

/** Those that can be used at all; the others are problems. */
function objectsAt(paths: readonly string[], problems: CheckProblem[]): ObjectToCheck[] {
  return paths.flatMap(path => {
    try {
      const file = readObject(path);
      inspectObject(file);
      return [{...file, path}];
    } catch (error) {
      problems.push(problemOf(path, error));
      return [];
    }
  });
}

async function kernelFiles(paths: readonly string[], problems: CheckProblem[]) {
  const given = new Set<string>(paths);
  const files: string[] = [];
  for (const path of paths) {
    try {
      files.push(...(await filesAt(path, 'the kernel')));
    } catch (error) {
      problems.push(problemOf(path, error));
    }
  }
  return {given, files};
}

/** `NAME=FILE`, or `NAME` alone. */
function moduleOf(argument: string): {name: string; path?: string} {
  const [name = '', ...rest] = argument.split('=');
  if (name === '') throw moduleNameMissing(argument);
  return {name, ...(rest.length > 0 && {path: rest.join('=')})};
}

function threadsOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 256) return count;
  throw new InputError('BAD_ARGUMENT', {
    what: `--threads ${text} is not a number from 1 to 256`,
    hint: `${basename(process.argv[1] ?? 'structops')} check … --threads 4`,
  });
}
