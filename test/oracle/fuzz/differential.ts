import {readFileSync} from 'node:fs';
import {cp, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {ExecaError, execa} from 'execa';
import {optionLines, type PlanSettings} from '../../../src/inputs/settings.js';
import {cutBtf} from '../../core/fuzz/cut_btf.js';
import {BtfEdit, type BtfType} from '../../helpers/btf_edit.js';
import {ElfEdit} from '../../helpers/elf_edit.js';
import {Random} from '../../helpers/random.js';
import {BPF_COMPILER, ensureSystemPackages} from '../../rig/system_packages.js';
import {judge, type Verdict} from '../judge.js';
import {libbpfSteps} from '../libbpf_steps.js';
import {type OurPlan, planAsUser} from '../our_plan.js';
import type {NoResult, Recording} from '../recording.js';
import {type CProgram, makeProgram} from './c_program.js';
import {KCONFIG} from './c_statements.js';
import {explanationOf} from './explained.js';
import {odditiesOf} from './oddities.js';

const FLAGS = ['--target=bpfel', '-mcpu=v3', '-O2', '-g', '-std=gnu11', '-w', '-fms-extensions'];

/** As the fake kernel stands for it, which has all that features are told by. */
const RELEASE = '7.2.0';
const MODULE = 'a_module';
/** What a module's types are found by. */
const ROOTS = /^(STRUCT|UNION|FUNC|VAR)$/;

/** What a kernel is to both sides. */
export interface FuzzKernel {
  /** A file with its raw BTF. */
  readonly btf: string;
  /** What libbpf is told that it does by. */
  readonly release: string;
  /** A file with its configuration. */
  readonly kconfig: string;
  /** Files with raw split BTF, by the names of its modules. */
  readonly modules: Readonly<Record<string, string>>;
}

/** An object, its kernel, and what is set in it. */
export interface Prepared {
  readonly object: string;
  readonly kernel: FuzzKernel;
  readonly settings: PlanSettings;
}

/** What became of one object. */
export interface Compared {
  readonly verdict: Verdict;
  readonly plan: OurPlan;
  /** Of a difference that is meant: by what name. */
  readonly explained: string | undefined;
}

/** Is told of each object; whether its files can go. */
export type Take = (name: string, compared: Compared) => boolean;

/** What is made of one seed, below a directory. null: clang does not compile it. */
export async function prepareSeed(seed: number, directory: string): Promise<Prepared | null> {
  return prepare(makeProgram(new Random(seed)), directory).catch((error: unknown) => {
    // Some of what the grammar makes is no C, and at some clang 19 breaks off.
    if (error instanceof ExecaError && /^clang/.test(error.command)) return null;
    throw error;
  });
}

/** All compiled below a directory: the BTF of one is that of a kernel for the other. */
export async function prepare(program: CProgram, directory: string): Promise<Prepared> {
  const {kernel, module = '', release = RELEASE, settings = {}} = program;
  await ensureSystemPackages(BPF_COMPILER);
  await mkdir(directory, {recursive: true});
  const file = (name: string) => join(directory, name);
  const object = await compile(program.object, file('object.bpf.c'));
  const types = await btfOf(kernel, file('kernel.bpf.c'));
  const modules: Record<string, string> = {};
  if (module !== '') {
    // With all of the kernel's before it, of which only what is new is the module's.
    const all = await btfOf(kernel + module, file('module.bpf.c'));
    const isRoot = ({kind, name}: BtfType) => ROOTS.test(kind) && !isOf(types, kind, name);
    modules[MODULE] = file('module.btf');
    await writeFile(modules[MODULE], cutBtf(all, isRoot, types));
  }
  const [btf, kconfig] = [file('kernel.btf'), file('config')];
  await writeFile(btf, types.bytes);
  await writeFile(kconfig, KCONFIG);
  await writeFile(file('settings'), optionLines(settings));
  return {object, kernel: {btf, release, kconfig, modules}, settings};
}

const isOf = ({types}: BtfEdit, kind: string, name: string) =>
  types.some(type => type.kind === kind && type.name === name);

async function btfOf(source: string, path: string): Promise<BtfEdit> {
  return new BtfEdit(
    Buffer.from(new ElfEdit(await readFile(await compile(source, path))).btf.bytes),
  );
}

async function compile(source: string, path: string): Promise<string> {
  const object = path.replace(/c$/, 'o');
  await writeFile(path, source);
  await execa('clang-19', [...FLAGS, '-c', path, '-o', object]);
  // What is for debuggers no loader reads.
  await execa('llvm-strip-19', ['-g', object]);
  return object;
}

/** Any object on any kernel: no VM, libbpf's kernel says yes. */
export async function compareObject({object, kernel, settings}: Prepared): Promise<Compared> {
  const plan = planOn(object, kernel, settings);
  const lines = optionLines(settings);
  const libbpf = await libbpfSteps(object, {...kernel, settings: lines}).catch(crashed);
  const recording: Recording = {
    ...{schema: 'structops.recording/1', object, sha256: '', kernel: kernel.release},
    ...{libbpf, executor: null, left: ''},
  };
  const verdict = judge(recording, plan);
  const tagging = kernel.release.startsWith('6.1.') ? undefined : readFileSync(kernel.btf);
  const explained = verdict.same
    ? undefined
    : explanationOf(verdict, odditiesOf(readFileSync(object), tagging));
  return {verdict, plan, explained};
}

/** Our side of it. */
function planOn(
  object: string,
  {btf, release, kconfig, modules}: FuzzKernel,
  settings: PlanSettings,
): OurPlan {
  const like = {id: 'newest', release, version: release, vmlinuz: '', btf} as const;
  const bytes = readFileSync(object);
  return planAsUser(
    {name: basename(object), path: object, bytes, sha256: ''},
    {kernel: like, kconfig, modules, settings},
  );
}

/** The bytes of an object. They are kept in a directory of that name if they cannot go. */
export async function compareBytes(
  place: string,
  name: string,
  bytes: Uint8Array,
  kernel: FuzzKernel,
  take: Take,
): Promise<void> {
  // Runs may be at work side by side.
  const object = join(place, `now-${process.pid}`, 'object.bpf.o');
  await mkdir(dirname(object), {recursive: true});
  await writeFile(object, bytes);
  if (take(name, await compareObject({object, kernel, settings: {}}))) return;
  await rm(join(place, name), {recursive: true, force: true});
  await cp(dirname(object), join(place, name), {recursive: true});
}

/** What is no C can end libbpf. */
function crashed(error: unknown): NoResult {
  if (!(error instanceof ExecaError) || error.signal === undefined) throw error;
  return {ended: `crashed: ${error.signal}`, log: String(error.stderr)};
}
