import {ATTACH, type FrameParts, LOAD, layOut, type StepSpec} from './frame_builder.js';
import * as sample from './sample_frames.js';

/**
 * Frames for the life of a registration. What was there before them is made by FAKE_WORLD: a legacy map has id 1; a link
 * of a map 1 has id 2.
 */

export const OBJ_PIN = 6;
export const OBJ_GET = 7;
export const MAP_GET_FD_BY_ID = 14;
export const LINK_UPDATE = 29;
export const LINK_GET_FD_BY_ID = 30;
const LINK_DETACH = 34;
const PINNED_MAP = 0x8000_0002;
const UNPIN = 0x8000_0003;
const LIST = 0x8000_0004;

const FLAG_LINK = 0x2000;
const GETS_LINK = 2;

export const pathRange = (path: string) => ({bytes: Buffer.from(`${path}\0`), shared: true});

export function pin(path: string, slot: number): StepSpec {
  const ranges = {0: pathRange(path)};
  return {cmd: OBJ_PIN, phase: ATTACH, attrSize: 20, slots: {8: slot}, ranges};
}

export function unpin(path: string, slot: number): StepSpec {
  const ranges = {0: pathRange(path)};
  return {cmd: UNPIN, phase: ATTACH, attrSize: 16, slots: {8: slot}, ranges};
}

export function getPin(path: string, what: 'link' | 'map', slot: number): StepSpec {
  const flags = what === 'link' ? GETS_LINK : 0;
  return {cmd: OBJ_GET, phase: LOAD, attrSize: 20, ranges: {0: pathRange(path)}, flags, slot};
}

export function getById(cmd: number, id: number, slot: number): StepSpec {
  return {cmd, phase: LOAD, attrSize: 12, numbers: {0: id}, slot};
}

export const detach = (slot: number): StepSpec => ({
  ...{cmd: LINK_DETACH, phase: ATTACH, attrSize: 4, slots: {0: slot}},
});

export const deleteElem = (slot: number): StepSpec => ({
  ...{cmd: sample.MAP_DELETE_ELEM, phase: ATTACH, attrSize: 32, slots: {0: slot}},
  ranges: {8: {bytes: Buffer.alloc(4), shared: true}},
});

export const update = (link: number, map: number, old?: number): StepSpec => ({
  ...{cmd: LINK_UPDATE, phase: ATTACH, attrSize: 16},
  numbers: old === undefined ? {} : {8: 4},
  slots: {0: link, 4: map, ...(old === undefined ? {} : {12: old})},
});

export const list: StepSpec = {cmd: LIST, phase: LOAD, attrSize: 8};

/** A hash of 16 entries of 8 bytes that lives at a path, in slot 2. */
export const pinnedMap = (path: string): StepSpec => ({
  ...{cmd: PINNED_MAP, phase: LOAD, attrSize: 104, slot: 2},
  numbers: {0: 1, 4: 4, 8: 8, 12: 16, 28: 'shared'},
  ranges: {96: pathRange(path)},
});

/** A struct_ops map in slot 3 and its program in slot 4; then its value is ready, or it is registered. */
function loaded(flags: number): [StepSpec[], StepSpec] {
  const {slots: _, ...create} = sample.structOpsCreate(flags);
  const {attrSize, numbers = {}, ranges = {}} = sample.progLoad;
  const bytes = Buffer.alloc(16);
  const program = {
    ...sample.progLoad,
    attrSize,
    numbers,
    slots: {},
    ranges: {...ranges, 8: {bytes}},
  };
  return [[{...create, slots: {}}, program], sample.structOpsUpdate];
}

const [linkLoad, ready] = loaded(FLAG_LINK);
const [legacyLoad, register] = loaded(0);
const frame = (...steps: StepSpec[]): FrameParts => layOut(steps, {btf: sample.KERNEL_BTF});

/** A link, pinned in directories that are not there yet; a map that is pinned by its name. */
export const pinFrame = () =>
  frame(pinnedMap('shared'), ...linkLoad, ready, sample.linkCreate, pin('a/b/link', 5));

/** A map without a link, pinned. */
export const legacyPinFrame = () => frame(...legacyLoad, register, pin('legacy', 3));

/** Link 2 gets another map at once, if it still has map 1. */
export const updateFrame = () =>
  frame(
    ...[getById(LINK_GET_FD_BY_ID, 2, 6), getById(MAP_GET_FD_BY_ID, 1, 7)],
    ...[...linkLoad, ready, update(6, 3, 7), pin('elsewhere', 3)],
  );

/** The link pinned at `old/link` is detached, and another one attached and pinned in its place. */
export const swapFrame = () =>
  frame(
    ...[getPin('old/link', 'link', 6), ...linkLoad, ready, unpin('old/link', 6), detach(6)],
    ...[sample.linkCreate, pin('old/link', 5)],
  );

/** Legacy map 1 goes, and another comes. */
export const legacySwapFrame = () =>
  frame(getById(MAP_GET_FD_BY_ID, 1, 6), ...legacyLoad, deleteElem(6), register);

export const listFrame = () => layOut([list]);
export const detachFrame = () =>
  layOut([getPin('old/link', 'link', 0), unpin('old/link', 0), detach(0)]);

/** Name -> the frame, and the world that it is for. */
export const LIFE_FRAMES = {
  pin: {make: pinFrame, world: ''},
  legacyPin: {make: legacyPinFrame, world: ''},
  update: {make: updateFrame, world: 'link'},
  swap: {make: swapFrame, world: 'link pin:old/link'},
  legacySwap: {make: legacySwapFrame, world: 'legacy'},
  list: {make: listFrame, world: 'link'},
  detach: {make: detachFrame, world: 'link pin:old/link'},
} as const;
