import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {REPOSITORY} from './cache.js';
import {nodeFiles, treeFiles} from './initramfs.js';
import {getKernel, KERNEL_IDS, type KernelId} from './kernels.js';
import {runInVm, VmError} from './vm.js';

const bootsWithItsBtf = test.macro({
  async exec(t, id: KernelId) {
    const kernel = await getKernel(id);
    const {output} = await runInVm({
      kernel,
      script: 'uname -r; sha256sum < /sys/kernel/btf/vmlinux',
    });
    const sha256 = createHash('sha256')
      .update(await readFile(kernel.btf))
      .digest('hex');
    t.is(output, `${kernel.release}\n${sha256}  -\n`);
  },
  title: (_ = '', id) => `Linux ${id}: boots, and its BTF is the one out of the package`,
});

for (const id of KERNEL_IDS) test.serial(bootsWithItsBtf, id);

test.serial('a script gives its output line by line, its files and its exit code', async t => {
  const lines: string[] = [];
  const result = await runInVm({
    kernel: await getKernel('6.12'),
    script: 'mkdir /out/a; printf "\\0\\n\\r" > /out/a/b; echo one; echo two >&2; exit 7',
    progress: line => lines.push(line),
  });
  t.is(result.exitCode, 7);
  t.is(result.output, 'one\ntwo\n');
  t.deepEqual(lines.slice(0, 2), ['one', 'two']);
  t.deepEqual([...result.outFiles], [['a/b', Buffer.from('\0\n\r')]]);
});

test.serial('Node runs in a guest, with its shared libraries', async t => {
  const {output} = await runInVm({
    kernel: await getKernel('newest'),
    files: await nodeFiles(),
    memoryMiB: 1536,
    script: 'node --print "process.version + os.release()"',
  });
  t.is(output, `${process.version}${(await getKernel('newest')).release}\n`);
});

test.serial('a directory is in the guest with all that is below it', async t => {
  const {output} = await runInVm({
    kernel: await getKernel('6.12'),
    files: await treeFiles(join(REPOSITORY, 'examples'), '/root/examples'),
    script: 'cd /root/examples; ls -1 Makefile tcp/first.bpf.o; sha256sum < tcp/first.bpf.o',
  });
  const first = await readFile(join(REPOSITORY, 'examples/tcp/first.bpf.o'));
  const sha256 = createHash('sha256').update(first).digest('hex');
  t.is(output, `Makefile\ntcp/first.bpf.o\n${sha256}  -\n`);
});

test.serial('a guest that does not boot is booted again, and not for ever', async t => {
  const error = await t.throwsAsync(
    runInVm({kernel: await getKernel('6.12'), script: 'echo begun', bootSeconds: 1}),
    {instanceOf: VmError},
  );
  t.regex(error.message, /did not boot within 1 s and was killed/);
  t.notRegex(error.output, /begun/);
});

test.serial('a guest that hangs is killed at the time limit', async t => {
  const kernel = await getKernel('6.12');
  const error = await t.throwsAsync(
    runInVm({kernel, script: 'echo waiting; sleep 1000', timeoutSeconds: 5}),
  );
  t.regex(error.message, /did not finish within 5 s and was killed[\s\S]*waiting/);
});

test.serial('a guest that prints nothing for too long is killed', async t => {
  const kernel = await getKernel('6.12');
  const error = await t.throwsAsync(
    runInVm({kernel, script: 'echo once; sleep 1000', silenceSeconds: 5}),
  );
  t.regex(error.message, /printed nothing within 5 s and was killed[\s\S]*once/);
});

test.serial('a guest that panics is an error with what the kernel said, and was sent', async t => {
  const kernel = await getKernel('6.12');
  const script = [
    'mkdir /out/a /out/b /out/c; echo 1 > /out/a/one; send a',
    'head -c 300000 /dev/zero > /out/b/two; send b',
    'echo 3 > /out/c/lost; echo c > /proc/sysrq-trigger',
  ].join('\n');
  const error = await t.throwsAsync(runInVm({kernel, script}), {instanceOf: VmError});
  t.regex(error?.message ?? '', /Kernel panic - not syncing: sysrq triggered crash/);
  const sizes = [...(error?.outFiles ?? [])].map(([path, {length}]) => [path, length]);
  t.deepEqual(sizes.sort(), [
    ['a/one', 2],
    ['b/two', 300_000],
  ]);
});
