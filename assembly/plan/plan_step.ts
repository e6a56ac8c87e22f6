import {ByteWriter} from '../bytes/byte_writer';
import {nameLength} from '../bytes/c_string';
import {BpfCommand} from '../uapi/bpf_attr';
import * as wire from './plan_wire';

/** Bytes that are made when the plan is written. */
export abstract class BlobSource {
  abstract write(to: ByteWriter): void;
}

/** A range of the blob: in the shared area from the start, or private to one step and placed when the plan is encoded. */
@final
export class BlobRange {
  /** Where its bytes come from, if they are not in memory yet. */
  source: BlobSource | null = null;

  constructor(
    /** Its bytes, or 0. */
    readonly from: usize,
    readonly size: u32,
    readonly shared: bool,
    /** Its place in the blob; of a private range once it is placed. */
    public offset: u32 = 0,
  ) {}
}

/** Something that the executor writes into a step before it calls bpf(2), see docs/plan-format.md. */
@final
export class Patch {
  constructor(
    readonly kind: u32,
    /** From the start of the attr image, or of `range` for SLOT_IN_BLOB. */
    readonly offset: u32,
    readonly width: u32,
    /** The slot of the fd, or the number of the run-time value. */
    readonly source: u32,
    readonly range: BlobRange | null,
    /** Of the run-time value. */
    readonly argument: u32 = 0,
  ) {}
}

/** One bpf(2) call to be. Fields of `union bpf_attr` are given by their kernel names. */
@final
export class PlanStep {
  readonly attr: BlobRange;
  /** Patches into the attr image. */
  readonly attrPatches: Patch[] = [];
  /** Patches into its private ranges. */
  readonly blobPatches: Patch[] = [];
  slot: u32 = wire.NONE;
  flags: u32 = 0;

  constructor(
    readonly command: BpfCommand,
    readonly phase: u32,
    /** For people, in the shared area. */
    readonly name: BlobRange,
  ) {
    const size = command.attrSize;
    const attr = heap.alloc(size);
    memory.fill(attr, 0, size);
    this.attr = new BlobRange(attr, size, false);
  }

  set(name: string, value: u64): void {
    const field = this.command.field(name);
    if (field.size == 4) store<u32>(this.attr.from + field.offset, <u32>value);
    else store<u64>(this.attr.from + field.offset, value);
  }

  /** A name of the kernel, at most 15 bytes. */
  setName(name: string, text: usize): void {
    memory.copy(this.attr.from + this.command.field(name).offset, text, nameLength(text));
  }

  setAddress(name: string, range: BlobRange): void {
    const offset = this.command.field(name).offset;
    this.attrPatches.push(new Patch(wire.ADDRESS_IN_ATTR, offset, 8, 0, range));
  }

  setSlot(name: string, slot: u32): void {
    const offset = this.command.field(name).offset;
    this.attrPatches.push(new Patch(wire.SLOT_IN_ATTR, offset, 4, slot, null));
  }

  setValue(name: string, value: u32): void {
    const field = this.command.field(name);
    this.attrPatches.push(new Patch(wire.VALUE_IN_ATTR, field.offset, field.size, value, null));
  }

  /** A run-time value, at `offset` bytes of one of the step's private ranges. */
  setValueIn(range: BlobRange, offset: u32, width: u32, value: u32, argument: u32): void {
    const kind = wire.VALUE_IN_BLOB;
    this.blobPatches.push(new Patch(kind, offset, width, value, range, argument));
  }

  /** The fd in a slot, at `offset` bytes of one of the step's private ranges. */
  setSlotIn(range: BlobRange, offset: u32, width: u32, slot: u32): void {
    this.blobPatches.push(new Patch(wire.SLOT_IN_BLOB, offset, width, slot, range));
  }
}

/** Something for people. */
@final
export class PlanNote {
  constructor(
    readonly kind: u32,
    /** Index of the step that it speaks of, or NONE. */
    readonly step: u32,
    readonly text: BlobRange,
    /** The bytes that it speaks of lie in this range, or null. */
    readonly range: BlobRange | null = null,
    readonly offset: u32 = 0,
    readonly size: u32 = 0,
    readonly argument: u32 = 0,
  ) {}
}
