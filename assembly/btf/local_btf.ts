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

/**
 * The object's BTF: small, every id indexed, every id and name checked once. Held as a copy, since loading edits it.
 */
@final
export class LocalBtf {
  private readonly names: NameIndex;

  constructor(
    readonly btf: Btf,
    /** The raw bytes, header included, as they go to BPF_BTF_LOAD. */
    readonly raw: usize,
    readonly rawSize: u32,
    readonly header: BtfHeader,
  ) {
    const names = new NameIndex(btf.endId);
    for (let id = btf.endId - 1; id > 0; id--) {
      const record = btf.record(id);
      names.add(id, btf.nameOf(record), kindOf(record));
    }
    this.names = names;
  }

  static parse(from: usize, size: u32, fileOffset: u32, faults: Faults): LocalBtf | null {
    const header = BtfHeader.parse(from, size, Input.Object, fileOffset, false, faults);
    if (header === null) return null;
    const raw = heap.alloc(<usize>size + 8);
    memory.copy(raw, from, size);
    memory.fill(raw + size, 0, 8);
    const typesFileOffset = fileOffset + header.typesOffset;
    const index = indexTypes(raw + header.typesOffset, header.typesSize, typesFileOffset, faults);
    if (index === null) return null;
    const btf = new Btf(
      null,
      raw + header.typesOffset,
      header.typesSize,
      raw + header.stringsOffset,
      header.stringsSize,
      index.dataStart,
      0,
      1,
      <u32>index.length + 1,
      0,
    );
    const strings = new StringSection(btf.strings, btf.stringsSize);
    for (let id: u32 = 1; id < btf.endId; id++) {
      if (!checkType(btf, strings, id, typesFileOffset, faults)) return null;
    }
    if (!new TypeCycles(btf, typesFileOffset, faults).none()) return null;
    const made = new LocalBtf(btf, raw, size, header);
    if (!made.names.crowded) return made;
    faults
      .add(
        FaultCode.BTF_BAD_STRINGS,
        "the names in the object's BTF collide so often that they were made to",
      )
      .at(fileOffset + header.stringsOffset);
    return null;
  }

  /** A copy with more types and strings at their ends. This one, and a fault, if they make too much of it. */
  withTypes(types: ByteWriter, strings: ByteWriter | null, faults: Faults): LocalBtf {
    const header = this.header;
    const typesSize = header.typesSize + types.size;
    const stringsSize = header.stringsSize + (strings === null ? 0 : strings.size);
    const out = new ByteWriter(header.headerSize + typesSize + header.layoutSize + stringsSize);
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
    const made = LocalBtf.parse(out.pointer, out.size, 0, faults);
    return made === null ? this : made;
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

  /** The same types and strings for kernels that know of no layout; this one when it has none. */
  withoutLayout(faults: Faults): LocalBtf {
    const header = this.header;
    if (!header.hasLayout(this.raw)) return this;
    const typesEnd = header.typesOffset + header.typesSize;
    const out = new ByteWriter(typesEnd + header.stringsSize);
    out.bytes(this.raw, typesEnd);
    out.setU32(uapi.BTF_LAYOUT_OFF, 0);
    out.setU32(uapi.BTF_LAYOUT_LEN, 0);
    out.setU32(uapi.BTF_STR_OFF, typesEnd - header.headerSize);
    out.bytes(this.raw + header.stringsOffset, header.stringsSize);
    const made = LocalBtf.parse(out.pointer, out.size, 0, faults);
    assert(made !== null, 'BTF without its layout is no BTF');
    return made!;
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

/** Offsets of all records, or null and a fault. */
function indexTypes(
  types: usize,
  size: u32,
  typesFileOffset: u32,
  faults: Faults,
): Uint32Array | null {
  // The smallest record has 12 bytes.
  const offsets = new Uint32Array(size / uapi.BTF_TYPE_SIZE);
  let count = 0;
  let offset: u32 = 0;
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
      return null;
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
      return null;
    }
    offsets[count++] = offset;
    offset += bytes;
  }
  return offsets.subarray(0, count);
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
