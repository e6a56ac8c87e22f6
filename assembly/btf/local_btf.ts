import {ByteWriter} from '../bytes/byte_writer';
import {nameLength, namesEqual, nameText} from '../bytes/c_string';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {StringSection} from '../bytes/string_section';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {NAME_LENGTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {BtfHeader} from './btf_header';
import {arrayElement, kindOf, memberAt, paramAt, secinfoAt, typeOf, vlenOf} from './btf_record';
import {TypeCycles} from './type_cycles';

/** Zero bytes behind a BTF. */
const PADDING: u32 = 8;
/** Room for what is mostly added: the variable that stands for kfuncs. */
const TYPES_TO_COME: u32 = 1;

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
  ) {}

  static parse(from: usize, size: u32, fileOffset: u32, faults: Faults): LocalBtf | null {
    const header = BtfHeader.parse(from, size, Input.Object, fileOffset, false, faults);
    if (header === null) return null;
    const raw = heap.alloc(<usize>size + PADDING);
    memory.copy(raw, from, size);
    memory.fill(raw + size, 0, PADDING);
    const offsets = heap.alloc(offsetsSize(header.typesSize));
    const types = raw + header.typesOffset;
    const fileTypes = fileOffset + header.typesOffset;
    const count = indexTypes(types, 0, header.typesSize, offsets, fileTypes, faults);
    if (count < 0) return null;
    // What is left of that room is given back.
    heap.realloc(offsets, (<usize>count) << 2);
    const names = new NameIndex(count + 1 + TYPES_TO_COME);
    const made = new LocalBtf(btfOf(raw, header, offsets, count + 1), raw, size, header, names);
    return made.check(1, fileOffset, faults) ? made : null;
  }

  /**
   * This one with more types and strings at their ends, in its place: this one must not be used any more. But it is given
   * back, with a fault, if they make too much of it.
   */
  withTypes(types: ByteWriter, strings: ByteWriter | null, faults: Faults): LocalBtf {
    const header = this.header;
    const typesSize = header.typesSize + types.size;
    const stringsSize = header.stringsSize + (strings === null ? 0 : strings.size);
    const size = header.headerSize + typesSize + header.layoutSize + stringsSize;
    const out = new ByteWriter(size + PADDING);
    out.bytes(this.raw, header.headerSize);
    out.setU32(uapi.BTF_TYPE_OFF, 0);
    out.setU32(uapi.BTF_TYPE_LEN, typesSize);
    out.setU32(uapi.BTF_STR_OFF, typesSize + header.layoutSize);
    if (header.layoutSize > 0) out.setU32(uapi.BTF_LAYOUT_OFF, typesSize);
    out.setU32(uapi.BTF_STR_LEN, stringsSize);
    out.bytes(this.raw + header.typesOffset, header.typesSize);
    out.bytes(types.pointer, types.size);
    out.bytes(this.raw + header.layoutOffset, header.layoutSize);
    out.bytes(this.raw + header.stringsOffset, header.stringsSize);
    if (strings !== null) out.bytes(strings.pointer, strings.size);
    const made = this.movedTo(out, faults);
    return made === null ? this : made;
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
    const made = this.movedTo(out, faults);
    assert(made !== null, 'BTF without its layout is no BTF');
    return made!;
  }

  /** Other bytes with the same types and strings, and more at their ends: only those are checked. */
  private movedTo(bytes: ByteWriter, faults: Faults): LocalBtf | null {
    const size = bytes.size;
    bytes.zeros(PADDING);
    const raw = bytes.pointer;
    const header = BtfHeader.parse(raw, size, Input.Object, 0, false, faults);
    if (header === null) return null;
    const before = this.btf;
    const from = this.header.typesSize;
    let offsets = before.checkpoints;
    let endId = before.endId;
    if (header.typesSize > from) {
      const known = (<usize>(endId - 1)) << 2;
      offsets = heap.alloc(known + offsetsSize(header.typesSize - from));
      memory.copy(offsets, before.checkpoints, known);
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

/** Checks every id and name of one record (`btf_validate_type` of libbpf). */
function checkType(
  btf: Btf,
  strings: StringSection,
  id: u32,
  typesFileOffset: u32,
  faults: Faults,
): bool {
  const record = btf.record(id);
  const kind = kindOf(record);
  const vlen = vlenOf(record);
  const offset = typesFileOffset + <u32>(record - btf.types);
  if (!checkName(strings, load<u32>(record), id, offset, faults)) return false;
  switch (kind) {
    case uapi.BTF_KIND_PTR:
    case uapi.BTF_KIND_TYPEDEF:
    case uapi.BTF_KIND_VOLATILE:
    case uapi.BTF_KIND_CONST:
    case uapi.BTF_KIND_RESTRICT:
    case uapi.BTF_KIND_VAR:
    case uapi.BTF_KIND_DECL_TAG:
    case uapi.BTF_KIND_TYPE_TAG:
      if (!checkId(btf, typeOf(record), id, offset + 8, faults)) return false;
      break;
    case uapi.BTF_KIND_FUNC: {
      if (!checkId(btf, typeOf(record), id, offset + 8, faults)) return false;
      if (kindOf(btf.record(typeOf(record))) != uapi.BTF_KIND_FUNC_PROTO) {
        faults
          .add(
            FaultCode.BTF_BAD_TYPE,
            `FUNC ${nameText(btf.nameOf(record))} (type ${id}) of the object's BTF has no prototype`,
          )
          .at(offset + 8)
          .differs('FUNC_PROTO', uapi.kindName(kindOf(btf.record(typeOf(record)))));
        return false;
      }
      break;
    }
    case uapi.BTF_KIND_ARRAY:
      if (!checkId(btf, arrayElement(record), id, offset + 12, faults)) return false;
      if (!checkId(btf, load<u32>(record, 16), id, offset + 16, faults)) return false;
      break;
    case uapi.BTF_KIND_STRUCT:
    case uapi.BTF_KIND_UNION:
      for (let i: u32 = 0; i < vlen; i++) {
        const at = memberAt(record, i);
        const here = offset + <u32>(at - record);
        if (!checkName(strings, load<u32>(at), id, here, faults)) return false;
        if (!checkId(btf, load<u32>(at, 4), id, here + 4, faults)) return false;
      }
      break;
    case uapi.BTF_KIND_ENUM:
    case uapi.BTF_KIND_ENUM64: {
      const step = kind == uapi.BTF_KIND_ENUM ? uapi.BTF_ENUM_SIZE : uapi.BTF_ENUM64_SIZE;
      for (let i: u32 = 0; i < vlen; i++) {
        const here = uapi.BTF_TYPE_SIZE + i * step;
        if (!checkName(strings, load<u32>(record + here), id, offset + here, faults)) return false;
      }
      break;
    }
    case uapi.BTF_KIND_FUNC_PROTO:
      if (!checkId(btf, typeOf(record), id, offset + 8, faults)) return false;
      for (let i: u32 = 0; i < vlen; i++) {
        const at = paramAt(record, i);
        const here = offset + <u32>(at - record);
        if (!checkName(strings, load<u32>(at), id, here, faults)) return false;
        if (!checkId(btf, load<u32>(at, 4), id, here + 4, faults)) return false;
      }
      break;
    case uapi.BTF_KIND_DATASEC:
      for (let i: u32 = 0; i < vlen; i++) {
        const at = secinfoAt(record, i);
        if (!checkId(btf, load<u32>(at), id, offset + <u32>(at - record), faults)) return false;
      }
      break;
  }
  return true;
}

function checkId(btf: Btf, id: u32, owner: u32, offset: u32, faults: Faults): bool {
  if (id < btf.endId) return true;
  faults
    .add(
      FaultCode.BTF_BAD_ID,
      `type ${owner} of the object's BTF refers to type ${id}, which does not exist`,
    )
    .at(offset)
    .differs(`an id below ${btf.endId}`, `${id}`);
  return false;
}

function checkName(
  strings: StringSection,
  name: u32,
  owner: u32,
  offset: u32,
  faults: Faults,
): bool {
  if (name >= strings.size) {
    faults
      .add(
        FaultCode.BTF_BAD_STRINGS,
        `type ${owner} of the object's BTF has its name beyond the string section`,
      )
      .at(offset)
      .differs(`an offset below ${strings.size}`, `${name}`);
    return false;
  }
  if (!strings.isLong(name)) return true;
  faults
    .add(
      FaultCode.BTF_BAD_STRINGS,
      `type ${owner} of the object's BTF has a name of more than ${NAME_LENGTH_MAX} bytes`,
    )
    .at(offset);
  return false;
}

/** Offset of a whole string, or `size`. */
function findString(strings: usize, size: u32, name: usize): u32 {
  let at: u32 = 0;
  while (at < size && !namesEqual(strings + at, name)) at += nameLength(strings + at) + 1;
  return at;
}
