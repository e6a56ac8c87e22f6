import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {findObjects} from './find_objects.js';
import {judge} from './judge.js';
import {planAsUser} from './our_plan.js';
import type {Recording} from './recording.js';
import {recordInVm} from './vm_oracle.js';

/** An executor that hangs with one object, and with another ends the guest. */
const PREPARE = `
mv /usr/bin/structops-shim /usr/bin/executor
cat > /usr/bin/structops-shim <<'END'
#!/bin/busybox sh
plan=$(readlink /proc/self/fd/0)
case $(ls "\${plan%/plan}") in
*first.bpf.o*) sleep 1000 ;;
*first_link.bpf.o*) echo c > /proc/sysrq-trigger ;;
esac
exec executor
END
chmod 755 /usr/bin/structops-shim
`;

test('who hangs and who ends the guest is told, and costs no other its result', async t => {
  const kernel = await getKernel('6.12');
  const planned = (await findObjects(join(REPOSITORY, 'examples/tcp'))).map(object => ({
    object,
    ours: planAsUser(object, {kernel}),
  }));
  const recordings: Recording[] = [];
  const lines: string[] = [];
  await recordInVm(
    planned,
    {kernel, secondsEach: 15, prepare: PREPARE},
    async recording => void recordings.push(recording),
    line => lines.push(line),
  );
  const verdicts = recordings.map((recording, i) =>
    judge(recording, planned[i]?.ours ?? {faults: []}),
  );
  t.deepEqual(
    verdicts.map(({object, same, libbpf, ours}) => [object, same, libbpf.text, ours.text]),
    [
      ['first.bpf.o', false, 'attached', 'took more than 15 s'],
      ['first_link.bpf.o', false, 'attached', 'Kernel panic - not syncing: sysrq triggered crash'],
      ['second.bpf.o', true, 'attached', 'attached'],
      ['second_link.bpf.o', true, 'attached', 'attached'],
    ],
  );
  t.is(lines.filter(line => line.startsWith('boots again, 2 objects')).length, 1);
});
