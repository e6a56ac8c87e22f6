import {appendFileSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {build} from 'esbuild';
import {buildBpf} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import {guestTool} from '../rig/guest_tools.js';
import type {GuestFile} from '../rig/initramfs.js';
import {getKernel, type Kernel} from '../rig/kernels.js';
import {packageFiles} from '../rig/package_files.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan, objectFile, planFile, planOf} from './example_plan.js';

// Random verbs, each of which leaves the kernel as a model says: soak/model.ts. SOAK_SECONDS and
// SOAK_SEED in the environment make it a long run, or the same again: npm run test:soak.

const SECONDS = Number(process.env.SOAK_SECONDS ?? 30);
const SEED = Number(process.env.SOAK_SEED ?? 20261126);
const OBJECTS = ['tcp/first', 'tcp/first_link', 'tcp/second', 'tcp/second_link'];
const OTHERS = ['sched_ext/shared', 'qdisc/fifo'];
/** Of the kernel's memory; a load that is left behind takes some 30 KiB, and there is one each second. */
const GROWTH_KIB_MAX = 4096 + 2 * SECONDS;

/** What the guest says, as it goes on. */
const LOG = join(REPOSITORY, 'build/soak.log');

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function guestProgram(scratch: string): Promise<GuestFile> {
  const hostPath = join(scratch, 'soak.mjs');
  await build({
    entryPoints: [path('soak/guest.ts')],
    outfile: hostPath,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['structops'],
    logLevel: 'error',
  });
  // Beside the package, so that Node finds it by its name.
  return {hostPath, guestPath: '/usr/lib/node_modules/soak.mjs'};
}

/** `cut`, `damaged`, `other` and `refused`: BAD_PLANS of the model. */
async function badPlans(kernel: Kernel, scratch: string): Promise<GuestFile[]> {
  const good = await examplePlan('tcp/first_link', kernel);
  const damaged = Uint8Array.from(good.bytes);
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  const other = await examplePlan('tcp/first_link', await getKernel('6.12'));
  const refused = await buildBpf(path('refused.bpf.c'), ['-I', '../../examples/include']);
  const all = {
    cut: good.bytes.subarray(0, good.bytes.length - 8),
    damaged,
    other: other.bytes,
    refused: (await planOf(refused, kernel)).bytes,
  };
  return Promise.all(
    Object.entries(all).map(([label, bytes]) => planFile({bytes}, label, scratch)),
  );
}

async function executorScript(scratch: string): Promise<GuestFile> {
  const hostPath = join(scratch, 'executor.sh');
  const lines = [
    '#!/bin/busybox sh',
    'echo $$ > /tmp/executor_pid',
    'exec structops-shim "$@"',
    '',
  ];
  await writeFile(hostPath, lines.join('\n'));
  return {hostPath, guestPath: '/root/executor.sh'};
}

test(`random verbs for ${SECONDS} s, SOAK_SEED=${SEED}: list and kernel are as the model says`, async t => {
  t.timeout((SECONDS + 900) * 1000);
  const kernel = await getKernel('newest');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-soak-'));
  await writeFile(LOG, '');
  try {
    const {output} = await runInVm({
      kernel,
      memoryMiB: 1536,
      timeoutSeconds: SECONDS + 800,
      files: [
        ...(await packageFiles()),
        await guestTool('settle'),
        ...[...OBJECTS, ...OTHERS].map(objectFile),
        ...(await badPlans(kernel, scratch)),
        await executorScript(scratch),
        await guestProgram(scratch),
      ],
      progress: line => appendFileSync(LOG, `${line}\n`),
      script: `node /usr/lib/node_modules/soak.mjs ${SEED} ${SECONDS}`,
    });
    const lines = output.trimEnd().split('\n');
    t.log(lines.at(-1));
    const {agreed, verbs, before, after} = JSON.parse(lines.at(-1) ?? '');
    t.true(agreed, `replay with SOAK_SEED=${SEED}; ${lines.slice(-12).join('\n')}`);
    t.true(verbs > 5);
    t.deepEqual(after.counts, before.counts);
    t.true(after.kib - before.kib < GROWTH_KIB_MAX, `${after.kib - before.kib} KiB more`);
  } finally {
    await rm(scratch, {recursive: true});
  }
});
