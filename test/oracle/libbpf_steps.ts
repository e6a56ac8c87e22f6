import {getSystemErrorName} from 'node:util';
import {execa} from 'execa';
import type {PlanStep, StepPatch} from '../../src/plan/plan_description.js';
import {type Progress, silent} from '../rig/cache.js';
import type {Kernel} from '../rig/kernels.js';
import {buildOracle, type LibbpfVersion} from './build_with_libbpf.js';

/** The kernel that libbpf believes to be on. */
export interface OracleKernel extends Pick<Kernel, 'release' | 'btf'> {
  /** Files with raw split BTF, by the name of the module, in the order of their BTF ids. */
  readonly modules?: Readonly<Record<string, string>>;
  /** A file with its configuration, text or gzip; without, libbpf finds none. */
  readonly kconfig?: string;
  /** What its user sets before load: lines as settings.h has them. */
  readonly settings?: string;
}

/** One bpf(2) call that libbpf made, as `structops.plan/1` shows a step. */
export type LibbpfStep = Omit<PlanStep, 'may_fail' | 'value_type' | 'members' | 'patches'> & {
  readonly patches: readonly LibbpfPatch[];
  /** Of a call that failed. */
  readonly errno?: number;
};

export type LibbpfPatch = Omit<StepPatch, 'slot'> & {
  /** null: the number is no fd that libbpf was given. */
  readonly slot?: number | null;
  /** What is in the slot, if it is the BTF of a module, which no step makes. */
  readonly module?: string;
};

export interface LibbpfRun {
  /** Version, such as `1.7`. */
  readonly libbpf: string;
  /** All of them, or those before the failure. What failed and was tried again is not there. */
  readonly steps: readonly LibbpfStep[];
  /** The call that the kernel refused, so that libbpf gave up. */
  readonly refused: LibbpfStep | null;
  readonly error: LibbpfError | null;
  /** Its warnings and notices. */
  readonly log: string;
}

export interface LibbpfError {
  readonly doing: 'open' | 'set' | 'load' | 'attach';
  readonly errno: number;
  /** `EINVAL`, `ENOTSUPP`, `LIBBPF_ERRNO__FORMAT`, … */
  readonly code: string;
}

/** Numbers that no libc knows: the kernel's own, and enum libbpf_errno from 4000 on. */
const ENOTSUPP = 524;
const FIRST_LIBBPF_ERRNO = 4000;
const LIBBPF_ERRNOS = [
  ...['LIBELF', 'FORMAT', 'KVERSION', 'ENDIAN', 'INTERNAL', 'RELOC', 'LOAD', 'VERIFY'],
  ...['PROG2BIG', 'KVER', 'PROGTYPE', 'WRNGPID', 'INVSEQ', 'NLPARSE'],
];

/**
 * What libbpf does with an object on a kernel: opens it, loads it, and attaches each struct_ops
 * map that it created. No kernel takes part, so this tells nothing of what a verifier would say.
 *
 * @param object path; libbpf takes the object's name from it
 */
export async function libbpfSteps(
  object: string,
  {release, btf, modules = {}, kconfig, settings = ''}: OracleKernel,
  progress: Progress = silent,
  libbpf?: LibbpfVersion,
): Promise<LibbpfRun> {
  const oracle = await buildOracle('libbpf_oracle', 'fake', progress, libbpf);
  const more = Object.entries(modules).flatMap(([name, file]) => ['--module', `${name}=${file}`]);
  if (kconfig !== undefined) more.push('--kconfig', kconfig);
  const args = ['--btf', btf, '--release', release, '--settings', '-', ...more, object];
  // Libraries of this machine must not find a token or a log level in the environment.
  const alone = {env: {}, extendEnv: false, maxBuffer: 2 ** 30};
  const {stdout} = await execa(oracle, args, {...alone, input: settings});
  return parseLibbpfRun(stdout);
}

/** Reads what run_libbpf.h promises. */
export function parseLibbpfRun(text: string): LibbpfRun {
  const run = JSON.parse(text) as LibbpfRun & {readonly probes: number};
  // The rule by which questions are told from steps would be out of date without a sign.
  if (run.steps.length > 0 && run.probes === 0) {
    throw new Error(`libbpf ${run.libbpf} asks the kernel in a way that calls.c does not see`);
  }
  const error = run.error && {...run.error, code: errorCode(run.error.errno)};
  return {libbpf: run.libbpf, ...settled(run.steps, error), error, log: run.log};
}

/** Made again with a log, or a map without the BTF that it had at first. */
const RETRIED = ['BPF_PROG_LOAD', 'BPF_BTF_LOAD', 'BPF_MAP_CREATE'];

/**
 * The calls that count: of those that libbpf makes again, the one that succeeded, or the first. What
 * fails and is ignored, such as BPF_PROG_BIND_MAP, stays.
 */
function settled(steps: readonly LibbpfStep[], error: LibbpfError | null) {
  const kept: LibbpfStep[] = [];
  for (const step of steps) {
    const before = kept.at(-1);
    const isAgain =
      before?.errno !== undefined &&
      RETRIED.includes(step.cmd) &&
      step.cmd === before.cmd &&
      step.name === before.name;
    if (!isAgain) kept.push(step);
    else if (step.errno === undefined) kept[kept.length - 1] = step;
  }
  const end = kept.at(-1);
  if (error === null || end?.errno === undefined) return {steps: kept, refused: null};
  return {steps: kept.slice(0, -1), refused: end};
}

/** The name of an errno of the kernel's or libbpf's, positive. */
export function errorCode(errno: number): string {
  if (errno === ENOTSUPP) return 'ENOTSUPP';
  const ofLibbpf = LIBBPF_ERRNOS[errno - FIRST_LIBBPF_ERRNO];
  return ofLibbpf === undefined ? getSystemErrorName(-errno) : `LIBBPF_ERRNO__${ofLibbpf}`;
}
