import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import type {PlanDescription} from '../../src/index.js';
import {PlanError, planObject} from '../../src/index.js';
import {optionLines, type PlanSettings} from '../../src/inputs/settings.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {ElfEdit} from '../helpers/elf_edit.js';
import {compareWithPlan, unexpected} from '../oracle/compare_with_plan.js';
import {type LibbpfRun, libbpfSteps, type OracleKernel} from '../oracle/libbpf_steps.js';
import {getKernel, type KernelId} from '../rig/kernels.js';

/** An object, a kernel, and what else libbpf and the planner are given. */
export interface Situation {
  /** Of test/bpf/conformance. */
  readonly object: string;
  /** 6.12 when left out. */
  readonly kernel?: KernelId;
  /** The object with this overwritten, or another one. */
  readonly edit?: (elf: ElfEdit) => unknown;
  /** Files with raw split BTF, by module. */
  readonly modules?: () => Promise<Readonly<Record<string, string>>>;
  /** The text of the kernel's configuration. */
  readonly kconfig?: string;
  /** The base name of its file; that of the object when left out. */
  readonly objectName?: string;
  /** What is set before load. */
  readonly settings?: PlanSettings;
}

/** What both did. */
export interface Outcome {
  readonly libbpf: LibbpfRun;
  /** null: there were faults. */
  readonly plan: PlanDescription | null;
  /** Codes of the faults. */
  readonly faults: readonly string[];
}

/** Lets libbpf load and attach the object on its fake kernel, and plans it. */
export async function outcomeOf(situation: Situation): Promise<Outcome> {
  const {object, kernel = '6.12', edit, kconfig, objectName = `${object}.bpf.o`} = situation;
  const settings = situation.settings ?? {};
  const {release, btf} = await getKernel(kernel);
  const elf = new ElfEdit(await bpfObject(`conformance/${object}`));
  const edited = edit?.(elf);
  const bytes = edited instanceof Uint8Array ? edited : elf.bytes;
  const modules = (await situation.modules?.()) ?? {};
  const scratch = await mkdtemp(join(tmpdir(), 'structops-conformance-'));
  try {
    const [path, config] = [join(scratch, objectName), join(scratch, 'config')];
    await writeFile(path, bytes);
    if (kconfig !== undefined) await writeFile(config, kconfig);
    const told: OracleKernel = {release, btf, modules, settings: optionLines(settings)};
    const libbpf = await libbpfSteps(
      path,
      kconfig === undefined ? told : {...told, kconfig: config},
    );
    const more = {settings, kconfig, release};
    return {libbpf, ...(await planned(bytes, objectName, btf, modules, more))};
  } finally {
    await rm(scratch, {recursive: true});
  }
}

interface Told {
  readonly settings: PlanSettings;
  readonly kconfig: string | undefined;
  readonly release: string;
}

async function planned(
  object: Uint8Array,
  objectName: string,
  btf: string,
  modules: Readonly<Record<string, string>>,
  {settings, kconfig, release}: Told,
): Promise<Pick<Outcome, 'plan' | 'faults'>> {
  const moduleBtfs = [];
  for (const [name, path] of Object.entries(modules)) {
    moduleBtfs.push({name, bytes: await readFile(path)});
  }
  try {
    const plan = planObject({
      settings,
      object,
      objectName,
      kernelBtf: await readFile(btf),
      moduleBtfs,
      kernelVersion: release,
      ...(kconfig !== undefined && {kconfig: Buffer.from(kconfig)}),
    });
    return {plan: plan.describe(), faults: []};
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return {plan: null, faults: error.faults.map(({code}) => code)};
  }
}

/** What a plan is asked for, after every byte of it was found to be libbpf's. */
export type Check = (t: ExecutionContext, plan: PlanDescription, outcome: Outcome) => void;

/** libbpf loads the object, and the plan is what it does, byte for byte. */
export async function sameAsLibbpf(
  t: ExecutionContext,
  situation: Situation,
  check: Check,
): Promise<void> {
  const outcome = await outcomeOf(situation);
  t.is(outcome.libbpf.error, null, outcome.libbpf.log);
  t.deepEqual(outcome.faults, []);
  if (outcome.plan === null) return;
  t.deepEqual(unexpected(compareWithPlan(outcome.plan, outcome.libbpf.steps)), []);
  check(t, outcome.plan, outcome);
}

/**
 * libbpf does this (`loads`, or fails: `open EINVAL`), the planner has these faults and no other.
 * Where libbpf loads, the difference is meant.
 */
export async function refused(
  t: ExecutionContext,
  situation: Situation,
  libbpf: string,
  ...faults: readonly string[]
): Promise<void> {
  const outcome = await outcomeOf(situation);
  const {error, log} = outcome.libbpf;
  t.is(error === null ? 'loads' : `${error.doing} ${error.code}`, libbpf, log);
  t.deepEqual([...new Set(outcome.faults)], faults);
  t.is(outcome.plan, null);
}
