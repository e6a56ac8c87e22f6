import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS, type KernelId} from '../rig/kernels.js';
import {runInVm} from '../rig/vm.js';
import {compile} from './fake_executor.js';
import {encode, LOAD, layOut, type StepSpec} from './frame_builder.js';
import * as sample from './sample_frames.js';

/** The executor as it ships, with frames made by hand, on real kernels. No struct_ops here. */

const SOCKET_FILTER = 1;
const EXECUTOR = join(REPOSITORY, 'build/test/vm_shim');

test.before(() =>
  execa('make', ['-s', '-C', 'shim', 'PROGRAM=../build/test/vm_shim'], {cwd: REPOSITORY}),
);

/** BTF with one type, `int`. */
function tinyBtf(): Buffer {
  const strings = Buffer.from('\0int\0');
  const type = Buffer.from(Uint32Array.of(1, 1 << 24, 4, (1 << 24) | 32).buffer);
  const header = Buffer.from(Uint32Array.of(0x0001_eb9f, 24, 0, 16, 16, strings.length).buffer);
  return Buffer.concat([header, type, strings]);
}

/** BTF, a frozen array with that BTF, and a program of these instructions with the array bound. */
function steps(insns: string): StepSpec[] {
  const btf = tinyBtf();
  const bytes = Buffer.from(insns, 'hex');
  return [
    {...sample.btfLoad, slot: 0, numbers: {16: btf.length}, ranges: {0: {bytes: btf}}},
    {
      ...sample.arrayCreate,
      slot: 1,
      slots: {48: 0},
      numbers: {0: 2, 4: 4, 8: 4, 12: 1, 16: 0x80, 28: 'by_hand', 52: 1, 56: 1},
    },
    {
      ...sample.arrayUpdate,
      slots: {0: 1},
      ranges: {
        8: {bytes: Buffer.alloc(4), shared: true},
        16: {bytes: Buffer.from([7, 0, 0, 0])},
      },
    },
    {...sample.freeze, slots: {0: 1}},
    {
      cmd: sample.PROG_LOAD,
      phase: LOAD,
      attrSize: 168,
      numbers: {0: SOCKET_FILTER, 4: bytes.length / 8, 48: 'by_hand'},
      slots: {72: 0},
      ranges: {8: {bytes, slots: {4: 1}}, 16: {bytes: Buffer.from('GPL\0'), shared: true}},
      slot: 2,
    },
    {...sample.bind, slots: {0: 2, 4: 1}},
  ];
}

const LD_MAP = '18110000000000000000000000000000';
const RETURN_ZERO = 'b7000000000000009500000000000000';
const RETURN_NOTHING = '9500000000000000';

const SCRIPT = `
mkfifo /tmp/in
structops-shim < /tmp/in > /out/held &
pid=$!
exec 3> /tmp/in
cat /root/good.plan >&3
while ! grep -q status /out/held; do sleep 0.1; done
grep VmRSS /proc/$pid/status > /out/rss
exec 3>&-
wait $pid; echo "held $?"
structops-shim --load-only /root/good.plan > /out/loaded; echo "loaded $?"
structops-shim /root/bad.plan > /out/bad; echo "bad $?"
structops-shim /root/other.plan > /out/other; echo "other $?"
`;

const onRealKernel = test.macro({
  async exec(t, id: KernelId) {
    const kernel = await getKernel(id);
    const directory = await mkdtemp(join(tmpdir(), 'structops-vm-shim-'));
    const hash = await compile(`hash_${id}`, [
      'test/shim/hash_main.c',
      'shim/sha256.c',
      'shim/xxh64.c',
    ]);
    const btf = await readFile(kernel.btf);
    const {stdout} = await execa(hash, {input: btf});
    const xxh64 = BigInt(`0x${stdout.split(' ')[1]}`);
    const here = {btf: {size: btf.length, xxh64}};
    const plans = {
      good: encode(layOut(steps(LD_MAP + RETURN_ZERO), here)),
      bad: encode(layOut(steps(LD_MAP + RETURN_NOTHING), here)),
      other: encode(
        layOut(steps(LD_MAP + RETURN_ZERO), {btf: {size: btf.length, xxh64: xxh64 ^ 1n}}),
      ),
    };
    const files = [{hostPath: EXECUTOR, guestPath: '/usr/bin/structops-shim'}];
    for (const [name, bytes] of Object.entries(plans)) {
      const hostPath = join(directory, name);
      await writeFile(hostPath, bytes);
      files.push({hostPath, guestPath: `/root/${name}.plan`});
    }
    const {output, outFiles} = await runInVm({kernel, files, script: SCRIPT});
    await rm(directory, {recursive: true});
    const results = (name: string) =>
      String(outFiles.get(name))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
    t.is(output, 'held 0\nloaded 0\nbad 1\nother 2\n');

    const [done, released] = results('held');
    t.like(done, {status: 'done', tolerated: 0});
    const kinds = done.slots.map((slot: {kind: string}) => slot.kind);
    t.deepEqual(kinds, ['btf', 'map', 'prog']);
    for (const {id: kernelId} of done.slots) t.true(kernelId > 0);
    t.like(released, {status: 'released', why: 'end_of_input', frames: 1});
    t.log(String(outFiles.get('rss')).trim());

    t.deepEqual(
      results('loaded').map(result => result.status),
      ['loaded'],
    );
    const [bad] = results('bad');
    t.like(bad, {status: 'step_failed', step: 4, cmd: 'BPF_PROG_LOAD', error: 'EACCES'});
    t.regex(bad.log, /R0 !read_ok/);
    const [other] = results('other');
    t.is(other.status, 'wrong_kernel');
    t.deepEqual(other.running, {btf_size: btf.length, btf_xxh64: stdout.split(' ')[1]});
  },
  title: (_ = '', id: string) =>
    `Linux ${id}: loads, holds, lets go; a refused program, another kernel`,
});

for (const id of KERNEL_IDS) test.serial(onRealKernel, id);
