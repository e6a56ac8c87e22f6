import {createHash} from 'node:crypto';

/** Plan frames as docs/plan-format.md defines them, right ones and, by changing records, wrong ones. */

export const NONE = 0xffff_ffff;
export const LOAD = 1;
export const ATTACH = 2;
export const ADDRESS_IN_ATTR = 1;
export const SLOT_IN_ATTR = 2;
export const SLOT_IN_BLOB = 3;

/** The records of a frame, by the field names of the format. Counts and sizes follow from the arrays. */
export interface FrameParts {
  readonly head: Record<HeadField, number | bigint>;
  readonly modules: Record<ModuleField, number | bigint>[];
  readonly steps: Record<StepField, number>[];
  readonly patches: Record<PatchField, number>[];
  readonly notes: Record<NoteField, number>[];
  blob: Buffer;
}

export interface StepSpec {
  readonly cmd: number;
  readonly phase: number;
  readonly attrSize: number;
  /** Offset in the attr image -> u32, or text. */
  readonly numbers?: Readonly<Record<number, number | string>>;
  /** Offset in the attr image -> slot. */
  readonly slots?: Readonly<Record<number, number>>;
  /** Offset in the attr image -> the range that it points to. */
  readonly ranges?: Readonly<Record<number, RangeSpec>>;
  readonly slot?: number;
  readonly flags?: number;
}

export interface RangeSpec {
  readonly bytes: Uint8Array;
  readonly shared?: boolean;
  /** Offset in `bytes` -> slot, and the width of the patch, 4 when absent. */
  readonly slots?: Readonly<Record<number, number>>;
  readonly width?: number;
}

export interface ModuleSpec {
  readonly name: string;
  readonly size: number;
  readonly xxh64: bigint;
  readonly slot: number;
}

type HeadField = keyof typeof HEAD;
type ModuleField = keyof typeof MODULE;
type StepField = keyof typeof STEP;
type PatchField = keyof typeof PATCH;
type NoteField = keyof typeof NOTE;

/** Field -> its size in bytes, in order. */
const HEAD = {
  magic: 8,
  version: 4,
  frame_size: 4,
  slot_count: 4,
  module_count: 4,
  step_count: 4,
  patch_count: 4,
  note_count: 4,
  blob_size: 4,
  capabilities: 8,
  object_size: 8,
  object_sha256_0: 8,
  object_sha256_1: 8,
  object_sha256_2: 8,
  object_sha256_3: 8,
  object_name: 4,
  object_name_size: 4,
  btf_size: 8,
  btf_xxh64: 8,
  shared_size: 4,
  zero_0: 4,
  zero_1: 4,
  zero_2: 4,
} as const;
const MODULE = {name: 4, name_size: 4, btf_size: 8, btf_xxh64: 8, slot: 4, zero: 4} as const;
const STEP = {
  cmd: 4,
  phase: 4,
  attr: 4,
  attr_size: 4,
  patch_first: 4,
  patch_count: 4,
  slot: 4,
  flags: 4,
  name: 4,
  name_size: 4,
  zero_0: 4,
  zero_1: 4,
} as const;
const PATCH = {kind: 4, offset: 4, width: 4, source: 4, size: 4, zero: 4} as const;
const NOTE = {
  kind: 4,
  step: 4,
  offset: 4,
  size: 4,
  text: 4,
  text_size: 4,
  argument: 4,
  zero: 4,
} as const;

/** A frame of these steps, laid out as the format asks. */
export function layOut(
  steps: readonly StepSpec[],
  {modules = [], btf}: {modules?: readonly ModuleSpec[]; btf?: {size: number; xxh64: bigint}} = {},
): FrameParts {
  const blob = new BlobWriter();
  const name = blob.addShared(Buffer.from('x.bpf.o'));
  const moduleRecords = modules.map(module => ({
    name: blob.addShared(Buffer.from(module.name)),
    name_size: module.name.length,
    btf_size: module.size,
    btf_xxh64: module.xxh64,
    slot: module.slot,
    zero: 0,
  }));
  const shared = steps.map(step => addSharedRanges(blob, step));
  const sharedSize = blob.endShared();
  const patches: Record<PatchField, number>[] = [];
  const records = steps.map((step, index) => addStep(blob, step, shared[index] ?? {}, patches));
  const slots = [...steps.map(step => step.slot ?? -1), ...modules.map(module => module.slot)];
  const head = Object.fromEntries(Object.keys(HEAD).map(field => [field, 0]));
  return {
    head: {
      ...(head as Record<HeadField, number>),
      magic: Buffer.from('structop').readBigUInt64LE(),
      version: 1,
      slot_count: Math.max(-1, ...slots) + 1,
      object_name: name,
      object_name_size: 7,
      btf_size: btf?.size ?? 0,
      btf_xxh64: btf?.xxh64 ?? 0n,
      shared_size: sharedSize,
    },
    modules: moduleRecords,
    steps: records,
    patches,
    notes: [{kind: 3, step: 0, offset: 0, size: 8, text: name, text_size: 7, argument: 0, zero: 0}],
    blob: blob.bytes(),
  };
}

/** The bytes of a frame. What `forced` names stands in the head instead of the true size or count. */
export function encode(
  parts: FrameParts,
  forced: Partial<Record<HeadField, number | bigint>> = {},
): Buffer {
  const {modules, steps, patches, notes, blob} = parts;
  const body = [
    ...modules.map(module => record(MODULE, module)),
    ...steps.map(step => record(STEP, step)),
    ...patches.map(patch => record(PATCH, patch)),
    ...notes.map(note => record(NOTE, note)),
    blob,
  ];
  const bodySize = body.reduce((size, bytes) => size + bytes.length, 0);
  const head = record(HEAD, {
    ...parts.head,
    frame_size: 128 + bodySize + 32,
    module_count: modules.length,
    step_count: steps.length,
    patch_count: patches.length,
    note_count: notes.length,
    blob_size: blob.length,
    ...forced,
  });
  return withDigest(Buffer.concat([head, ...body]));
}

export function withDigest(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]);
}

function record(
  layout: Readonly<Record<string, number>>,
  fields: Readonly<Record<string, number | bigint>>,
): Buffer {
  return Buffer.concat(
    Object.entries(layout).map(([name, size]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(fields[name] ?? 0));
      return bytes.subarray(0, size);
    }),
  );
}

function addSharedRanges(blob: BlobWriter, step: StepSpec): Record<number, number> {
  const places: Record<number, number> = {};
  for (const [at, range] of Object.entries(step.ranges ?? {})) {
    if (range.shared) places[Number(at)] = blob.addShared(range.bytes);
  }
  return places;
}

function addStep(
  blob: BlobWriter,
  step: StepSpec,
  shared: Readonly<Record<number, number>>,
  patches: Record<PatchField, number>[],
): Record<StepField, number> {
  const first = patches.length;
  const attr = Buffer.alloc(step.attrSize);
  for (const [at, value] of Object.entries(step.numbers ?? {})) {
    if (typeof value === 'string') attr.write(value, Number(at));
    else attr.writeUInt32LE(value, Number(at));
  }
  const place = blob.addPrivate(attr);
  const inBlob: Record<PatchField, number>[] = [];
  const targets = {...step.slots, ...step.ranges};
  for (const at of Object.keys(targets).map(Number)) {
    const range = step.ranges?.[at];
    if (range === undefined) {
      const slot = step.slots?.[at] ?? 0;
      patches.push({kind: SLOT_IN_ATTR, offset: at, width: 4, source: slot, size: 0, zero: 0});
      continue;
    }
    const source = shared[at] ?? blob.addPrivate(range.bytes);
    const size = range.bytes.length;
    patches.push({kind: ADDRESS_IN_ATTR, offset: at, width: 8, source, size, zero: 0});
    for (const [within, slot] of Object.entries(range.slots ?? {})) {
      const offset = source + Number(within);
      const width = range.width ?? 4;
      inBlob.push({kind: SLOT_IN_BLOB, offset, width, source: slot, size: 0, zero: 0});
    }
  }
  patches.push(...inBlob);
  return {
    cmd: step.cmd,
    phase: step.phase,
    attr: place,
    attr_size: step.attrSize,
    patch_first: first,
    patch_count: patches.length - first,
    slot: step.slot ?? NONE,
    flags: step.flags ?? 0,
    name: 0,
    name_size: 7,
    zero_0: 0,
    zero_1: 0,
  };
}

class BlobWriter {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;

  addShared(bytes: Uint8Array): number {
    const place = this.size;
    this.pieces.push(bytes);
    this.size += bytes.length;
    return place;
  }

  /** @returns shared_size */
  endShared(): number {
    this.addShared(Buffer.alloc(-this.size & 7));
    return this.size;
  }

  addPrivate(bytes: Uint8Array): number {
    const place = this.addShared(bytes);
    this.endShared();
    return place;
  }

  bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}
