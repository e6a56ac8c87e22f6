import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {xxh64} from '../bytes/xxh64';
import {Input} from '../fault/fault';
import {Faults} from '../fault/faults';
import {TypeNames} from './type_names';
import {CHECKPOINT_SHIFT, TypePlaces} from './type_places';

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
  /** Whether the places lie where they stay. */
  private settled: bool = false;

  constructor(
    /** NUL-terminated; empty for vmlinux. */
    readonly name: usize,
    readonly at: usize,
    readonly size: u32,
    /** Of its records, from the first walk on. */
    readonly places: TypePlaces = new TypePlaces(),
  ) {}

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
      this.places.at,
      CHECKPOINT_SHIFT,
      firstId,
      firstId + this.typeCount,
      base === null ? 0 : base.firstString + base.stringsSize,
    );
  }

  /** Before more plans for vmlinux; nothing was allocated since the heap was taken back to the end of this. */
  keep(): void {
    if (!this.settled) {
      this.settled = this.typeCount != 0;
      this.places.settle(this.typeCount);
    }
    if (this.walkCount != MANY_WALKS || this.names !== null) return;
    const header = BtfHeader.parse(this.at, this.size, Input.Kernel, 0, false, new Faults());
    if (header !== null) this.names = TypeNames.of(this.open(header, null));
  }
}
