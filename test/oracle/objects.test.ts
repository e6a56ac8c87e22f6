import {copyFile, mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {planObject} from '../../src/index.js';
import {buildBpf, getVmlinuxHeader} from '../rig/build_bpf.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS, type Kernel, type KernelId} from '../rig/kernels.js';
import {getModuleBtf} from '../rig/modules.js';
import {compareWithPlan, unexpected} from './compare_with_plan.js';
import {libbpfSteps} from './libbpf_steps.js';

// What the examples, as they are committed, do not have: libbpf is the measure here too.

const HERE = join(REPOSITORY, 'test/oracle');
const EXAMPLES = join(REPOSITORY, 'examples');
const INCLUDE = `-I${join(EXAMPLES, 'include')}`;

const kernels = new Map<KernelId, Kernel>();
const kernel = (id: KernelId) => kernels.get(id) as Kernel;

test.before(async () => {
  for (const id of KERNEL_IDS) kernels.set(id, await getKernel(id));
});

async function isWhatLibbpfDoes(
  t: ExecutionContext,
  object: string,
  id: KernelId,
  modules: Readonly<Record<string, string>> = {},
): Promise<number> {
  const run = await libbpfSteps(object, {...kernel(id), modules});
  t.is(run.error, null, run.log);
  const moduleBtfs = [];
  for (const [name, path] of Object.entries(modules)) {
    moduleBtfs.push({name, bytes: await readFile(path)});
  }
  const plan = planObject({
    object: await readFile(object),
    objectName: basename(object),
    kernelBtf: await readFile(kernel(id).btf),
    moduleBtfs,
  });
  t.deepEqual(unexpected(compareWithPlan(plan.describe(), run.steps)), []);
  return run.steps.length;
}

async function buildWithTypesOf(id: KernelId, source: string): Promise<string> {
  const directory = dirname(await getVmlinuxHeader(kernel(id)));
  // vmlinux.h of Linux 7.2 has Microsoft's anonymous members.
  const microsoft = ['-fms-extensions', '-Wno-microsoft-anon-tag'];
  return buildBpf(source, [...microsoft, '-DUSE_VMLINUX_H', INCLUDE, `-I${directory}`]);
}

for (const id of KERNEL_IDS) {
  test(`${id}: an optional section, whose name old kernels do not take`, async t => {
    const section = '-DSTRUCT_OPS_SECTION="?.struct_ops.link"';
    const object = await buildBpf(join(EXAMPLES, 'tcp/second.bpf.c'), [INCLUDE, section]);
    t.is(await isWhatLibbpfDoes(t, object, id), 6);
  });

  test(`${id}: an object name with signs that the kernel does not take`, async t => {
    const scratch = await mkdtemp(join(tmpdir(), 'structops-oracle-'));
    t.teardown(() => rm(scratch, {recursive: true}));
    const object = join(scratch, 'a-b c+d.e.bpf.o');
    await copyFile(join(EXAMPLES, 'tcp/second.bpf.o'), object);
    t.is(await isWhatLibbpfDoes(t, object, id), 18);
  });

  for (const of of KERNEL_IDS) {
    test(`${id}: built with all types of ${of}`, async t => {
      const object = await buildWithTypesOf(of, join(EXAMPLES, 'tcp/second.bpf.c'));
      t.is(await isWhatLibbpfDoes(t, object, id), 18);
    });
  }

  test(`${id}: maps, data sections, functions and variables of many kinds`, async t => {
    const object = await buildWithTypesOf('6.12', join(HERE, 'many_kinds.bpf.c'));
    t.is(await isWhatLibbpfDoes(t, object, id), 41);
  });
}

test('6.1: kfuncs of a module and of nobody', async t => {
  const object = await buildBpf(join(HERE, 'module_kfunc.bpf.c'), [INCLUDE]);
  const modules = {
    tcp_dctcp: await getModuleBtf(kernel('6.1'), 'net/ipv4/tcp_dctcp'),
    tcp_vegas: await getModuleBtf(kernel('6.1'), 'net/ipv4/tcp_vegas'),
  };
  t.is(await isWhatLibbpfDoes(t, object, '6.1', modules), 5);
});
