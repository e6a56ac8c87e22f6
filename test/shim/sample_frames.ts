import {ATTACH, type FrameParts, LOAD, layOut, type StepSpec} from './frame_builder.js';

export const MAP_CREATE = 0;
export const MAP_UPDATE_ELEM = 2;
export const MAP_DELETE_ELEM = 3;
export const PROG_LOAD = 5;
export const BTF_LOAD = 18;
export const MAP_FREEZE = 22;
export const LINK_CREATE = 28;
export const PROG_BIND_MAP = 35;

/** The BTF of the fake kernel is the bytes "abc"; it has a module "hid" with the BTF "a". */
export const KERNEL_BTF = {size: 3, xxh64: 0x44bc2cf5ad770999n};
export const HID_BTF = {name: 'hid', size: 1, xxh64: 0xd24ec4f1a98c6e5bn};

const STRUCT_OPS = 26;
const FLAG_LINK = 0x2000;
const key = {bytes: Buffer.alloc(4), shared: true};

/** Slot 1. */
export const btfLoad: StepSpec = {
  cmd: BTF_LOAD,
  phase: LOAD,
  attrSize: 40,
  numbers: {16: 27},
  ranges: {0: {bytes: Buffer.alloc(27, 0x42)}},
  slot: 1,
};

/** An array with one value of 12 bytes, in slot 2. */
export const arrayCreate: StepSpec = {
  cmd: MAP_CREATE,
  phase: LOAD,
  attrSize: 92,
  numbers: {0: 2, 4: 4, 8: 12, 12: 1, 16: 0x80, 28: 'x.rodata', 52: 0, 56: 5},
  slots: {48: 1},
  slot: 2,
};

export const arrayUpdate: StepSpec = {
  cmd: MAP_UPDATE_ELEM,
  phase: LOAD,
  attrSize: 32,
  slots: {0: 2},
  ranges: {8: key, 16: {bytes: Buffer.alloc(12, 0x11)}},
};

export const freeze: StepSpec = {cmd: MAP_FREEZE, phase: LOAD, attrSize: 4, slots: {0: 2}};

/** A struct_ops map with a value of 40 bytes, in slot 3. */
export function structOpsCreate(flags: number): StepSpec {
  return {
    cmd: MAP_CREATE,
    phase: LOAD,
    attrSize: 92,
    numbers: {0: STRUCT_OPS, 4: 4, 8: 40, 12: 1, 16: flags, 28: 'ops', 60: 77},
    slots: {48: 1},
    slot: 3,
  };
}

/** Two instructions, one of them with the array's fd, in slot 4. */
export const progLoad: StepSpec = {
  cmd: PROG_LOAD,
  phase: LOAD,
  attrSize: 168,
  numbers: {0: 27, 4: 2, 48: 'init', 68: 3, 76: 8, 88: 1, 92: 16, 104: 2, 108: 76},
  slots: {72: 1},
  ranges: {
    8: {bytes: Buffer.from('18120000000000009500000000000000', 'hex'), slots: {4: 2}},
    16: {bytes: Buffer.from('GPL\0'), shared: true},
    80: {bytes: Buffer.alloc(8, 1)},
    96: {bytes: Buffer.alloc(32, 2)},
  },
  slot: 4,
};

/** As `progLoad`, with a kfunc of the module in slot 0. */
export const moduleProgLoad: StepSpec = {
  ...progLoad,
  slots: {72: 1, 112: 0},
  ranges: {...progLoad.ranges, 120: {bytes: Buffer.alloc(8), slots: {4: 0}}},
};

export const bind: StepSpec = {
  cmd: PROG_BIND_MAP,
  phase: LOAD,
  attrSize: 12,
  slots: {0: 4, 4: 2},
  flags: 1,
};

export const structOpsUpdate: StepSpec = {
  cmd: MAP_UPDATE_ELEM,
  phase: ATTACH,
  attrSize: 32,
  slots: {0: 3},
  ranges: {8: key, 16: {bytes: Buffer.alloc(40), slots: {8: 4, 24: 4}, width: 8}},
};

export const linkCreate: StepSpec = {
  cmd: LINK_CREATE,
  phase: ATTACH,
  attrSize: 64,
  numbers: {8: 44},
  slots: {0: 3},
  slot: 5,
};

/** What a `.struct_ops.link` object with read-only data and a module's kfunc becomes. */
export function linkFrame(change: (steps: StepSpec[]) => void = () => {}): FrameParts {
  const steps = [
    ...[btfLoad, arrayCreate, arrayUpdate, freeze, structOpsCreate(FLAG_LINK), moduleProgLoad],
    ...[bind, structOpsUpdate, linkCreate],
  ];
  change(steps);
  return layOut(steps, {btf: KERNEL_BTF, modules: [{...HID_BTF, slot: 0}]});
}

/** What a `.struct_ops` object becomes. */
export function legacyFrame(change: (steps: StepSpec[]) => void = () => {}): FrameParts {
  const steps = [btfLoad, arrayCreate, arrayUpdate, structOpsCreate(0), progLoad, structOpsUpdate];
  change(steps);
  return layOut(steps, {btf: KERNEL_BTF});
}
