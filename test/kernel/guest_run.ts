import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {PlanError} from '../../src/errors.js';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import type {Plan} from '../../src/plan/plan.js';
import {planObject} from '../../src/plan/plan_object.js';
import {bpftoolHolder} from '../rig/bpftool_holder.js';
import {buildBpf, buildExamplesWithVmlinux} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import type {GuestFile} from '../rig/initramfs.js';
import {getKernel, type Kernel, type KernelId} from '../rig/kernels.js';
import {packageFiles} from '../rig/package_files.js';
import {
  readFacts,
  type Scenario,
  type ScenarioFacts,
  scenarioCommand,
  scenarioFiles,
} from '../rig/scenario.js';
import {runInVm} from '../rig/vm.js';

/** Builds of the examples that a kernel can take; links came with Linux 6.4. */
export function buildsFor(id: KernelId): readonly string[] {
  return id === '6.1' ? ['first', 'second'] : ['first', 'first_link', 'second', 'second_link'];
}

/** Whether an object has type headers of its own, or was built with the kernel's vmlinux.h. */
export const TYPES = ['own', 'vmlinux'] as const;

/** Who registers: libbpf, to see that the examples are right; the executor, with a plan made outside of the guest; the command, which plans in the guest. */
export const HOLDERS = ['libbpf', 'executor', 'apply'] as const;

export type Types = (typeof TYPES)[number];
export type Holder = (typeof HOLDERS)[number];

/** What check.sh saw of a command. */
export interface CheckFacts {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Commands of bpf(2), such as 5 for BPF_PROG_LOAD. */
  readonly bpfCalls: readonly number[];
  /** What was in the kernel afterwards and was not before, as diff(1) shows it; or ''. */
  readonly left: string;
}

export interface GuestRun {
  readonly kernel: Kernel;
  scenario(label: string): ScenarioFacts;
  check(label: string): CheckFacts;
  readonly outFiles: ReadonlyMap<string, Buffer>;
  /** Made outside of the guest: `own/second`, `vmlinux/second`, `refused`. */
  plan(name: string): Plan;
  /** Why the others could not be made. */
  readonly refusals: ReadonlyMap<string, PlanError>;
}

export const BYTES = 16 * 1024 * 1024;
const CHECK = fileURLToPath(new URL('check.sh', import.meta.url));
const REFUSED = fileURLToPath(new URL('refused.bpf.c', import.meta.url));

export const nameOf = (build: string) => `so_${build.replace('_link', '')}`;
/** The kernel puts the first 8 bytes of the object's name before a section's. */
export const countersOf = (build: string) => `${build.slice(0, 8)}.bss`;
export const scenarioLabel = (holder: Holder, types: Types, build: string) =>
  `${holder}-${types}-${build}`;

/** Boots a kernel once and does in it all that the tests of this folder look at. */
export async function runGuest(id: KernelId): Promise<GuestRun> {
  const kernel = await getKernel(id);
  const scratch = await mkdtemp(join(tmpdir(), 'structops-kernel-'));
  try {
    const objects = await objectPaths(kernel, scratch);
    const plans = new Map<string, Plan>();
    const refusals = new Map<string, PlanError>();
    for (const [name, path] of objects) {
      const request = await requestOf(path, kernel);
      try {
        plans.set(name, planObject(request));
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
        refusals.set(name, error);
      }
    }
    const otherId = id === '6.12' ? 'newest' : '6.12';
    const firstObject = objects.get('own/first') ?? '';
    const other = planObject(await requestOf(firstObject, await getKernel(otherId)));
    const planFiles = await writePlans(plans, other, join(scratch, 'plans'));
    const readme = join(scratch, 'readme.mjs');
    await writeFile(readme, await readmeExample());
    const scenarios = scenariosFor(id);
    const {outFiles} = await runInVm({
      kernel,
      memoryMiB: 1536,
      timeoutSeconds: 540,
      files: [
        ...(await packageFiles()),
        ...(await scenarioFiles()),
        checkTool(),
        // Beside the package, so that Node finds it by its name.
        {hostPath: readme, guestPath: '/usr/lib/node_modules/readme.mjs'},
        ...[...objects].map(([name, hostPath]) => ({hostPath, guestPath: `/root/${name}.bpf.o`})),
        ...planFiles,
      ],
      script: [...scenarios.map(scenarioCommand), ...checksFor(id)].join('\n'),
    });
    return {
      kernel,
      outFiles,
      scenario: label => readFacts(outFiles, label),
      check: label => readCheck(outFiles, label),
      refusals,
      plan: name => {
        const plan = plans.get(name);
        if (plan === undefined) throw refusals.get(name) ?? new Error(`no object ${name}`);
        return plan;
      },
    };
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

/** The program in README.md. */
async function readmeExample(): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'README.md'), 'utf8');
  return /^```js\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
}

async function requestOf(path: string, {btf}: Kernel) {
  // The base name is part of the names of maps.
  const objectName = path.slice(path.lastIndexOf('/') + 1);
  return {object: await readFile(path), objectName, kernelBtf: openBtf(btf)};
}

/** Name -> path of every object that goes into the guest. */
async function objectPaths(kernel: Kernel, scratch: string): Promise<Map<string, string>> {
  const own = join(REPOSITORY, 'examples/tcp');
  const vmlinux = await buildExamplesWithVmlinux(kernel, join(scratch, 'examples'));
  const paths = new Map<string, string>();
  for (const build of ['first', 'first_link', 'second', 'second_link']) {
    paths.set(`own/${build}`, join(own, `${build}.bpf.o`));
    paths.set(`vmlinux/${build}`, join(vmlinux, `${build}.bpf.o`));
  }
  paths.set('refused', await buildBpf(REFUSED, ['-I', '../../examples/include']));
  return paths;
}

async function writePlans(
  plans: ReadonlyMap<string, Plan>,
  other: Plan,
  directory: string,
): Promise<GuestFile[]> {
  const damaged = Uint8Array.from(plans.get('own/first')?.bytes ?? []);
  const middle = damaged.length >> 1;
  damaged[middle] = (damaged[middle] ?? 0) ^ 1;
  const all = new Map([...plans].map(([name, {bytes}]) => [name, bytes]));
  all.set('other', other.bytes).set('damaged', damaged);
  await mkdir(directory);
  return Promise.all(
    [...all].map(async ([name, bytes]) => {
      const hostPath = join(directory, name.replace('/', '-'));
      await writeFile(hostPath, bytes);
      return {hostPath, guestPath: `/root/${name}.plan`};
    }),
  );
}

function holderCommand(holder: Holder, path: string, build: string): string {
  if (holder === 'libbpf') return bpftoolHolder(`${path}.bpf.o`, nameOf(build));
  return holder === 'executor'
    ? `exec structops-shim ${path}.plan`
    : `exec structops apply ${path}.bpf.o`;
}

function scenariosFor(id: KernelId): Scenario[] {
  const scenarios: Scenario[] = TYPES.flatMap(types =>
    HOLDERS.flatMap(holder => {
      // Node takes its time here; that the command plans what the library does is seen once.
      if (holder === 'apply' && types === 'vmlinux') return [];
      return buildsFor(id).map(build => ({
        label: scenarioLabel(holder, types, build),
        name: nameOf(build),
        holder: holderCommand(holder, `/root/${types}/${build}`, build),
        bytes: BYTES,
        outageMs: 1000,
        maps: [countersOf(build)],
      }));
    }),
  );
  scenarios.push({label: 'killed', name: 'so_second', holder: KILLED, bytes: BYTES});
  if (id === '6.1') scenarios.push(LIBBPF_LINK);
  return scenarios;
}

/** SIGINT for the group reaches the shell alone, and SIGKILL the command alone. */
const KILLED = [
  `trap 'kill -KILL $pid; exit 0' INT`,
  'setsid structops apply /root/own/second.bpf.o & pid=$!',
  'while :; do sleep 0.1; done',
].join('\n');

/** For a kernel without links. */
const LIBBPF_LINK: Scenario = {
  label: 'libbpf-link',
  name: 'so_second',
  holder: bpftoolHolder('/root/own/second_link.bpf.o', 'so_second'),
};

function checksFor(id: KernelId): string[] {
  const readme = 'cd /root/own && node /usr/lib/node_modules/readme.mjs';
  const link = id === '6.1' ? ['check link structops apply /root/own/second_link.bpf.o'] : [];
  return [
    'check inside structops plan /root/own/second.bpf.o -o /out/inside.plan',
    'check doctor structops doctor --json',
    'check load_only structops-shim --load-only /root/own/second.plan',
    'check apply_load_only structops apply --load-only --json /root/own/second.plan',
    'check other structops-shim /root/other.plan',
    'check damaged structops-shim /root/damaged.plan',
    'check refused structops-shim /root/refused.plan',
    'check apply_refused structops apply /root/refused.bpf.o',
    ...link,
    ...(id === 'newest' ? [`check readme sh -c '${readme}'`] : []),
  ];
}

/** The command `check LABEL COMMAND...`. */
export function checkTool(): GuestFile {
  return {hostPath: CHECK, guestPath: '/usr/bin/check'};
}

/** What `check LABEL COMMAND...` left in a guest's /out. */
export function readCheck(outFiles: ReadonlyMap<string, Buffer>, label: string): CheckFacts {
  const fact = (name: string) => {
    const bytes = outFiles.get(`${label}/${name}`);
    if (bytes === undefined) throw new Error(`the guest left no ${label}/${name}`);
    return bytes.toString();
  };
  return {
    exitCode: Number(fact('exit_code')),
    stdout: fact('stdout'),
    stderr: fact('stderr'),
    bpfCalls: fact('bpf_calls')
      .split('\n')
      .filter(Boolean)
      .map(hex => Number(`0x${hex}`)),
    left: fact('left'),
  };
}
