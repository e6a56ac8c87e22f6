import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {bpftoolHolder} from '../rig/bpftool_holder.js';
import {buildExamplesWithVmlinux} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import type {GuestFile} from '../rig/initramfs.js';
import {getKernel, KERNEL_IDS, type KernelId} from '../rig/kernels.js';
import {runScenarios, type Scenario} from '../rig/scenario.js';

// That the examples are right is shown with libbpf, so that a test of structops on them which
// fails tells of structops.

const BUILDS = ['first', 'first_link', 'second', 'second_link'];
const BYTES = 16 * 1024 * 1024;

function scenarioOf(build: string, directory: string): Scenario {
  const name = `so_${build.replace('_link', '')}`;
  return {
    label: build,
    name,
    holder: bpftoolHolder(`${directory}/${build}.bpf.o`, name),
    bytes: BYTES,
    outageMs: 1000,
    // libbpf puts the first 8 bytes of the object's name before a section's.
    maps: [`${build.slice(0, 8)}.bss`],
  };
}

function guestFiles(hostDirectory: string, guestDirectory: string): GuestFile[] {
  return BUILDS.map(build => ({
    hostPath: join(hostDirectory, `${build}.bpf.o`),
    guestPath: `${guestDirectory}/${build}.bpf.o`,
  }));
}

const carriesTraffic = test.macro({
  async exec(t, id: KernelId, types: 'own types' | 'vmlinux.h') {
    const kernel = await getKernel(id);
    const scratch = await mkdtemp(join(tmpdir(), 'structops-examples-'));
    t.teardown(() => rm(scratch, {recursive: true}));
    const objects =
      types === 'own types'
        ? join(REPOSITORY, 'examples/tcp')
        : await buildExamplesWithVmlinux(kernel, join(scratch, 'examples'));
    const all = await runScenarios(
      {kernel, files: guestFiles(objects, '/root')},
      BUILDS.map(build => scenarioOf(build, '/root')),
    );
    for (const [build, facts] of all) {
      const name = `so_${build.replace('_link', '')}`;
      t.deepEqual(facts.objectsLeft, [], build);
      t.deepEqual(facts.namesAfter, facts.namesBefore, build);
      if (id === '6.1' && build.endsWith('_link')) {
        t.deepEqual(facts.namesDuring, facts.namesBefore, build);
        t.regex(facts.holderOutput, /failed to create: Invalid argument/, build);
        continue;
      }
      t.deepEqual(facts.namesDuring, [...facts.namesBefore, name], facts.holderOutput);
      t.is(facts.holderExitCode, 0, facts.holderOutput);
      t.is(facts.transfer?.used, name, facts.transferOutput);
      t.is(facts.transfer?.bytes, BYTES, build);
      const counters = facts.variables.get(`${build.slice(0, 8)}.bss`) ?? {};
      t.true((counters.acks ?? 0) > 10, `${build}: ${JSON.stringify(counters)}`);
      t.true((counters.ssthresh_calls ?? 0) > 0, `${build}: ${JSON.stringify(counters)}`);
      if (name === 'so_second') {
        t.true((counters.loss_calls ?? 0) > 0, `the outage: ${JSON.stringify(counters)}`);
        // The field that counts them is in the kernel since 6.7.
        t.is((counters.most_timeouts ?? 0) > 0, id !== '6.1', JSON.stringify(counters));
      }
    }
  },
  title: (_ = '', id, types) => `Linux ${id}: libbpf runs every example, built with ${types}`,
});

for (const id of KERNEL_IDS) {
  test.serial(carriesTraffic, id, 'own types');
  test.serial(carriesTraffic, id, 'vmlinux.h');
}
