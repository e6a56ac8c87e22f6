import type {AttrValue, PlanDescription, PlanStep} from '../../src/index.js';
import {BtfEdit} from '../helpers/btf_edit.js';

/** What the steps of a plan are looked up by. */

/** The only step with that command and name. */
export function step(plan: PlanDescription, cmd: string, name: string): PlanStep {
  const found = plan.steps.filter(one => one.cmd === cmd && one.name === name);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} steps ${cmd} ${name}`);
  }
  return found[0];
}

export const mapCreate = (plan: PlanDescription, name: string) =>
  step(plan, 'BPF_MAP_CREATE', name);
export const progLoad = (plan: PlanDescription, name: string) => step(plan, 'BPF_PROG_LOAD', name);
export const update = (plan: PlanDescription, name: string) =>
  step(plan, 'BPF_MAP_UPDATE_ELEM', name);

/** The names of all steps with that command, in order. */
export function names(plan: PlanDescription, cmd: string): string[] {
  return plan.steps.filter(one => one.cmd === cmd).map(({name}) => name);
}

/** Of each step with that command: its name, and a field of its attr (0 when it is zero). */
export function fields(
  plan: PlanDescription,
  cmd: string,
  field: string,
): Record<string, AttrValue> {
  const steps = plan.steps.filter(one => one.cmd === cmd);
  return Object.fromEntries(steps.map(({name, attr}) => [name, attr[field] ?? 0]));
}

export function blob({blobs}: PlanStep, name: string): Buffer {
  return Buffer.from(blobs[name] ?? '', 'hex');
}

/** The BTF as it is loaded. */
export function loadedBtf(plan: PlanDescription): BtfEdit {
  const load = plan.steps.find(({cmd}) => cmd === 'BPF_BTF_LOAD');
  if (load === undefined) throw new Error('no BPF_BTF_LOAD');
  return new BtfEdit(blob(load, 'btf'));
}

export interface Insn {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
}

/** The instructions that a program is loaded with. */
export function insnsOf(load: PlanStep): Insn[] {
  const bytes = blob(load, 'insns');
  return Array.from({length: bytes.length / 8}, (_, i) => ({
    code: bytes.readUInt8(8 * i),
    dst: bytes.readUInt8(8 * i + 1) & 15,
    src: bytes.readUInt8(8 * i + 1) >> 4,
    off: bytes.readInt16LE(8 * i + 2),
    imm: bytes.readInt32LE(8 * i + 4),
  }));
}

export const CALL = 0x85;
export const LDIMM64 = 0x18;

/** What fills the slot: the name of its step. */
export function slotName(plan: PlanDescription, slot: number | undefined): string | undefined {
  return plan.steps.find(one => one.slot !== null && one.slot === slot)?.name;
}

/** The name of a type of the BTF that is loaded. */
export function typeName(plan: PlanDescription, id: number): string | undefined {
  return loadedBtf(plan).types.find(type => type.id === id)?.name;
}

/** Where a variable lies in its section, as the BTF that is loaded says: bytes. */
export function offsetIn(plan: PlanDescription, section: string, variable: string): number {
  const btf = loadedBtf(plan);
  const {id} = btf.type('VAR', variable);
  const datasec = btf.type('DATASEC', section);
  for (let i = 0; i < datasec.vlen; i++) {
    const at = btf.part(datasec, i);
    if (btf.bytes.readUInt32LE(at) === id) return btf.bytes.readUInt32LE(at + 4);
  }
  throw new Error(`${section} has no ${variable}`);
}
