import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {xxh64} from '../bytes/xxh64';
import {Input} from '../fault/fault';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {TypeNames} from './type_names';
import {CHECKPOINT_SHIFT} from './type_walk';

/** After so many walks through one BTF its names are looked up instead. */
const MANY_WALKS: u32 = 2;

/** A BTF of the target kernel as the host handed it over, and what was found out about it. */
@final
export class BtfInput {
  typeCount: u32 = 0;
  /** How many walks have found nothing wrong. */
  private walkCount: u32 = 0;
  /** Instead of a walk, if not null. */
  names: TypeNames | null = null;
  private digest: u64 = 0;
  private hasDigest: bool = false;

  constructor(
    /** NUL-terminated; empty for vmlinux. */
    readonly name: usize,
    readonly at: usize,
    readonly size: u32,
    /** Where TypeWalk keeps places of records. */
    readonly checkpoints: usize,
  ) {}

  /** One that lies in memory. */
  static of(name: usize, at: usize, size: u32): BtfInput {
    // No record is smaller.
    const most = size / uapi.BTF_TYPE_SIZE;
    return new BtfInput(name, at, size, heap.alloc((<usize>(most >> CHECKPOINT_SHIFT) + 1) * 4));
  }

  get xxh64(): u64 {
    if (!this.hasDigest) this.digest = xxh64(this.at, this.size);
    this.hasDigest = true;
    return this.digest;
  }

  /** Of one that was hashed while it came by. */
  set xxh64(digest: u64) {
    this.digest = digest;
    this.hasDigest = true;
  }

  /** After a walk through all records, which found nothing wrong. */
  walked(typeCount: u32): void {
    this.typeCount = typeCount;
    this.walkCount++;
  }

  open(header: BtfHeader, base: Btf | null): Btf {
    const firstId = base === null ? 1 : base.endId;
    return new Btf(
      base,
      this.at + header.typesOffset,
      header.typesSize,
      this.at + header.stringsOffset,
      header.stringsSize,
      this.checkpoints,
      CHECKPOINT_SHIFT,
      firstId,
      firstId + this.typeCount,
      base === null ? 0 : base.firstString + base.stringsSize,
    );
  }

  /** Before more plans for vmlinux. */
  keep(): void {
    if (this.walkCount != MANY_WALKS || this.names !== null) return;
    const header = BtfHeader.parse(this.at, this.size, Input.Kernel, 0, false, new Faults());
    if (header !== null) this.names = TypeNames.of(this.open(header, null));
  }
}
