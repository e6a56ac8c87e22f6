import type {FaultReport} from '../../src/faults.js';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {type CoreWasm, faultsOf, jsonOf, STATUS} from '../helpers/core_wasm.js';

export interface Target {
  readonly kernelBtf: Uint8Array;
  readonly module?: {readonly name: string; readonly btf: Uint8Array};
}

export interface Relocated {
  /** What each program begins with: see `shown`. Empty after a fault. */
  readonly programs: Readonly<Record<string, string>>;
  /** The same as bytes in hex. */
  readonly insns: readonly string[];
  readonly faults: FaultReport['faults'];
}

/** Plans an object of programs that are one relocation each. */
export function relocate(
  core: CoreWasm,
  object: Uint8Array,
  {kernelBtf, module}: Target,
): Relocated {
  const answer = core.call('makePlan', {
    object,
    objectName: Buffer.from('relocated.bpf.o'),
    kernelBtf,
    ...(module && {moduleName: Buffer.from(module.name), moduleBtf: module.btf}),
  });
  if (answer.status === STATUS.faults) {
    return {programs: {}, insns: [], faults: faultsOf(answer)};
  }
  const description = core.call('describePlan', {plan: answer.output});
  const {steps} = jsonOf<PlanDescription>(description);
  const loads = steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
  const insns = loads.map(({blobs}) => blobs.insns ?? '');
  const shownInsns = insns.map(hex => shown(Buffer.from(hex, 'hex')));
  return {
    programs: Object.fromEntries(loads.map(({name}, i) => [name, shownInsns[i] ?? ''])),
    insns,
    faults: [],
  };
}

/** A number that the program begins with, signed. */
export const number = (value: number | bigint | boolean) => `${BigInt(value)}`;

/** A load or store. */
export const access = (offset: number, size: number) => `${size} bytes at ${offset}`;

/** Put out of use; both halves of a load of 64 bits. */
export const POISON = 'poison';
export const POISON_64 = 'poison, poison';

const CLASS_MASK = 7;
const CLASSES = {ld: 0, ldx: 1, st: 2, stx: 3};
const SIZES: Readonly<Record<number, number>> = {0: 4, 8: 2, 16: 1, 24: 8};
const MOV_IMM = 0xb7;
const LDIMM64 = 0x18;
const CALL = 0x85;
const BAD_RELO = 0xbad2310;

/** The first instruction of a program as `number`, `access` or `POISON` show it. */
function shown(insns: Buffer): string {
  const opcode = insns.readUInt8();
  const kind = opcode & CLASS_MASK;
  if (isPoison(insns)) return isPoison(insns.subarray(8)) ? POISON_64 : POISON;
  if (opcode === MOV_IMM) return number(insns.readInt32LE(4));
  if (opcode === LDIMM64) {
    return number(BigInt(insns.readUInt32LE(4)) | (BigInt(insns.readInt32LE(12)) << 32n));
  }
  if (kind === CLASSES.ldx || kind === CLASSES.st || kind === CLASSES.stx) {
    return access(insns.readInt16LE(2), SIZES[opcode & 0x18] ?? 0);
  }
  return insns.toString('hex');
}

function isPoison(insn: Buffer): boolean {
  return insn.readUInt32LE() === CALL && insn.readInt32LE(4) === BAD_RELO;
}
