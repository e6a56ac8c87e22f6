import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {ExecaError, execa} from 'execa';
import {ElfEdit} from '../../helpers/elf_edit.js';
import {Random} from '../../helpers/random.js';
import {contentName} from '../../rig/cache.js';
import {BPF_COMPILER, ensureSystemPackages} from '../../rig/system_packages.js';
import {judge, type Verdict} from '../judge.js';
import {libbpfSteps} from '../libbpf_steps.js';
import {type OurPlan, planAsUser} from '../our_plan.js';
import type {NoResult, Recording} from '../recording.js';
import {type CProgram, makeProgram} from './c_program.js';
import {explanationOf} from './explained.js';

const FLAGS = ['--target=bpfel', '-mcpu=v3', '-O2', '-g', '-std=gnu11', '-w', '-fms-extensions'];

/** As the fake kernel stands for it, which has all that features are told by. */
const RELEASE = '7.2.0';
const KCONFIG = 'CONFIG_HZ=250\nCONFIG_SMP=y\n';

/** What became of one generated object. */
export interface Compared {
  readonly verdict: Verdict;
  readonly plan: OurPlan;
  /** Of a difference that is meant: by what name. */
  readonly explained: string | undefined;
}

/** Of one seed: a C program and a kernel. null: clang does not compile it. */
export async function compareSeed(seed: number, directory: string): Promise<Compared | null> {
  return compareSources(makeProgram(new Random(seed)), directory).catch((error: unknown) => {
    // Some of what the grammar makes is no C, and at some clang 19 breaks off.
    if (error instanceof ExecaError && /^clang/.test(error.command)) return null;
    throw error;
  });
}

/** Both compiled below a directory; the object by libbpf and by the planner, on a kernel with the BTF of the other. */
export async function compareSources(program: CProgram, directory: string): Promise<Compared> {
  await ensureSystemPackages(BPF_COMPILER);
  await mkdir(directory, {recursive: true});
  const [object, kernel] = ['object.bpf.o', 'kernel.bpf.o'].map(name => join(directory, name));
  const [btf, kconfig] = [join(directory, 'kernel.btf'), join(directory, 'config')];
  await compile(program.object, object ?? '');
  await compile(program.kernel, kernel ?? '');
  await writeFile(btf, new ElfEdit(await readFile(kernel ?? '')).btf.bytes);
  await writeFile(kconfig, KCONFIG);
  return compareObject(object ?? '', {btf, release: RELEASE}, kconfig);
}

async function compile(source: string, path: string): Promise<void> {
  await writeFile(path.replace(/o$/, 'c'), source);
  await execa('clang-19', [...FLAGS, '-c', path.replace(/o$/, 'c'), '-o', path]);
}

/** What a kernel is to both sides. */
export interface KernelTypes {
  /** A file with its raw BTF. */
  readonly btf: string;
  /** What libbpf is told that it does by. */
  readonly release: string;
}

/** Any object on any kernel: no VM, libbpf's kernel says yes. */
export async function compareObject(
  path: string,
  {btf, release}: KernelTypes,
  kconfig: string,
): Promise<Compared> {
  const bytes = await readFile(path);
  const kernel = {id: 'newest', release, version: release, vmlinuz: '', btf} as const;
  const sha256 = contentName(bytes);
  const plan = planAsUser({name: basename(path), path, bytes, sha256}, {kernel, kconfig});
  const libbpf = await libbpfSteps(path, {release, btf, kconfig}).catch(crashed);
  const recording: Recording = {
    ...{schema: 'structops.recording/1', object: path, sha256, kernel: release},
    ...{libbpf, executor: null, left: ''},
  };
  const verdict = judge(recording, plan);
  return {verdict, plan, explained: verdict.same ? undefined : explanationOf(verdict, bytes)};
}

/** What is no C can end libbpf. */
function crashed(error: unknown): NoResult {
  if (!(error instanceof ExecaError) || error.signal === undefined) throw error;
  return {ended: `crashed: ${error.signal}`, log: String(error.stderr)};
}
