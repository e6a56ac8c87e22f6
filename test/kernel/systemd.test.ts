import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {bpftoolFiles} from '../rig/bpftool.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {executorFile} from '../rig/package_files.js';
import {systemdFiles} from '../rig/systemd.js';
import {runInVm} from '../rig/vm.js';
import {examplePlan} from './example_plan.js';

// systemd/structops@.service under a real systemd: systemd.sh in a guest.

const SCRIPT = fileURLToPath(new URL('systemd.sh', import.meta.url));
const UNIT = join(REPOSITORY, 'systemd/structops@.service');
/** CAP_PERFMON and CAP_BPF. */
const CAPABILITIES = 0xc0_0000_0000n;

let outFiles: ReadonlyMap<string, Buffer>;

test.before(async t => {
  t.timeout(600_000);
  const kernel = await getKernel('6.12');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-systemd-'));
  try {
    const {bytes} = await examplePlan('tcp/second_link', kernel);
    const plans = {second: bytes, damaged: bytes.subarray(0, bytes.length - 8)};
    const planFiles = await Promise.all(
      Object.entries(plans).map(async ([name, plan]) => {
        const hostPath = join(scratch, name);
        await writeFile(hostPath, plan);
        const guestPath = `/etc/structops/${kernel.release}/${name}.plan`;
        return {hostPath, guestPath, mode: 0o644};
      }),
    );
    ({outFiles} = await runInVm({
      kernel,
      memoryMiB: 768,
      timeoutSeconds: 540,
      files: [
        ...(await systemdFiles()),
        ...(await bpftoolFiles()),
        ...planFiles,
        executorFile(),
        {hostPath: UNIT, guestPath: '/etc/systemd/system/structops@.service', mode: 0o644},
        {hostPath: SCRIPT, guestPath: '/rig/systemd.sh'},
      ],
      script: 'sh /rig/systemd.sh',
    }));
  } finally {
    await rm(scratch, {recursive: true});
  }
});

const fact = (name: string) => outFiles.get(name)?.toString().trimEnd() ?? '';

test('started means in force', t => {
  t.is(fact('start_exit_code'), '0', fact('journal'));
  t.is(fact('names_started'), 'reno cubic so_second');
});

test('it runs as nobody in particular, with two capabilities and no way to more', t => {
  const status = Object.fromEntries(
    fact('status')
      .split('\n')
      .map(line => line.split(':\t')),
  );
  t.true(Number(status.Uid.split('\t')[0]) >= 61184, status.Uid);
  for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb']) {
    t.is(BigInt(`0x${status[set]}`) & ~CAPABILITIES, 0n, `${set}: ${status[set]}`);
  }
  t.is(status.NoNewPrivs, '1');
  t.is(status.Seccomp, '2');
});

test('systemd finds little to object to', t => {
  const level = Number(/exposure level for \S+: (\S+)/.exec(fact('security'))?.[1]);
  t.true(level <= 0.6, fact('security'));
});

test('when its link is detached it fails, and is in force again', t => {
  t.is(fact('detached_restart'), '0', fact('journal'));
  t.is(fact('restarts'), '1');
  t.is(fact('names_restarted'), 'reno cubic so_second');
  t.regex(fact('journal'), /Main process exited, code=exited, status=1\/FAILURE/);
  t.regex(fact('journal'), /"status":"detached"/);
});

test('SIGKILL of it leaves nothing, and it is in force again', t => {
  t.is(fact('killed_restart'), '0', fact('journal'));
  t.is(fact('names_after_kill'), 'reno cubic so_second');
});

test('stopped means out of force, with nothing left', t => {
  t.is(fact('stop_exit_code'), '0');
  t.is(fact('names_stopped'), 'reno cubic');
  t.is(fact('maps_left'), '');
});

test('a plan that no executor will ever take is not tried again', t => {
  t.not(fact('damaged_exit_code'), '0');
  t.is(fact('damaged_restarts'), '0');
});

test('a kernel without a plan is an error', t => {
  t.not(fact('nothing_exit_code'), '0');
});
