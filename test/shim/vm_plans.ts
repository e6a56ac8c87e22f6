import {
  encode,
  HOTPLUG_SEQ,
  KSYM_HIGH,
  KSYM_LOW,
  LOAD,
  layOut,
  type StepSpec,
  WEAK_KSYM_HIGH,
  WEAK_KSYM_LOW,
} from './frame_builder.js';
import * as sample from './sample_frames.js';

/** Plans by hand that real kernels take, or refuse for one known reason. */

const SOCKET_FILTER = 1;
const SYSCALL = 31;
const SLEEPABLE = 0x10;
/** Of no use to load anything. */
const CAP_SYSLOG = 1n << 34n;
/** Of the arena. */
const SEGV_ON_FAULT = 0x2_0000;
const FLAG_LINK = 0x2000;

const LD_MAP = '18110000000000000000000000000000';
const LD_1 = '18010000000000000000000000000000';
const LD_2 = '18020000000000000000000000000000';
const RETURN_ZERO = 'b7000000000000009500000000000000';
const RETURN_NOTHING = '9500000000000000';

export interface KernelIdentity {
  readonly size: number;
  readonly xxh64: bigint;
}

/** The plans that every kernel is given, by name. */
export function plansFor(btf: KernelIdentity): Record<string, Buffer> {
  const here = {btf};
  const other = {btf: {size: btf.size, xxh64: btf.xxh64 ^ 1n}};
  return {
    good: encode(layOut(goodSteps(LD_MAP + RETURN_ZERO), here)),
    poor: encode(layOut(goodSteps(LD_MAP + RETURN_ZERO), here), {capabilities: CAP_SYSLOG}),
    bad: encode(layOut(goodSteps(LD_MAP + RETURN_NOTHING), here)),
    other: encode(layOut(goodSteps(LD_MAP + RETURN_ZERO), other)),
    values: encode(layOut([sample.perfCreate, addresses('init_task', 1)])),
    missing: encode(layOut([sample.perfCreate, addresses('no_such_symbol', 1)])),
    hotplug: encode(layOut(hotplugSteps(), here)),
  };
}

/** Where the arena of `arenaPlans` is mapped, and what is written there. */
export const ARENA = {
  address: 2 ** 45,
  offset: 2 * 4096 - 5,
  text: 'over the edge of a page',
};

/** Plans for a kernel with arenas and associations. `valueTypeId`: of the value of a struct_ops. */
export function newestPlans(
  btf: KernelIdentity,
  valueType: {id: number; size: number},
): Record<string, Buffer> {
  const {numbers = {}} = sample.arenaCreate;
  const data = {bytes: Buffer.from(ARENA.text)};
  const map: StepSpec = {
    ...sample.arenaMap,
    numbers: {8: ARENA.offset, 24: data.bytes.length},
    ranges: {16: data},
  };
  const faulting = {...sample.arenaCreate, numbers: {...numbers, 16: 0x400 | SEGV_ON_FAULT}};
  return {
    arena: encode(layOut([sample.perfCreate, sample.arenaCreate, map])),
    faulting: encode(layOut([sample.perfCreate, faulting, map])),
    associated: encode(layOut(associationSteps(valueType), {btf})),
  };
}

/** BTF with one type, `int`. */
function tinyBtf(): Buffer {
  const strings = Buffer.from('\0int\0');
  const type = Buffer.from(Uint32Array.of(1, 1 << 24, 4, (1 << 24) | 32).buffer);
  const header = Buffer.from(Uint32Array.of(0x0001_eb9f, 24, 0, 16, 16, strings.length).buffer);
  return Buffer.concat([header, type, strings]);
}

/** BTF, a frozen array with that BTF, and a program of these instructions with the array bound. */
function goodSteps(insns: string): StepSpec[] {
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
      ranges: {8: {bytes, slots: {4: 1}}, 16: license},
      slot: 2,
    },
    {...sample.bind, slots: {0: 2, 4: 1}},
  ];
}

const license = {bytes: Buffer.from('GPL\0'), shared: true};

/** A program that loads the address of `symbol`, and that of a weak symbol which no kernel has. */
export function addresses(symbol: string, slot: number): StepSpec {
  const bytes = Buffer.from(LD_1 + LD_2 + RETURN_ZERO, 'hex');
  const weak = 'no_kernel_has_this';
  const values = {
    4: {value: KSYM_LOW, symbol},
    12: {value: KSYM_HIGH, symbol},
    20: {value: WEAK_KSYM_LOW, symbol: weak},
    28: {value: WEAK_KSYM_HIGH, symbol: weak},
  };
  return {
    cmd: sample.PROG_LOAD,
    phase: LOAD,
    attrSize: 168,
    numbers: {0: SOCKET_FILTER, 4: bytes.length / 8, 48: 'addresses'},
    ranges: {8: {bytes, values}, 16: license},
    slot,
  };
}

/** A struct_ops map whose type no kernel takes: what fails first tells whether the value was read. */
function hotplugSteps(): StepSpec[] {
  const value = {bytes: Buffer.alloc(40), values: {24: {value: HOTPLUG_SEQ}}};
  const {ranges = {}} = sample.structOpsUpdate;
  return [
    {...sample.structOpsCreate(FLAG_LINK), slots: {}},
    {...sample.structOpsUpdate, ranges: {...ranges, 16: value}},
  ];
}

function associationSteps({id, size}: {id: number; size: number}): StepSpec[] {
  const bytes = Buffer.from(RETURN_ZERO, 'hex');
  const create = sample.structOpsCreate(FLAG_LINK);
  const btf = tinyBtf();
  return [
    {...sample.btfLoad, slot: 2, numbers: {16: btf.length}, ranges: {0: {bytes: btf}}},
    {...create, slots: {48: 2}, slot: 0, numbers: {...create.numbers, 8: size, 60: id}},
    {
      cmd: sample.PROG_LOAD,
      phase: LOAD,
      attrSize: 168,
      numbers: {0: SYSCALL, 4: bytes.length / 8, 44: SLEEPABLE, 48: 'associated'},
      ranges: {8: {bytes}, 16: license},
      slot: 1,
    },
    {...sample.associate, slots: {0: 0, 4: 1}, flags: 0},
  ];
}
