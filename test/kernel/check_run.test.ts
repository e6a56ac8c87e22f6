import {readFile} from 'node:fs/promises';
import test from 'ava';
import {checkAndKeep} from '../../src/check/check_objects.js';
import {runCheck} from '../../src/check/run_check.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {buildBpf} from '../rig/build_bpf.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {BUSYBOX, ensureSystemPackages, QEMU} from '../rig/system_packages.js';

/** `structops check --run`: the verdict of the kernel itself. Kernels of one form of log each. */

const proves = test.macro({
  async exec(t, id: KernelId, instruction: RegExp) {
    t.timeout(600_000);
    await ensureSystemPackages([QEMU, BUSYBOX]);
    const refused = await buildBpf('test/kernel/refused.bpf.c', ['-I', '../../examples/include']);
    const objects = [
      {object: await exampleObject('first'), objectName: 'first.bpf.o'},
      {object: await readFile(refused), objectName: 'refused.bpf.o'},
    ];
    const {vmlinuz, btf} = await getKernel(id);
    const check = await checkAndKeep({objects, kernels: [vmlinuz, btf], threads: 1});
    const {cells} = await runCheck(check);
    const [accepted, bad, onlyBtf] = cells;

    t.is(accepted?.verifier, 'accepted', accepted?.verifier_reason);
    t.deepEqual(
      accepted?.programs?.map(({name}) => name),
      ['first_ssthresh', 'first_undo_cwnd', 'first_cong_avoid'],
    );
    for (const program of accepted?.programs ?? []) {
      t.true(program.accepted);
      t.true((program.insns ?? 0) > 1 && program.time_us !== undefined, JSON.stringify(program));
      t.true((program.total_states ?? -1) >= 0 && program.stack !== undefined);
    }

    t.is(bad?.loader, 'loads');
    t.is(bad?.verifier, 'refused');
    t.regex(
      bad?.verifier_reason ?? '',
      /^the verifier refused program refused_ssthresh \(ssthresh of tcp_congestion_ops\): .*(no write support|cannot write into)/,
    );
    t.regex(bad?.verifier_reason ?? '', /srtt_us = 0/);
    t.regex(bad?.verifier_reason ?? '', instruction);

    t.is(onlyBtf?.verifier, 'cannot_run');
    t.regex(onlyBtf?.verifier_reason ?? '', /with its image/);
  },
  title: (_, id) => `check --run on Linux ${id}: what the verifier counts, and why it refuses`,
});

test.serial(proves, '6.1', /instruction \d+: \(63\)/);
test.serial(proves, '6.12', /instruction \d+: \(63\)/);
test.serial(proves, 'newest', /instruction \d+: \(63\)/);
