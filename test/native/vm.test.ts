import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';
import {executorFile} from '../rig/package_files.js';
import {runInVm} from '../rig/vm.js';
import {builtNativePlanner} from './structops_plan.js';

const SCRIPT = `
names() { cat /proc/sys/net/ipv4/tcp_available_congestion_control; }
names > /out/before
structops-plan /root/second_link.bpf.o -o /root/second.plan
structops-shim /root/second.plan > /out/result & pid=$!
while ! grep -q status /out/result; do sleep 0.1; done
names > /out/during
kill -INT $pid
wait $pid
echo $? > /out/exit_code
names > /out/after
`;

test('two static programs beside busybox load a congestion control and take it back', async t => {
  t.timeout(600_000);
  const object = join(REPOSITORY, 'examples/tcp/second_link.bpf.o');
  const {exitCode, output, outFiles} = await runInVm({
    kernel: await getKernel('newest'),
    files: [
      executorFile(),
      {hostPath: await builtNativePlanner(), guestPath: '/usr/bin/structops-plan'},
      {hostPath: object, guestPath: '/root/second_link.bpf.o'},
    ],
    script: SCRIPT,
    timeoutSeconds: 300,
  });
  const fact = (name: string) => outFiles.get(name)?.toString().trim();
  t.is(exitCode, 0, output);
  const [done = ''] = (fact('result') ?? '').split('\n');
  t.is(JSON.parse(done).status, 'done', output);
  t.is(fact('during'), `${fact('before')} so_second`);
  t.is(fact('exit_code'), '0');
  t.is(fact('after'), fact('before'));
});
