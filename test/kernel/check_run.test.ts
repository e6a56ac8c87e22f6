import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import test from 'ava';
import {checkAndKeep, type KeptCheck} from '../../src/check/check_objects.js';
import type {CheckCell} from '../../src/check/check_report.js';
import {runCheck} from '../../src/check/run_check.js';
import {bpfObject, exampleObject} from '../helpers/bpf_objects.js';
import {buildBpf} from '../rig/build_bpf.js';
import {getKernel, type Kernel, type KernelId} from '../rig/kernels.js';
import {moduleFiles} from '../rig/modules.js';
import {BUSYBOX, ensureSystemPackages, QEMU} from '../rig/system_packages.js';
import {planRefusal, REFUSALS} from '../verifier/refusals.js';

/** `structops check --run`: the verdict of the kernel itself. Kernels of one form of log each. */

/** A log of megabytes takes the kernel most of a minute here; test/verifier/logs has it. */
const SLOW = 'many_branches';
const REFUSED = Object.keys(REFUSALS).filter(name => name !== SLOW);

/** The cells of a check and, in the same boot, one for each refusal of test/verifier. */
async function withRefusals({report, kept}: KeptCheck, kernel: Kernel): Promise<KeptCheck> {
  const plans = await Promise.all(REFUSED.map(name => planRefusal(name, kernel)));
  const [{plans: own = [], ...first} = {}, ...others] = kept;
  const cell = {...(report.cells[0] as CheckCell), kernel: 0};
  return {
    report: {
      ...report,
      cells: [...report.cells, ...REFUSED.map((_, i) => ({...cell, object: own.length + i}))],
    },
    kept: [{...first, plans: [...own, ...plans.map(({bytes}) => bytes)]}, ...others],
  };
}

const proves = test.macro({
  async exec(t, id: KernelId, instruction: RegExp, modulePaths: readonly string[]) {
    t.timeout(600_000);
    await ensureSystemPackages([QEMU, BUSYBOX]);
    const refused = await buildBpf('test/kernel/refused.bpf.c', ['-I', '../../examples/include']);
    const objects = [
      {object: await exampleObject('first'), objectName: 'first.bpf.o'},
      {object: await readFile(refused), objectName: 'refused.bpf.o'},
      {object: await bpfObject('conformance/module_kfuncs'), objectName: 'modules.bpf.o'},
    ];
    const kernel = await getKernel(id);
    const kernels = [kernel.vmlinuz, kernel.btf];
    const files = await moduleFiles(kernel, modulePaths);
    const modules = files.map(({hostPath: path}) => ({name: basename(path, '.ko'), path}));
    const check = await checkAndKeep({objects, kernels, modules, threads: 1});
    const {cells} = await runCheck(await withRefusals(check, kernel));
    const [accepted, bad, ofModules, onlyBtf, , , ...refusals] = cells;

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

    if (modules.length > 0) {
      t.is(ofModules?.verifier, 'accepted', ofModules?.verifier_reason);
      t.is(ofModules?.programs?.length, 3);
    } else {
      t.is(ofModules?.loader, 'refused');
    }

    for (const [i, name] of REFUSED.entries()) {
      const {verifier = '', verifier_reason: reason = ''} = refusals[i] ?? {};
      const isTaken = REFUSALS[name]?.taken === true && id !== '6.1';
      t.is(verifier, isTaken ? 'accepted' : 'refused', `${name}: ${reason}`);
      // Its words are compared in test/verifier, with those of the kernel that was the newest then.
      if (!isTaken) t.true(reason.startsWith(`the verifier refused program ${name}`), reason);
    }

    t.is(onlyBtf?.verifier, 'cannot_run');
    t.regex(onlyBtf?.verifier_reason ?? '', /with its image/);
  },
  title: (_, id, __, modules: readonly string[]) =>
    `check --run on Linux ${id}${modules.length > 0 ? ', with modules' : ''}: what the verifier counts, and why it refuses`,
});

const MODULES = ['net/ipv4/tcp_bbr', 'net/ipv4/tcp_dctcp'];

test.serial(proves, '6.1', /instruction \d+: \(63\)/, []);
test.serial(proves, '6.12', /instruction \d+: \(63\)/, MODULES);
test.serial(proves, 'newest', /instruction \d+: \(63\)/, []);
