import {
  ATTACH,
  type FrameParts,
  HOTPLUG_SEQ,
  KSYM_HIGH,
  KSYM_LOW,
  LOAD,
  layOut,
  POSSIBLE_CPUS,
  type StepSpec,
  WEAK_KSYM_HIGH,
  WEAK_KSYM_LOW,
} from './frame_builder.js';

export const MAP_CREATE = 0;
export const MAP_UPDATE_ELEM = 2;
export const MAP_DELETE_ELEM = 3;
export const PROG_LOAD = 5;
export const BTF_LOAD = 18;
export const MAP_FREEZE = 22;
export const LINK_CREATE = 28;
export const PROG_BIND_MAP = 35;
const PROG_ASSOC_STRUCT_OPS = 38;
export const ARENA_MAP = 0x8000_0001;

/** The BTF of the fake kernel is the bytes "abc"; it has a module "hid" with the BTF "a". */
export const KERNEL_BTF = {size: 3, xxh64: 0x44bc2cf5ad770999n};
const HID_BTF = {name: 'hid', size: 1, xxh64: 0xd24ec4f1a98c6e5bn};

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

/** As many entries as there are CPUs, in slot 0. */
export const perfCreate: StepSpec = {
  cmd: MAP_CREATE,
  phase: LOAD,
  attrSize: 92,
  numbers: {0: 4, 4: 4, 8: 4, 28: 'events'},
  values: {12: {value: POSSIBLE_CPUS}},
  slot: 0,
};

/** 16 pages at 2^45, in slot 1. */
export const arenaCreate: StepSpec = {
  cmd: MAP_CREATE,
  phase: LOAD,
  attrSize: 92,
  numbers: {0: 33, 12: 16, 16: 0x400, 28: 'arena', 68: 0x2000},
  slot: 1,
};

/** Three bytes, the first of them the last of a page. */
export const arenaMap: StepSpec = {
  cmd: ARENA_MAP,
  phase: LOAD,
  attrSize: 32,
  numbers: {8: 2 * 4096 - 1, 24: 3},
  slots: {0: 1},
  ranges: {16: {bytes: Buffer.from([1, 2, 3])}},
};

/** A program of type SYSCALL in slot 4 that loads the addresses of two symbols, one of them weak. */
export const ksymProgLoad: StepSpec = {
  cmd: PROG_LOAD,
  phase: LOAD,
  attrSize: 168,
  numbers: {0: 31, 4: 5, 48: 'addresses'},
  ranges: {
    8: {
      bytes: Buffer.from(
        '1801000000000000000000000000000018020000000000000000000000000000' + '9500000000000000',
        'hex',
      ),
      values: {
        4: {value: KSYM_LOW, symbol: 'strong_one'},
        12: {value: KSYM_HIGH, symbol: 'strong_one'},
        20: {value: WEAK_KSYM_LOW, symbol: 'weak_one'},
        28: {value: WEAK_KSYM_HIGH, symbol: 'weak_one'},
      },
    },
    16: {bytes: Buffer.from('GPL\0'), shared: true},
  },
  slot: 4,
};

/** The program of `ksymProgLoad` with the struct_ops map. */
export const associate: StepSpec = {
  cmd: PROG_ASSOC_STRUCT_OPS,
  phase: LOAD,
  attrSize: 12,
  slots: {0: 3, 4: 4},
  flags: 1,
};

/** What only the running kernel knows, an arena and an association, in a `.struct_ops.link` object. */
export function valueFrame(change: (steps: StepSpec[]) => void = () => {}): FrameParts {
  const {attrSize, numbers = {}, ranges = {}} = progLoad;
  const program = {...progLoad, attrSize, numbers, slots: {}, slot: 2};
  const value = {bytes: Buffer.alloc(40), slots: {8: 2}, values: {24: {value: HOTPLUG_SEQ}}};
  const steps: StepSpec[] = [
    ...[perfCreate, arenaCreate, arenaMap, {...structOpsCreate(FLAG_LINK), slots: {}}],
    ...[ksymProgLoad, associate],
    {...program, ranges: {...ranges, 8: {bytes: Buffer.alloc(16)}}},
    {...structOpsUpdate, ranges: {...structOpsUpdate.ranges, 16: {...value, width: 8}}},
    linkCreate,
  ];
  change(steps);
  return layOut(steps, {btf: KERNEL_BTF});
}

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
