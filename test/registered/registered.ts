import {readFile} from 'node:fs/promises';
import {openBtf} from '../../src/inputs/kernel_btf.js';
import {inspectKernel} from '../../src/inspect/inspect_kernel.js';
import type {PlanStep} from '../../src/plan/plan_description.js';
import {planObject} from '../../src/plan/plan_object.js';
import {type Facts, registrationsFrom} from '../../src/registered/list_registrations.js';
import type {Registration} from '../../src/registered/registration.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {getKernel, type KernelId} from '../rig/kernels.js';

/** What a kernel gives back of the value that a plan writes: program ids where the fds were. */
export async function kernelValue(id: KernelId, example: string) {
  const {btf} = await getKernel(id);
  const objectName = `${example}.bpf.o`;
  const object = await exampleObject(example);
  const plan = planObject({object, objectName, kernelBtf: openBtf(btf)});
  const {steps} = plan.describe();
  const writes = steps.find(step => step.value_type !== undefined) as PlanStep;
  const creates = steps.find(step => 'btf_vmlinux_value_type_id' in step.attr) as PlanStep;
  const value = Buffer.from(writes.blobs.value as string, 'hex');
  for (const patch of writes.patches) {
    if (patch.in !== 'value' || patch.slot === undefined) continue;
    value.writeBigUInt64LE(BigInt(programId(patch.slot)), patch.offset);
  }
  return {
    hex: value.toString('hex'),
    members: writes.members ?? [],
    valueTypeId: Number(creates.attr.btf_vmlinux_value_type_id),
    flags: Number(creates.attr.map_flags ?? 0),
  };
}

/** Of the program that the plan has in a slot. */
export const programId = (slot: number) => 100 + slot;

export async function kindsOf(id: KernelId) {
  return inspectKernel({kernelBtf: openBtf((await getKernel(id)).btf)}).kinds;
}

/** `second_link` on 6.12: map 41 with link 7, held and pinned. Others change what is different. */
export async function secondFacts(changes: Partial<Facts> = {}): Promise<Facts> {
  const {hex, valueTypeId, flags} = await kernelValue('6.12', 'second_link');
  const map = {id: 41, name: 'so_second', flags, value_type_id: valueTypeId, state: 3, value: hex};
  return {
    listed: {
      maps: [map],
      links: [{id: 7, map_id: 41}],
      programs: [
        {id: programId(4), name: 'second_init', load_time: 5_000_000_000, uid: 0},
        {id: programId(5), name: 'second_ssthresh', load_time: 6_000_000_000, uid: 1000},
      ],
      pins: [{id: 7, kind: 'link', path: 'cc/so_second'}],
      complete: true,
    },
    kinds: await kindsOf('6.12'),
    holders: {
      maps: new Map([[41, [{pid: 9, command: 'bpftool'}]]]),
      links: new Map([[7, [{pid: 8, command: 'structops-shim'}]]]),
      hiddenProcesses: 0,
    },
    sockets: new Map([['so_second', 3]]),
    bootedMs: 1_000_000,
    pinRoot: '/sys/fs/bpf',
    ...changes,
  };
}

export async function second(changes: Partial<Facts> = {}): Promise<Registration> {
  return registrationsFrom(await secondFacts(changes))[0] as Registration;
}

export async function readExample(example: string) {
  return {
    object: await readFile(new URL(`../../examples/${example}.bpf.o`, import.meta.url)),
    objectName: `${example.slice(example.lastIndexOf('/') + 1)}.bpf.o`,
  };
}
