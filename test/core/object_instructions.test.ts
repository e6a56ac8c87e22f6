import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import test from 'ava';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {objectInstructions} from '../../src/inspect/object_instructions.js';
import {planInstructions} from '../../src/plan/plan_instructions.js';
import {planObject} from '../../src/plan/plan_object.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';

/** Places in the code, which move when functions are put behind a program: no relocation of the file. */
const MOVED = /^call pc[+-]\d+$/;

const besideItsPlan = test.macro({
  async exec(t, path: string) {
    const object = await readFile(join(REPOSITORY, path));
    const request = {object, objectName: basename(path)};
    const kernelBtf = openBtf((await getKernel('newest')).btf);
    const plan = planObject({...request, kernelBtf});
    const {steps} = plan.describe();
    const before = new Map(objectInstructions(request).map(one => [one.name, one.instructions]));
    let changed = 0;
    for (const [step, texts] of planInstructions(plan, {kernelBtf})) {
      const name = steps[step]?.name ?? '';
      const own = before.get(name) ?? [];
      t.is(own.length, texts.length, name);
      t.is(own[0]?.begins, name);
      for (const [insn, {text, refersTo}] of own.entries()) {
        const is = texts[insn] ?? '';
        const where = `${name} ${insn}: ${text} → ${is}`;
        if (text !== is && !MOVED.test(text)) t.not(refersTo, '', where);
        const [, map] = /^(map .*)/.exec(refersTo) ?? [];
        if (map !== undefined) t.true(is.endsWith(`= ${map}`), `${where}: ${map}`);
        const [, kfunc = ''] = /^kernel function (\w+?)(___\w+)?$/.exec(refersTo) ?? [];
        // A weak one that the kernel does not have is a call of no helper.
        if (kfunc !== '' && !is.startsWith('call helper')) t.true(is.includes(kfunc), where);
        if (text !== is) changed += 1;
      }
    }
    t.true(changed > 0);
  },
  title: (_, path) => `${path}: each instruction beside its plan's, and why it is another`,
});

test(besideItsPlan, 'examples/tcp/first_link.bpf.o');
test(besideItsPlan, 'examples/tcp/second_link.bpf.o');
test(besideItsPlan, 'examples/sched_ext/shared.bpf.o');
test(besideItsPlan, 'examples/qdisc/fifo.bpf.o');

test('a CO-RE relocation is told by its kind and its field', async t => {
  const path = 'examples/tcp/second_link.bpf.o';
  const object = await readFile(join(REPOSITORY, path));
  const programs = objectInstructions({object, objectName: basename(path)});
  const told = programs.flatMap(({instructions}) => instructions.map(({refersTo}) => refersTo));
  t.true(
    told.includes('CO-RE byte_offset of struct tcp_sock.snd_cwnd'),
    [...new Set(told)].join('\n'),
  );
});

test('a jump table is told as one', async t => {
  const path = 'test/bpf/conformance/jump_table.bpf.o';
  const object = await readFile(join(REPOSITORY, path));
  const programs = objectInstructions({object, objectName: basename(path)});
  const told = programs.flatMap(({instructions}) => instructions.map(({refersTo}) => refersTo));
  t.true(told.includes('a jump table of 3 entries'), [...new Set(told)].join('\n'));
});
