import {readFile} from 'node:fs/promises';
import {release, version} from 'node:os';
import test from 'ava';
import {
  kernelVersionOf,
  runningKernelVersion,
  type VersionSources,
} from '../../src/inputs/kernel_version.js';

const SMP = '#1 SMP PREEMPT_DYNAMIC';

/** What kernels say of themselves -> their version. */
const KERNELS: Readonly<Record<string, readonly [VersionSources, string | undefined]>> = {
  'a kernel of kernel.org': [{version: SMP, release: '6.18.44'}, '6.18.44'],
  'a kernel with a name': [{version: SMP, release: '6.18.44-custom-669'}, '6.18.44'],
  'Debian, whose release keeps the number of its series': [
    {version: `${SMP} Debian 6.1.176-1 (2026-06-01)`, release: '6.1.0-52-cloud-amd64'},
    '6.1.176',
  ],
  'Debian, whose release has the whole version': [
    {version: `${SMP} Debian 7.2.13-1 (2026-09-01)`, release: '7.2.13+deb14-cloud-amd64'},
    '7.2.13',
  ],
  'a kernel built on Debian': [
    {version: `${SMP} Debian GNU/Linux`, release: '6.12.3-mine'},
    '6.12.3',
  ],
  'Ubuntu, whose release never changes its last number': [
    {
      signature: 'Ubuntu 6.8.0-45.45-generic 6.8.12\n',
      version: '#45-Ubuntu SMP PREEMPT_DYNAMIC',
      release: '6.8.0-45-generic',
    },
    '6.8.12',
  ],
  'a signature that says nothing': [
    {signature: 'Ubuntu\n', version: SMP, release: '6.8.0-45-generic'},
    '6.8.0',
  ],
  'a signature with two numbers': [
    {signature: 'Ubuntu 6.8.0-45.45-generic 6.8\n', version: SMP, release: '6.8.1'},
    '6.8.1',
  ],
  'a release candidate without a third number': [{version: SMP, release: '7.0-rc1'}, undefined],
  'no Linux': [{version: 'Darwin Kernel', release: 'unknown'}, undefined],
};

for (const [title, [sources, expected]] of Object.entries(KERNELS)) {
  test(`the version of ${title}`, t => t.is(kernelVersionOf(sources), expected));
}

test('the running kernel is asked for all of them', async t => {
  const signature = await readFile('/proc/version_signature', 'utf8').catch(() => undefined);
  const expected = kernelVersionOf({signature, version: version(), release: release()});
  t.is(runningKernelVersion(), expected);
  t.regex(expected ?? '', /^\d+\.\d+\.\d+$/);
});
