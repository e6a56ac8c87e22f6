import {ByteWriter} from '../bytes/byte_writer';
import {nameLength, namesEqual} from '../bytes/c_string';
import {heapReserve} from '../bytes/heap';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {StringSection} from '../bytes/string_section';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {BtfHeader} from './btf_header';
import {kindOf, vlenOf} from './btf_record';
import {checkType} from './check_type';
import {TypeCycles} from './type_cycles';

/** Zero bytes behind a BTF. */
const PADDING: u32 = 8;
/** Room for what is mostly added: the variable that stands for kfuncs, of 16 bytes, and its name. */
const TYPES_TO_COME: u32 = 1;
const TYPES_ROOM: u32 = 16;
const STRINGS_ROOM: u32 = 16;

/**
 * The object's BTF: small, every id indexed, every id and name checked once. Held as a copy, since loading edits it.
 */
@final
export class LocalBtf {
  private constructor(
    readonly btf: Btf,
    /** The raw bytes, header included, as they go to BPF_BTF_LOAD. */
    readonly raw: usize,
    readonly rawSize: u32,
    readonly header: BtfHeader,
    private readonly names: NameIndex,
    /** Whether nothing was added yet, so that the room for it is there. */
    private readonly hasRoom: bool = false,
  ) {}

  static parse(from: usize, size: u32, fileOffset: u32, faults: Faults): LocalBtf | null {
    const header = BtfHeader.parse(from, size, Input.Object, fileOffset, false, faults);
    if (header === null) return null;
    const most = offsetsSize(header.typesSize) + (TYPES_TO_COME << 2);
    heapReserve(<usize>size + TYPES_ROOM + STRINGS_ROOM + PADDING + most);
    const raw = heap.alloc(<usize>size + TYPES_ROOM + STRINGS_ROOM + PADDING) + TYPES_ROOM;
    memory.copy(raw, from, size);
    memory.fill(raw + size, 0, STRINGS_ROOM + PADDING);
    const offsets = heap.alloc(most);
    const types = raw + header.typesOffset;
    const fileTypes = fileOffset + header.typesOffset;
    const count = indexTypes(types, 0, header.typesSize, offsets, fileTypes, faults);
    if (count < 0) return null;
    // What is left of that room is given back.
    heap.realloc(offsets, (<usize>count + TYPES_TO_COME) << 2);
    const names = new NameIndex(count + 1 + TYPES_TO_COME);
    const btf = btfOf(raw, header, offsets, count + 1);
    const made = new LocalBtf(btf, raw, size, header, names, true);
    return made.check(1, fileOffset, faults) ? made : null;
  }

  /**
   * This one with more types and strings at their ends, in its place: this one must not be used any more, nor the places of
   * its records; those of its names stay what they are. But it is given back, with a fault, if they make too much of it.
   */
  withTypes(types: ByteWriter, strings: ByteWriter, faults: Faults): LocalBtf {
    const header = this.header;
    const typesSize = header.typesSize + types.size;
    const stringsSize = header.stringsSize + strings.size;
    const size = header.headerSize + typesSize + header.layoutSize + stringsSize;
    const raw = this.fits(types.size, strings.size)
      ? this.widened(types, strings)
      : this.copied(size, types, strings);
    store<u32>(raw, 0, uapi.BTF_TYPE_OFF);
    store<u32>(raw, typesSize, uapi.BTF_TYPE_LEN);
    store<u32>(raw, typesSize + header.layoutSize, uapi.BTF_STR_OFF);
    if (header.layoutSize > 0) store<u32>(raw, typesSize, uapi.BTF_LAYOUT_OFF);
    store<u32>(raw, stringsSize, uapi.BTF_STR_LEN);
    const made = this.movedTo(raw, size, faults);
    return made === null ? this : made;
  }

  /** Whether there is room for more of that size, and the parts follow each other as they do in a copy. */
  private fits(typesSize: u32, stringsSize: u32): bool {
    const header = this.header;
    const typesEnd = header.headerSize + header.typesSize;
    return (
      this.hasRoom &&
      typesSize <= TYPES_ROOM &&
      stringsSize <= STRINGS_ROOM &&
      header.typesOffset == header.headerSize &&
      (header.layoutSize == 0 || header.layoutOffset == typesEnd) &&
      header.stringsOffset == typesEnd + header.layoutSize &&
      header.stringsOffset + header.stringsSize == this.rawSize
    );
  }

  /** The header and the types go where there is room before them: what names lie in stays. */
  private widened(types: ByteWriter, strings: ByteWriter): usize {
    const typesEnd = this.header.headerSize + this.header.typesSize;
    const raw = this.raw - types.size;
    memory.copy(raw, this.raw, typesEnd);
    memory.copy(raw + typesEnd, types.pointer, types.size);
    memory.copy(this.raw + this.rawSize, strings.pointer, strings.size);
    return raw;
  }

  private copied(size: u32, types: ByteWriter, strings: ByteWriter): usize {
    const header = this.header;
    heapReserve(<usize>size + PADDING);
    const out = new ByteWriter(size + PADDING);
    out.bytes(this.raw, header.headerSize);
    out.bytes(this.raw + header.typesOffset, header.typesSize);
    out.bytes(types.pointer, types.size);
    out.bytes(this.raw + header.layoutOffset, header.layoutSize);
    out.bytes(this.raw + header.stringsOffset, header.stringsSize);
    out.bytes(strings.pointer, strings.size);
    out.zeros(PADDING);
    return out.pointer;
  }

  /** The same types and strings for kernels that know of no layout; this one when it has none. */
  withoutLayout(faults: Faults): LocalBtf {
    const header = this.header;
    if (!header.hasLayout(this.raw)) return this;
    const typesEnd = header.typesOffset + header.typesSize;
    const out = new ByteWriter(typesEnd + header.stringsSize + PADDING);
    out.bytes(this.raw, typesEnd);
    out.setU32(uapi.BTF_LAYOUT_OFF, 0);
    out.setU32(uapi.BTF_LAYOUT_LEN, 0);
    out.setU32(uapi.BTF_STR_OFF, typesEnd - header.headerSize);
    out.bytes(this.raw + header.stringsOffset, header.stringsSize);
    const size = out.size;
    out.zeros(PADDING);
    const made = this.movedTo(out.pointer, size, faults);
    assert(made !== null, 'BTF without its layout is no BTF');
    return made!;
  }

  /** Other bytes with the same types and strings, and more at their ends: only those are checked. */
  private movedTo(raw: usize, size: u32, faults: Faults): LocalBtf | null {
    const header = BtfHeader.parse(raw, size, Input.Object, 0, false, faults);
    if (header === null) return null;
    const before = this.btf;
    const from = this.header.typesSize;
    let offsets = before.checkpoints;
    let endId = before.endId;
    if (header.typesSize > from) {
      const known = (<usize>(endId - 1)) << 2;
      const more = offsetsSize(header.typesSize - from);
      if (!this.hasRoom || more > TYPES_TO_COME << 2) {
        offsets = heap.alloc(known + more);
        memory.copy(offsets, before.checkpoints, known);
      }
      const types = raw + header.typesOffset;
      const count = indexTypes(
        types,
        from,
        header.typesSize,
        offsets + known,
        header.typesOffset,
        faults,
      );
      if (count < 0) return null;
      endId += count;
    }
    this.names.extend(endId, raw + header.stringsOffset - before.strings);
    const made = new LocalBtf(btfOf(raw, header, offsets, endId), raw, size, header, this.names);
    return made.check(before.endId, 0, faults) ? made : null;
  }

  /** Checks all types from that id on, and gets to know their names. */
  private check(first: u32, fileOffset: u32, faults: Faults): bool {
    const btf = this.btf;
    const names = this.names;
    const typesFileOffset = fileOffset + this.header.typesOffset;
    const strings = new StringSection(btf.strings, btf.stringsSize);
    for (let id = first; id < btf.endId; id++) {
      if (!checkType(btf, strings, id, typesFileOffset, faults)) return false;
    }
    if (!new TypeCycles(btf, typesFileOffset, faults).noneFrom(first)) return false;
    for (let id = btf.endId - 1; id >= first; id--) {
      const record = btf.record(id);
      const name = btf.nameOf(record);
      const kind = kindOf(record);
      // The lowest id of a name is the one that is found.
      const known: u32 = first == 1 ? 0 : this.find(name, kind);
      if (known == 0 || known >= first) names.add(id, name, kind);
    }
    if (!names.crowded) return true;
    faults
      .add(
        FaultCode.BTF_BAD_STRINGS,
        "the names in the object's BTF collide so often that they were made to",
      )
      .at(fileOffset + this.header.stringsOffset);
    return false;
  }

  /** The offset of a whole string; one that is in neither is put at the end of `more`, for withTypes(). */
  stringOrNew(name: usize, more: ByteWriter): u32 {
    const size = this.btf.stringsSize;
    const known = findString(this.btf.strings, size, name);
    if (known != size) return known;
    const at = findString(more.pointer, more.size, name);
    if (at == more.size) more.bytes(name, nameLength(name) + 1);
    return size + at;
  }

  /** Lowest id with that kind and exactly that name, or 0. */
  find(name: usize, kind: u32): u32 {
    const id = this.names.find(name, kind);
    return id == NOT_FOUND ? 0 : id;
  }

  /** Lowest id of a VAR or FUNC of that name, or 0. */
  findVarOrFunc(name: usize): u32 {
    const id = this.find(name, uapi.BTF_KIND_VAR);
    const func = this.find(name, uapi.BTF_KIND_FUNC);
    return id == 0 || (func != 0 && func < id) ? func : id;
  }
}

function btfOf(raw: usize, header: BtfHeader, offsets: usize, endId: u32): Btf {
  const types = raw + header.typesOffset;
  const strings = raw + header.stringsOffset;
  return new Btf(
    null,
    types,
    header.typesSize,
    strings,
    header.stringsSize,
    offsets,
    0,
    1,
    endId,
    0,
  );
}

/** Bytes for the offsets of all records, of which the smallest has 12 bytes. */
function offsetsSize(typesSize: u32): usize {
  return (<usize>(typesSize / uapi.BTF_TYPE_SIZE)) << 2;
}

/** Writes the offsets of all records from the one at `from` on, and gives their number; -1 and a fault. */
function indexTypes(
  types: usize,
  from: u32,
  size: u32,
  offsets: usize,
  typesFileOffset: u32,
  faults: Faults,
): i32 {
  let count = 0;
  let offset = from;
  while (offset < size) {
    const left = size - offset;
    const at = types + offset;
    const known = left >= uapi.BTF_TYPE_SIZE && kindOf(at) <= uapi.BTF_KIND_MAX && kindOf(at) != 0;
    if (left >= uapi.BTF_TYPE_SIZE && !known) {
      faults
        .add(
          FaultCode.BTF_UNKNOWN_KIND,
          `type ${count + 1} of the object's BTF has kind ${kindOf(at)}, which this version does not know`,
        )
        .at(typesFileOffset + offset);
      return -1;
    }
    const bytes = known ? recordSizeWithin(at, left) : 0;
    if (bytes == 0) {
      faults
        .add(
          FaultCode.BTF_TRUNCATED,
          `type ${count + 1} of the object's BTF reaches beyond the type section`,
        )
        .at(typesFileOffset + offset)
        .differs(`a record within ${left} bytes`, `vlen ${known ? vlenOf(at) : 0}`);
      return -1;
    }
    store<u32>(offsets + ((<usize>count) << 2), offset);
    count++;
    offset += bytes;
  }
  return count;
}

/** Bytes of the record, or 0 when it does not fit. */
function recordSizeWithin(record: usize, left: u32): u32 {
  const bytes = uapi.recordSize(load<u32>(record, 4));
  return bytes <= left ? bytes : 0;
}

/** Offset of a whole string, or `size`. */
function findString(strings: usize, size: u32, name: usize): u32 {
  let at: u32 = 0;
  while (at < size && !namesEqual(strings + at, name)) at += nameLength(strings + at) + 1;
  return at;
}
