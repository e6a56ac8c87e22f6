import {basename} from 'node:path';
import test from 'ava';
import type {Fault} from '../../src/faults.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {faultsOf, type Inputs, jsonOf, STATUS} from '../helpers/core_wasm.js';
import {ElfEdit} from '../helpers/elf_edit.js';
import {core, smallKernel} from './small_kernel.js';

export {core, smallKernel};

/** What a row wants to be told: the code, what the sentence names, and the place. */
export interface Refusal {
  readonly code: string;
  /** Parts of the message. */
  readonly says: readonly string[];
  /** All of it, but for an offset that `at` gives. */
  readonly where: Fault['where'];
  /** The offset, counted from the start of the section that `where` names. */
  readonly at?: number;
  readonly wanted?: string;
  readonly found?: string;
}

/**
 * `makePlan` refuses the inputs with these faults and no other; so does `inspectObject`, where
 * they are all of its ELF and BTF. The kernel is the small one unless the inputs name another.
 */
export const refused = test.macro({
  async exec(t, make: () => Promise<Inputs> | Inputs, ...refusals: Refusal[]) {
    const inputs = {kernelBtf: await smallKernel(), ...(await make())};
    const answer = (await core()).call('makePlan', inputs);
    t.is(answer.status, STATUS.faults, 'the input was accepted');
    const faults = faultsOf(answer);
    t.deepEqual(
      faults.map(({code, where, wanted, found}) => ({code, where, wanted, found})),
      refusals.map(refusal => wantedOf(refusal, inputs)),
      JSON.stringify(faults, null, 2),
    );
    for (const [i, {says}] of refusals.entries()) {
      const {message = '', hint = ''} = faults[i] ?? {};
      for (const part of says) t.true(message.includes(part), `${part}: not in: ${message}`);
      t.true(hint.length > 10, 'says what to try');
    }
    await sameWhenInspected(t, inputs, faults);
  },
  title: (why = '', _make, ...refusals: Refusal[]) =>
    `${why}: ${refusals.map(({code}) => code).join(', ')}`,
});

function wantedOf({code, where, at, wanted, found}: Refusal, {object = Buffer.alloc(0)}: Inputs) {
  if (at === undefined) return {code, where, wanted, found};
  const {offset} = new ElfEdit(object).section(where.section ?? '');
  return {code, where: {...where, offset: offset + at}, wanted, found};
}

type Assertions = Parameters<(typeof refused)['exec']>[0];

async function sameWhenInspected(t: Assertions, inputs: Inputs, faults: readonly Fault[]) {
  const {object = Buffer.alloc(0), objectName = Buffer.from('x.bpf.o')} = inputs;
  if (!faults.every(({code}) => /^(ELF|BTF)_/.test(code))) return;
  const answer = (await core()).call('inspectObject', {object, objectName});
  t.is(answer.status, STATUS.faults);
  t.deepEqual(faultsOf(answer), faults, 'another reason when inspected');
}

/** `makePlan` accepts the inputs, and the plan tells of these losses and no other. */
export const planned = test.macro({
  async exec(t, make: () => Promise<Inputs> | Inputs, ...losses: string[]) {
    const inputs = {kernelBtf: await smallKernel(), ...(await make())};
    const answer = (await core()).call('makePlan', inputs);
    t.is(answer.status, STATUS.done, answer.output.toString());
    const described = (await core()).call('describePlan', {plan: answer.output});
    t.is(described.status, STATUS.done, described.output.toString());
    const plan = jsonOf<PlanDescription>(described);
    t.deepEqual(
      plan.losses.map(({text}) => text),
      losses,
    );
  },
  title: (why = '', _make, ...losses: string[]) =>
    `${why}: a plan${losses.length > 0 ? ' that tells of the loss' : ''}`,
});

/** Inputs for an object of test/bpf/malformed. */
export function built(name: string): () => Promise<Inputs> {
  return async () => ({
    object: await bpfObject(`malformed/${name}`),
    objectName: Buffer.from(`${basename(name)}.bpf.o`),
  });
}
