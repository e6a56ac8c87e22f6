import {createHash} from 'node:crypto';

/** Plan frames as docs/plan-format.md defines them, right ones and, by changing records, wrong ones. */

export const NONE = 0xffff_ffff;
export const LOAD = 1;
export const ATTACH = 2;
export const ADDRESS_IN_ATTR = 1;
export const SLOT_IN_ATTR = 2;
export const SLOT_IN_BLOB = 3;
export const VALUE_IN_ATTR = 4;
export const VALUE_IN_BLOB = 5;

/** Run-time values. */
export const POSSIBLE_CPUS = 1;
export const KSYM_LOW = 2;
export const KSYM_HIGH = 3;
export const WEAK_KSYM_LOW = 4;
export const WEAK_KSYM_HIGH = 5;
export const HOTPLUG_SEQ = 6;

/** CAP_NET_ADMIN, SYS_ADMIN, SYSLOG, PERFMON and BPF: all that a plan can ask for. */
const CAPABILITIES = [12n, 21n, 34n, 38n, 39n].reduce((bits, number) => bits | (1n << number), 0n);

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
  /** Offset in the attr image -> run-time value. */
  readonly values?: Readonly<Record<number, ValueSpec>>;
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
  /** Offset in `bytes` -> run-time value. */
  readonly values?: Readonly<Record<number, ValueSpec>>;
}

export interface ValueSpec {
  readonly value: number;
  /** Of a kernel symbol: the argument is where it lies, with a NUL, in the shared area. */
  readonly symbol?: string;
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
  const records = steps.map((step, index) =>
    addStep(blob, step, shared[index] as SharedPlaces, patches),
  );
  const slots = [...steps.map(step => step.slot ?? -1), ...modules.map(module => module.slot)];
  const head = Object.fromEntries(Object.keys(HEAD).map(field => [field, 0]));
  return {
    head: {
      ...(head as Record<HeadField, number>),
      magic: Buffer.from('structop').readBigUInt64LE(),
      version: 1,
      capabilities: CAPABILITIES,
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

/** Where a field of the head lies. */
function offsetOf(field: HeadField): number {
  const fields = Object.keys(HEAD) as HeadField[];
  return fields.slice(0, fields.indexOf(field)).reduce((sum, name) => sum + HEAD[name], 0);
}

/** A frame as it would be for a kernel with another BTF. */
export function forKernel(frame: Uint8Array, btf: {size: number; xxh64: bigint}): Buffer {
  const bytes = Buffer.from(frame.subarray(0, -32));
  bytes.writeBigUInt64LE(BigInt(btf.size), offsetOf('btf_size'));
  bytes.writeBigUInt64LE(btf.xxh64, offsetOf('btf_xxh64'));
  return withDigest(bytes);
}

/** A frame with one more step at its end, whose attr has nothing but fds of slots. */
export function withStep(frame: Uint8Array, step: StepSpec): Buffer {
  const head = Buffer.from(frame.subarray(0, 128));
  const number = (field: HeadField) => head.readUInt32LE(offsetOf(field));
  const stepsAt = 128 + 32 * number('module_count');
  const patchesAt = stepsAt + 48 * number('step_count');
  const notesAt = patchesAt + 24 * number('patch_count');
  const blobAt = notesAt + 32 * number('note_count');
  const slots = Object.entries(step.slots ?? {});
  const added = {
    steps: record(STEP, {
      ...{cmd: step.cmd, phase: step.phase, attr: number('blob_size')},
      ...{attr_size: step.attrSize, patch_first: number('patch_count')},
      ...{patch_count: slots.length, slot: NONE},
    }),
    patches: slots.map(([at, slot]) =>
      record(PATCH, patchRecord(SLOT_IN_ATTR, Number(at), 4, slot)),
    ),
    blob: Buffer.alloc(step.attrSize),
  };
  const parts = [
    ...[frame.subarray(128, patchesAt), added.steps],
    ...[frame.subarray(patchesAt, notesAt), ...added.patches],
    ...[frame.subarray(notesAt, blobAt), frame.subarray(blobAt, -32), added.blob],
  ];
  const change = (field: HeadField, by: number) =>
    head.writeUInt32LE(number(field) + by, offsetOf(field));
  change('step_count', 1);
  change('patch_count', slots.length);
  change('blob_size', step.attrSize);
  change('frame_size', 48 + 24 * slots.length + step.attrSize);
  return withDigest(Buffer.concat([head, ...parts]));
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

function addSharedRanges(blob: BlobWriter, step: StepSpec): SharedPlaces {
  const ranges: Record<number, number> = {};
  const symbols: Record<string, number> = {};
  for (const [at, range] of Object.entries(step.ranges ?? {})) {
    if (range.shared) ranges[Number(at)] = blob.addShared(range.bytes);
    for (const {symbol} of Object.values(range.values ?? {})) {
      if (symbol !== undefined) symbols[symbol] ??= blob.addShared(Buffer.from(`${symbol}\0`));
    }
  }
  return {ranges, symbols};
}

function addStep(
  blob: BlobWriter,
  step: StepSpec,
  shared: SharedPlaces,
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
  const targets = {...step.slots, ...step.values, ...step.ranges};
  for (const at of Object.keys(targets).map(Number)) {
    const range = step.ranges?.[at];
    const value = step.values?.[at];
    if (range !== undefined) {
      const source = shared.ranges[at] ?? blob.addPrivate(range.bytes);
      patches.push(patchRecord(ADDRESS_IN_ATTR, at, 8, source, range.bytes.length));
      inBlob.push(...patchesInRange(range, source, shared));
    } else if (value !== undefined) {
      patches.push(valueRecord(VALUE_IN_ATTR, at, value, shared));
    } else {
      patches.push(patchRecord(SLOT_IN_ATTR, at, 4, step.slots?.[at] ?? 0));
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

/** In ascending order, as the keys of an object with numbers for names are. */
function patchesInRange(range: RangeSpec, source: number, shared: SharedPlaces) {
  return Object.keys({...range.slots, ...range.values}).map(key => {
    const offset = source + Number(key);
    const value = range.values?.[Number(key)];
    if (value !== undefined) return valueRecord(VALUE_IN_BLOB, offset, value, shared);
    const slot = range.slots?.[Number(key)] ?? 0;
    return patchRecord(SLOT_IN_BLOB, offset, range.width ?? 4, slot);
  });
}

function valueRecord(kind: number, offset: number, spec: ValueSpec, {symbols}: SharedPlaces) {
  const width = spec.value === HOTPLUG_SEQ ? 8 : 4;
  return patchRecord(kind, offset, width, spec.value, symbols[spec.symbol ?? ''] ?? 0);
}

function patchRecord(
  kind: number,
  offset: number,
  width: number,
  source: number,
  size = 0,
): Record<PatchField, number> {
  return {kind, offset, width, source, size, zero: 0};
}

/** Where what a step has in the shared area lies: ranges by their offset in the attr image, symbols by name. */
interface SharedPlaces {
  readonly ranges: Readonly<Record<number, number>>;
  readonly symbols: Readonly<Record<string, number>>;
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
