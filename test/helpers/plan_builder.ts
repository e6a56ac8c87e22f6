import {
  ADDRESS_IN_ATTR,
  encode,
  type FrameParts,
  NONE,
  SLOT_IN_ATTR,
  SLOT_IN_BLOB,
} from '../shim/frame_builder.js';

/**
 * Plans from literals that use the kernel's names, laid out as docs/plan-format.md asks. The fields of `union bpf_attr`
 * are written down here once more, so that this is a second opinion on those in assembly/.
 */
export interface PlanLiteral {
  readonly object?: {
    readonly name: string | Uint8Array;
    readonly size: bigint;
    readonly sha256: string;
  };
  readonly btf?: {readonly size: bigint; readonly xxh64: bigint};
  readonly modules?: readonly ModuleLiteral[];
  /** Bits. */
  readonly capabilities?: bigint;
  readonly steps?: readonly StepLiteral[];
  /** Those that are no members and no value types. */
  readonly notes?: readonly NoteLiteral[];
}

export interface ModuleLiteral {
  readonly name: string;
  readonly size: bigint;
  readonly xxh64: bigint;
  readonly slot: number;
}

export interface StepLiteral {
  readonly cmd: keyof typeof COMMANDS;
  readonly name?: string;
  readonly phase?: 'load' | 'attach';
  readonly slot?: number;
  readonly may_fail?: boolean;
  readonly attr?: Readonly<Record<string, number | bigint | string>>;
  /** By attr field. */
  readonly slots?: Readonly<Record<string, number>>;
  /** By attr field. */
  readonly blobs?: Readonly<Record<string, BlobLiteral>>;
  readonly value_type?: string;
  /** Of the blob `value`. */
  readonly members?: readonly MemberLiteral[];
}

export interface BlobLiteral {
  readonly bytes: Uint8Array;
  readonly shared?: boolean;
  readonly slots?: readonly {readonly at: number; readonly slot: number; readonly width: 4 | 8}[];
}

export interface MemberLiteral {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Its BTF kind. */
  readonly kind: number;
}

export interface NoteLiteral {
  readonly kind: 'loss' | 'warning' | 'setting';
  /** Absent: the whole plan. */
  readonly step?: number;
  readonly text: string | Uint8Array;
}

interface CommandLayout {
  readonly cmd: number;
  readonly attrSize: number;
  /** Offset of each field that is not 4 bytes long with its size, else the offset alone. */
  readonly fields: Readonly<Record<string, number | readonly [offset: number, size: number]>>;
}

const ELEMENT = {map_fd: 0, key: [8, 8], value: [16, 8], flags: [24, 8]} as const;

const COMMANDS = {
  BPF_MAP_CREATE: {
    cmd: 0,
    attrSize: 92,
    fields: {
      ...{map_type: 0, key_size: 4, value_size: 8, max_entries: 12, map_flags: 16},
      ...{inner_map_fd: 20, numa_node: 24, map_name: [28, 16], btf_fd: 48, btf_key_type_id: 52},
      ...{btf_value_type_id: 56, btf_vmlinux_value_type_id: 60, map_extra: [64, 8]},
      value_type_btf_obj_fd: 72,
    },
  },
  BPF_MAP_UPDATE_ELEM: {cmd: 2, attrSize: 32, fields: ELEMENT},
  BPF_MAP_DELETE_ELEM: {cmd: 3, attrSize: 32, fields: ELEMENT},
  BPF_PROG_LOAD: {
    cmd: 5,
    attrSize: 168,
    fields: {
      ...{prog_type: 0, insn_cnt: 4, insns: [8, 8], license: [16, 8], kern_version: 40},
      ...{prog_flags: 44, prog_name: [48, 16], expected_attach_type: 68, prog_btf_fd: 72},
      ...{func_info_rec_size: 76, func_info: [80, 8], func_info_cnt: 88},
      ...{line_info_rec_size: 92, line_info: [96, 8], line_info_cnt: 104},
      ...{attach_btf_id: 108, attach_btf_obj_fd: 112, fd_array: [120, 8]},
    },
  },
  BPF_BTF_LOAD: {cmd: 18, attrSize: 40, fields: {btf: [0, 8], btf_size: 16}},
  BPF_MAP_FREEZE: {cmd: 22, attrSize: 4, fields: {map_fd: 0}},
  BPF_LINK_CREATE: {cmd: 28, attrSize: 64, fields: {map_fd: 0, attach_type: 8}},
  BPF_PROG_BIND_MAP: {cmd: 35, attrSize: 12, fields: {prog_fd: 0, map_fd: 4}},
} as const satisfies Record<string, CommandLayout>;

const NOTE_KINDS = {member: 1, loss: 2, warning: 3, setting: 4, value_type: 5};

/** The bytes of a plan. */
export function buildPlan(literal: PlanLiteral): Buffer {
  return encode(planParts(literal));
}

/** Its records, to break a rule before `encode` of test/shim/frame_builder.ts makes bytes of them. */
export function planParts(literal: PlanLiteral): FrameParts {
  return new PlanLayout().add(literal);
}

class PlanLayout {
  readonly #shared: Uint8Array[] = [];
  readonly #private: Uint8Array[] = [];
  #sharedSize = 0;
  #privateEnd = 0;
  readonly #parts: Omit<FrameParts, 'head' | 'blob'> = {
    modules: [],
    steps: [],
    patches: [],
    notes: [],
  };

  add(literal: PlanLiteral): FrameParts {
    const {object, btf, modules = [], steps = [], notes = [], capabilities = 0n} = literal;
    const name = this.#text(object?.name ?? '');
    for (const {name, size, xxh64, slot} of modules) {
      const {at, size: name_size} = this.#text(name);
      const record = {name: at, name_size, btf_size: size, btf_xxh64: xxh64, slot, zero: 0};
      this.#parts.modules.push(record);
    }
    // Everything shared comes first in the blob, so it is placed before the steps.
    const places = steps.map(step => this.#shareTexts(step));
    for (const note of notes) this.#note(note.kind, note.step ?? NONE, note.text);
    this.#endShared();
    steps.forEach((step, index) => {
      this.#step(step, index, places[index] as SharedPlaces);
    });
    const slots = [...modules, ...steps].map(({slot}) => slot ?? -1);
    return {
      ...this.#parts,
      head: {
        ...headOf(object?.sha256 ?? '00'.repeat(32)),
        slot_count: Math.max(-1, ...slots) + 1,
        capabilities,
        object_size: object?.size ?? 0,
        object_name: name.at,
        object_name_size: name.size,
        btf_size: btf?.size ?? 0,
        btf_xxh64: btf?.xxh64 ?? 0,
        shared_size: this.#sharedSize,
      },
      blob: Buffer.concat([...this.#shared, ...this.#private]),
    };
  }

  #shareTexts(step: StepLiteral): SharedPlaces {
    const blobs = Object.entries(step.blobs ?? {});
    return {
      name: this.#text(step.name ?? ''),
      blobs: Object.fromEntries(
        blobs
          .filter(([, blob]) => blob.shared)
          .map(([name, {bytes}]) => [name, this.#text(bytes).at]),
      ),
      valueType: this.#text(step.value_type ?? ''),
      members: (step.members ?? []).map(({name}) => this.#text(name)),
    };
  }

  #step(step: StepLiteral, index: number, places: SharedPlaces): void {
    const layout: CommandLayout = COMMANDS[step.cmd];
    const {steps, patches, notes} = this.#parts;
    const first = patches.length;
    const attr = this.#place(attrImage(layout, step.attr ?? {}));
    const starts: Record<string, number> = {};
    for (const {field, at, size} of fieldsOf(layout)) {
      const blob = step.blobs?.[field];
      const slot = step.slots?.[field];
      if (blob !== undefined) {
        const source = places.blobs[field] ?? this.#place(blob.bytes);
        starts[field] = source;
        const record = {kind: ADDRESS_IN_ATTR, offset: at, width: size, source, zero: 0};
        patches.push({...record, size: blob.bytes.length});
      } else if (slot !== undefined) {
        const record = {kind: SLOT_IN_ATTR, offset: at, width: size, source: slot};
        patches.push({...record, size: 0, zero: 0});
      }
    }
    for (const {field} of fieldsOf(layout)) {
      for (const {at, slot, width} of step.blobs?.[field]?.slots ?? []) {
        const offset = (starts[field] ?? 0) + at;
        patches.push({kind: SLOT_IN_BLOB, offset, width, source: slot, size: 0, zero: 0});
      }
    }
    steps.push({
      cmd: layout.cmd,
      phase: step.phase === 'attach' ? 2 : 1,
      attr,
      attr_size: layout.attrSize,
      patch_first: first,
      patch_count: patches.length - first,
      slot: step.slot ?? NONE,
      flags: step.may_fail ? 1 : 0,
      name: places.name.at,
      name_size: places.name.size,
      zero_0: 0,
      zero_1: 0,
    });
    if (step.value_type !== undefined) notes.push(valueTypeNote(index, places.valueType));
    step.members?.forEach((member, i) => {
      const offset = (starts.value ?? 0) + member.offset;
      notes.push(memberNote(index, member, offset, places.members[i] as Place));
    });
  }

  #note(kind: keyof typeof NOTE_KINDS, step: number, text: string | Uint8Array): void {
    const {at, size} = this.#text(text);
    const bytes = {offset: 0, size: 0, text: at, text_size: size};
    this.#parts.notes.push({kind: NOTE_KINDS[kind], step, ...bytes, argument: 0, zero: 0});
  }

  #text(text: string | Uint8Array): Place {
    const bytes = Buffer.from(text);
    const at = this.#sharedSize;
    this.#shared.push(bytes);
    this.#sharedSize += bytes.length;
    return {at, size: bytes.length};
  }

  #endShared(): void {
    this.#text(Buffer.alloc(-this.#sharedSize & 7));
    this.#privateEnd = this.#sharedSize;
  }

  /** A private range, with its padding. */
  #place(bytes: Uint8Array): number {
    const at = this.#privateEnd;
    const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
    this.#private.push(padded);
    this.#privateEnd += padded.length;
    return at;
  }
}

interface Place {
  readonly at: number;
  readonly size: number;
}

interface SharedPlaces {
  readonly name: Place;
  readonly blobs: Readonly<Record<string, number>>;
  readonly valueType: Place;
  readonly members: readonly Place[];
}

function headOf(sha256: string) {
  const digest = Buffer.from(sha256, 'hex');
  const counted = {frame_size: 0, module_count: 0, step_count: 0, patch_count: 0, note_count: 0};
  return {
    ...counted,
    magic: Buffer.from('structop').readBigUInt64LE(),
    version: 1,
    blob_size: 0,
    object_sha256_0: digest.readBigUInt64LE(0),
    object_sha256_1: digest.readBigUInt64LE(8),
    object_sha256_2: digest.readBigUInt64LE(16),
    object_sha256_3: digest.readBigUInt64LE(24),
    zero_0: 0,
    zero_1: 0,
    zero_2: 0,
  };
}

function attrImage(layout: CommandLayout, attr: NonNullable<StepLiteral['attr']>): Buffer {
  const image = Buffer.alloc(layout.attrSize);
  for (const {field, at, size} of fieldsOf(layout)) {
    const value = attr[field] ?? 0;
    if (typeof value === 'string') image.write(value, at, size);
    else if (size === 8) image.writeBigUInt64LE(BigInt(value), at);
    else image.writeUInt32LE(Number(value), at);
  }
  return image;
}

function fieldsOf({fields}: CommandLayout): {field: string; at: number; size: number}[] {
  return Object.entries(fields).map(([field, place]) => {
    const [at, size] = typeof place === 'number' ? [place, 4] : place;
    return {field, at, size};
  });
}

function valueTypeNote(step: number, {at, size}: Place): FrameParts['notes'][number] {
  const text = {text: at, text_size: size};
  return {kind: NOTE_KINDS.value_type, step, offset: 0, size: 0, ...text, argument: 0, zero: 0};
}

function memberNote(
  step: number,
  {size, kind}: MemberLiteral,
  offset: number,
  text: Place,
): FrameParts['notes'][number] {
  const place = {offset, size, text: text.at, text_size: text.size};
  return {kind: NOTE_KINDS.member, step, ...place, argument: kind, zero: 0};
}
