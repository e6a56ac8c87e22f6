import {Command} from 'commander';
import type {Bytes} from '../core/wasm_core.js';
import {type DiffSide, diffPlans} from '../diff/diff_plans.js';
import {InputError, PlanError} from '../errors.js';
import {openBtf, openRunningKernelBtf} from '../inputs/kernel_btf.js';
import {renderDiff} from '../render/diff.js';
import {screenOf} from '../render/screen.js';
import {EXIT} from './exit_code.js';
import {openModuleBtfs, type PlanOptions, readPlanOrObject} from './inputs.js';
import {type OutputOptions, printJson, printLine} from './output.js';
import {collect, withSettingOptions} from './setting_arguments.js';

const EXAMPLES = `
Exits with 1 where they differ, with 0 where they do not.

Examples:
  structops diff old.plan new.plan                     two plans
  structops diff old.bpf.o new.bpf.o --btf 6.12.btf    two builds, one kernel
  structops diff x.bpf.o --btf 6.12.btf --btf 7.2.btf  one object, two kernels
`;

interface Options extends Omit<PlanOptions, 'btf'>, OutputOptions {
  readonly btf?: readonly string[];
}

export function diffCommand(): Command {
  const command = new Command('diff')
    .summary('what is different between two plans, builds or kernels')
    .description('Compares what two plans do: programs, maps, values of struct_ops, BTF.')
    .argument('<old>', 'a kept plan, or an object')
    .argument('[new]', 'another one; without it, the same object on a second kernel')
    .option('--json', 'print structops.diff/1 (docs/diff-json.md)')
    .optionsGroup("The kernel that objects are planned for, by default this machine's:")
    .option('--btf <file>', 'its raw BTF; given twice, that of old and that of new', collect)
    .option('--module-btf <name[=file]>', 'that of a module; repeatable', collect)
    .option('--kconfig <file>', 'its configuration, text or gzip')
    .option('--kernel-version <version>', 'such as 6.12.107');
  return withSettingOptions(command).addHelpText('after', EXAMPLES).action(runDiff);
}

function runDiff(old: string, now: string | undefined, options: Options): void {
  const {json = false, btf = [], ...rest} = options;
  refuseUnclear(now, btf);
  const [oldBtf, newBtf = oldBtf] = btf;
  const before = sideOf('old', old, {...rest, ...(oldBtf !== undefined && {btf: oldBtf})});
  const after = sideOf('new', now ?? old, {...rest, ...(newBtf !== undefined && {btf: newBtf})});
  const diff = diffPlans(before, after);
  if (json) printJson(diff);
  else printLine(renderDiff(diff, screenOf(process.stdout)));
  if (diff.differs) process.exitCode = EXIT.refused;
}

function refuseUnclear(now: string | undefined, btf: readonly string[]): void {
  if (btf.length > 2) {
    throw new InputError('BAD_ARGUMENT', {
      what: `--btf is given ${btf.length} times`,
      why: 'two things are compared, for one kernel or for two',
    });
  }
  if (now === undefined && btf.length < 2) {
    throw new InputError('BAD_ARGUMENT', {
      what: 'there is nothing to compare with',
      why: 'one object can be compared on two kernels only',
      hint: 'give a second plan or object, or --btf twice',
    });
  }
}

function sideOf(which: string, path: string, options: PlanOptions): DiffSide {
  const {btf, moduleBtf} = options;
  try {
    const plan = readPlanOrObject(path, options, ['btf', 'moduleBtf']);
    const kernelBtf = btf === undefined ? findRunningKernelBtf() : openBtf(btf);
    if (kernelBtf === undefined) return {plan};
    return {plan, kernelBtf, moduleBtfs: openModuleBtfs(moduleBtf)};
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new PlanError(error.faults, `${which}, ${path}${btf === undefined ? '' : ` for ${btf}`}`);
  }
}

/** For names only: kept plans can be compared without any kernel. */
function findRunningKernelBtf(): Bytes | undefined {
  try {
    return openRunningKernelBtf();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
