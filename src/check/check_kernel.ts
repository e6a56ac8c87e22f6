import {CoreBug, PlanError, StructopsError} from '../errors.js';
import type {PlanSettings} from '../inputs/settings.js';
import {inspectKernel} from '../inspect/inspect_kernel.js';
import type {GivenModule} from '../kernel_file/module_files.js';
import {type KernelFile, readKernels} from '../kernel_file/read_kernels.js';
import type {Plan} from '../plan/plan.js';
import {type ModuleBtf, planObject} from '../plan/plan_object.js';
import type {CheckCell, CheckedKernel, CheckProblem} from './check_report.js';

/** What is checked, whatever the kernel. Can be sent to a worker thread. */
export interface CheckWork {
  readonly objects: readonly {readonly object: Uint8Array; readonly objectName: string}[];
  readonly settings: PlanSettings;
  /** For kernels whose files do not have theirs. */
  readonly kconfig?: Uint8Array;
  readonly kernelVersion?: string;
  /** All modules that are asked for, each after those that it needs. */
  readonly modules: readonly string[];
  /** Of these what is taken from where the kernel comes from. */
  readonly ownModules: readonly string[];
  /** And what is from elsewhere: for the kernel of its release, or for all. */
  readonly givenModules: readonly GivenModule[];
  /** Whether plans and images are kept, to be tried. */
  readonly keep: boolean;
}

/** A cell whose kernel has no number yet. */
export type KernelCell = Omit<CheckCell, 'kernel'>;

export interface KernelResult {
  readonly kernel: CheckedKernel;
  readonly cells: readonly KernelCell[];
  /** Only with `keep`: by object the bytes of its plan, where there is one. */
  readonly plans?: readonly (Uint8Array | undefined)[];
  readonly image?: Uint8Array;
  /** Files of the modules, to be loaded in this order. */
  readonly modules?: readonly Uint8Array[];
}

export interface FileResult {
  readonly results: readonly KernelResult[];
  readonly problems: readonly CheckProblem[];
}

/** Plans all objects for each kernel in a file. What is wrong with the file is a result as well. */
export async function checkFile(path: string, work: CheckWork): Promise<FileResult> {
  let kernels: readonly KernelFile[];
  try {
    kernels = await readKernels(path, {keepImage: work.keep, modules: work.ownModules});
  } catch (error) {
    return {results: [], problems: [problemOf(path, error)]};
  }
  const results: KernelResult[] = [];
  const problems: CheckProblem[] = [];
  for (const kernel of kernels) {
    try {
      results.push(checkKernel(kernel, work));
    } catch (error) {
      problems.push(problemOf(kernel.path, error));
    }
  }
  return {results, problems};
}

/** @throws {PlanError} The kernel's BTF cannot be used at all. */
function checkKernel(file: KernelFile, work: CheckWork): KernelResult {
  const {name, path, release, btf, image} = file;
  const modules = modulesOf(file, work);
  const moduleBtfs = modules.map(one => ({name: one.name, bytes: one.btf}));
  const told = inspectKernel({kernelBtf: btf, moduleBtfs});
  const {btf_size, btf_xxh64, machine, struct_ops} = told;
  const planned = work.objects.map((object, index) =>
    checkObject(object, index, file, moduleBtfs, work),
  );
  return {
    kernel: {
      ...{name, path, ...(release !== undefined && {release})},
      ...{machine, btf_size, btf_xxh64, struct_ops, kconfig: file.kconfig !== undefined},
      ...(work.modules.length > 0 && {modules: modules.map(one => one.name)}),
    },
    cells: planned.map(({cell}) => cell),
    ...(work.keep && {plans: planned.map(({plan}) => plan?.bytes)}),
    ...(image !== undefined && {image}),
    ...(work.keep && {modules: modules.flatMap(one => one.file ?? [])}),
  };
}

function modulesOf({release, modules = []}: KernelFile, work: CheckWork): readonly GivenModule[] {
  const fitting = work.givenModules.filter(
    one => one.release === undefined || one.release === release,
  );
  return work.modules.flatMap(
    name => [...fitting, ...modules].find(one => one.name === name) ?? [],
  );
}

interface Planned {
  readonly cell: KernelCell;
  readonly plan?: Plan;
}

function checkObject(
  object: CheckWork['objects'][number],
  index: number,
  {btf, release, kconfig = undefined}: KernelFile,
  moduleBtfs: readonly ModuleBtf[],
  work: CheckWork,
): Planned {
  const configuration = kconfig ?? work.kconfig;
  const kernelVersion = work.kernelVersion ?? release;
  try {
    const plan = planObject({
      ...object,
      kernelBtf: btf,
      moduleBtfs,
      settings: work.settings,
      ...(configuration !== undefined && {kconfig: configuration}),
      ...(kernelVersion !== undefined && {kernelVersion}),
    });
    const {plan: identity, losses, warnings} = plan.describe();
    const texts = losses.map(({text}) => text);
    return {
      plan,
      cell: {
        object: index,
        loader: texts.length === 0 ? 'loads' : 'loads_with_losses',
        losses: texts,
        warnings: warnings.map(({text}) => text),
        faults: [],
        plan_sha256: identity.sha256,
        verifier: 'not_run',
      },
    };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return {
      cell: {
        ...{object: index, loader: 'refused', losses: [], warnings: []},
        ...{faults: error.faults, verifier: 'not_run'},
      },
    };
  }
}

/** @throws what is no problem of an input, but a defect of ours. */
export function problemOf(path: string, error: unknown): CheckProblem {
  if (!(error instanceof StructopsError) || error instanceof CoreBug) throw error;
  const {code, shortMessage: message, why, hint} = error;
  return {path, code, message, why, hint};
}
