import {nameText} from '../bytes/c_string';
import {StringSection} from '../bytes/string_section';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {NAME_LENGTH_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {arrayElement, kindOf, memberAt, paramAt, secinfoAt, typeOf, vlenOf} from './btf_record';

/** Checks every id and name of one record (`btf_validate_type` of libbpf). */
export function checkType(
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
