import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {execa} from 'execa';
import {openCore} from '../helpers/core_wasm.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';

const EXAMPLES = ['first', 'first_link', 'second', 'second_link'];
const SCRIPT = fileURLToPath(new URL('plan_everything.ts', import.meta.url));

interface Outcome {
  readonly kernel: string;
  readonly object: string;
  readonly sha256?: string;
  readonly faults?: readonly string[];
}

test('V8 and JavaScriptCore make the same plans of every example for every kernel', async t => {
  await openCore();
  const kernels = [];
  for (const id of KERNEL_IDS) kernels.push(await getKernel(id));
  const objects = EXAMPLES.map(name => join(REPOSITORY, `examples/tcp/${name}.bpf.o`));
  const inputs = [...objects, '--', ...kernels.map(({btf}) => btf)];

  const run = async (engine: string, command: string, ...args: string[]): Promise<Outcome[]> => {
    const {stdout} = await execa(command, [...args, SCRIPT, ...inputs], {
      cwd: REPOSITORY,
      preferLocal: true,
      // ava's own options for its workers.
      env: {NODE_OPTIONS: ''},
    });
    const [ranIn, ...outcomes] = stdout.split('\n').map(line => JSON.parse(line));
    t.is(ranIn, engine);
    return outcomes;
  };
  const inNode = await run('V8', process.execPath, '--import=tsx');
  const inBun = await run('JavaScriptCore', 'bun');

  t.deepEqual(inBun, inNode);
  t.is(inNode.length, KERNEL_IDS.length * EXAMPLES.length);
  const digests = inNode.flatMap(({sha256 = []}) => sha256);
  t.is(new Set(digests).size, digests.length, 'each plan is another');
  const [oldest] = kernels;
  for (const {kernel, object, faults} of inNode) {
    const isRefused = kernel === oldest?.release && object.includes('_link');
    t.deepEqual(faults, isRefused ? ['KERN_NO_LINKS'] : undefined, `${object} on ${kernel}`);
  }
});
