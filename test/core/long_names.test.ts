import test from 'ava';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {jsonOf, openCore, STATUS} from '../helpers/core_wasm.js';
import {buildElf, SHF_EXECINSTR, STT} from '../helpers/elf_builder.js';

/** Names of the kernel's functions have up to 511 bytes: those of Rust reach some hundred. */

test('a function with a name of 500 bytes is found, and no other that begins so', async t => {
  const name = '_RN'.repeat(166);
  const kernel = new BtfBuilder();
  const prototype = kernel.prototype(0);
  kernel.function(`${name}x`, prototype);
  const id = kernel.function(name, prototype);
  const program = Buffer.from('b7000000000000009500000000000000', 'hex');
  const section = `fentry/${name}`;
  const sections = [
    {name: 'license', content: Buffer.from('GPL\0')},
    {name: section, flags: SHF_EXECINSTR, content: program},
    {name: '.BTF', content: new BtfBuilder().build()},
  ];
  const object = buildElf(sections, [{name: 'f', type: STT.FUNC, section, size: program.length}]);
  const core = await openCore();
  const plan = core.call('makePlan', {object, kernelBtf: kernel.build()});
  t.is(plan.status, STATUS.done, plan.output.toString());
  const described = core.call('describePlan', {plan: plan.output});
  const {steps} = jsonOf<{steps: {attr: Record<string, number>}[]}>(described);
  t.deepEqual(
    steps.map(({attr}) => attr.attach_btf_id),
    [undefined, id],
  );
});
