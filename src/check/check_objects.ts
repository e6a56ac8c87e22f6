import type {PlanSettings} from '../inputs/settings.js';
import {moduleName, openModule} from '../kernel_file/module_files.js';
import type {CheckWork, FileResult, KernelResult} from './check_kernel.js';
import {checkFiles} from './check_pool.js';
import type {CheckCell, CheckedKernel, CheckProblem, CheckReport} from './check_report.js';

export interface ObjectToCheck {
  /** A little-endian `EM_BPF` relocatable ELF. */
  readonly object: Uint8Array;
  /** Its base name: the kernel shows part of it. */
  readonly objectName: string;
  /** For the report. Default: the name. */
  readonly path?: string;
}

export interface CheckRequest {
  readonly objects: readonly ObjectToCheck[];
  /** Files that hold kernels: see `readKernels`. */
  readonly kernels: readonly string[];
  /** The same for all. */
  readonly settings?: PlanSettings;
  /** For kernels whose files do not have theirs; packages do. */
  readonly kconfig?: Uint8Array;
  /** Instead of what the files say. */
  readonly kernelVersion?: string;
  /** Modules whose types count too: out of each kernel's package, or from a file of their own. */
  readonly modules?: readonly {
    readonly name: string;
    /** Raw BTF or a .ko, for all kernels; or a package, for the kernel of its release. */
    readonly path?: string;
  }[];
  /** Default: as many as there are CPUs. */
  readonly threads?: number;
  /** Called each time a file is done. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** A report, and what is needed to try it. */
export interface KeptCheck {
  readonly report: CheckReport;
  /** By kernel of the report. */
  readonly kept: readonly Pick<KernelResult, 'plans' | 'image' | 'modules'>[];
}

/**
 * Plans every object for every kernel: which would a loader load, and why not the others. The
 * verifier is not asked: only a kernel can run it. What is no kernel is a problem of the report,
 * and the rest goes on.
 */
export async function checkObjects(request: CheckRequest): Promise<CheckReport> {
  return (await checkAndKeep(request, false)).report;
}

export async function checkAndKeep(request: CheckRequest, keep = true): Promise<KeptCheck> {
  const {objects, kernels: paths, threads, onProgress} = request;
  const files: FileResult[] = [];
  let done = 0;
  const work = await workOf(request, keep);
  await checkFiles(paths, work, {
    ...(threads !== undefined && {threads}),
    onFile(index, result) {
      files[index] = result;
      onProgress?.(++done, paths.length);
    },
  });
  const kernels: CheckedKernel[] = [];
  const cells: CheckCell[] = [];
  const problems: CheckProblem[] = [];
  const kept: Pick<KernelResult, 'plans' | 'image' | 'modules'>[] = [];
  for (const {results, problems: own} of files) {
    problems.push(...own);
    for (const result of results) {
      cells.push(...result.cells.map(cell => ({...cell, kernel: kernels.length})));
      kernels.push(result.kernel);
      kept.push(result);
    }
  }
  const named = objects.map(({objectName: name, path = name}) => ({name, path}));
  return {
    report: {
      ...{schema: 'structops.check/1', objects: named, kernels},
      ...(work.modules.length > 0 && {modules: work.modules}),
      ...{cells, problems},
    },
    kept,
  };
}

async function workOf(request: CheckRequest, keep: boolean): Promise<CheckWork> {
  const {objects, settings = {}, kconfig, kernelVersion, modules = []} = request;
  const given = modules.map(async ({name, path}) =>
    path === undefined ? [] : [await openModule(name, path)],
  );
  return {
    objects: objects.map(({object, objectName}) => ({object, objectName})),
    settings,
    keep,
    modules: [...new Set(modules.map(({name}) => moduleName(name)))],
    ownModules: modules.flatMap(({name, path}) => (path === undefined ? moduleName(name) : [])),
    givenModules: (await Promise.all(given)).flat(),
    ...(kconfig !== undefined && {kconfig}),
    ...(kernelVersion !== undefined && {kernelVersion}),
  };
}
