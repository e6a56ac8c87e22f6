import {availableParallelism} from 'node:os';

/** The tests that boot VMs take longest, so they begin first: then no CPU is idle at the end. */
const IN_VMS = [/\/test\/kernel\//, /\/oracle\/vm_/, /\/(rig|shim)\/vm\.test\.ts$/];

const rank = path => (IN_VMS.some(pattern => pattern.test(path)) ? 0 : 1);

export default {
  files: ['test/**/*.test.ts'],
  extensions: {ts: 'module'},
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  // One more than there are CPUs: a guest that waits for a packet or a grace period uses none.
  concurrency: availableParallelism() + 1,
  timeout: '10m',
  sortTestFiles: (a, b) => rank(a) - rank(b) || a.localeCompare(b),
};
