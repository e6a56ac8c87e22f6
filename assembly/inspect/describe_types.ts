import {Btf} from '../btf/btf';
import {resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  enumeratorAt,
  intEncoding,
  kindOf,
  memberAt,
  memberBitfieldBits,
  memberNameOffset,
  memberType,
  secinfoAt,
  secinfoSize,
  secinfoType,
  sizeOf,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {TypeText} from '../btf/type_text';
import {ByteWriter} from '../bytes/byte_writer';
import {Faults} from '../fault/faults';
import {JsonWriter} from '../json/json_writer';
import {BpfObject, openObject} from '../object/bpf_object';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {isFunctionPointer} from '../struct_ops/member_programs';
import {BPF_PROG_TYPE_STRUCT_OPS} from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/**
 * Writes what of an object can be set, and to what, as `structops.types/1` (docs/embedding.md). False when there is a
 * fault; what is in `out` then means nothing. `fileName` ends in NUL.
 */
export function describeTypes(
  file: usize,
  size: u32,
  fileName: usize,
  out: ByteWriter,
  faults: Faults,
): bool {
  const object = openObject(file, size, fileName, faults);
  if (object === null || faults.any) return false;
  const limit = new OutputLimit(out, size, faults);
  new TypesDescription(object, new JsonWriter(out), limit).write(fileName);
  return !faults.any;
}

@final
class TypesDescription {
  private readonly btf: Btf;
  private readonly text: TypeText;

  constructor(
    private readonly object: BpfObject,
    private readonly json: JsonWriter,
    private readonly limit: OutputLimit,
  ) {
    this.btf = object.btf.btf;
    this.text = new TypeText(object.btf.btf);
  }

  write(fileName: usize): void {
    const json = this.json;
    json.beginObject();
    json.key('schema');
    json.text('structops.types/1');
    json.key('object');
    writeName(json, fileName);
    json.key('variables');
    this.variables();
    json.key('struct_ops');
    this.structOps();
    json.key('programs');
    this.programs(false);
    json.key('callbacks');
    this.programs(true);
    json.key('maps');
    this.maps();
    json.endObject();
    json.endLine();
  }

  private variables(): void {
    this.json.beginArray();
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      const record = this.btf.record(maps[i].btfValueTypeId);
      if (!maps[i].holdsVariables || kindOf(record) != btf.BTF_KIND_DATASEC) continue;
      const count = vlenOf(record);
      for (let v: u32 = 0; v < count; v++) this.variable(secinfoAt(record, v), v + 1 == count);
    }
    this.json.endArray();
  }

  private variable(entry: usize, isLast: bool): void {
    const variable = this.btf.record(secinfoType(entry));
    const name = this.btf.nameOf(variable);
    if (kindOf(variable) != btf.BTF_KIND_VAR || !this.limit.allows(name)) return;
    const json = this.json;
    const type = typeOf(variable);
    const isArray = kindOf(this.plain(type)) == btf.BTF_KIND_ARRAY;
    json.beginObject();
    json.key('name');
    writeName(json, name);
    this.type(type, resolveSize(this.btf, type) == secinfoSize(entry));
    json.key('grows');
    json.boolean(isLast && isArray);
    json.endObject();
  }

  private structOps(): void {
    this.json.beginArray();
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin == MapOrigin.StructOps) this.structOpsVariable(maps[i]);
    }
    this.json.endArray();
  }

  private structOpsVariable(map: ObjectMap): void {
    const variable = map.structOps!;
    const struct = this.btf.record(variable.typeId);
    const json = this.json;
    if (!this.limit.allows(map.name)) return;
    json.beginObject();
    json.key('name');
    writeName(json, map.name);
    json.key('struct');
    writeName(json, variable.kernTypeName);
    json.key('members');
    json.beginArray();
    for (let i: u32 = 0; i < vlenOf(struct); i++) {
      const member = memberAt(struct, i);
      const name = this.btf.nameAt(memberNameOffset(member));
      if (load<u8>(name) == 0) continue;
      if (!this.limit.allows(name)) break;
      json.beginObject();
      json.key('name');
      writeName(json, name);
      this.type(memberType(member), memberBitfieldBits(struct, member) == 0);
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  /** The type as C writes it, and what its values are; what typed_value.ts writes. */
  private type(id: u32, canBeSet: bool): void {
    const json = this.json;
    json.key('type');
    this.text.write(id);
    json.bytesText(this.text.pointer, this.text.size);
    json.key('takes');
    json.beginObject();
    json.key('kind');
    if (canBeSet) this.takes(id);
    else json.text('nothing');
    json.endObject();
  }

  private takes(id: u32): void {
    const json = this.json;
    const type = this.plain(id);
    switch (kindOf(type)) {
      case btf.BTF_KIND_INT:
        this.integer(type);
        return;
      case btf.BTF_KIND_ENUM:
      case btf.BTF_KIND_ENUM64:
        json.text('enum');
        json.key('size');
        json.number(sizeOf(type));
        json.key('enumerators');
        this.enumerators(type);
        return;
      case btf.BTF_KIND_ARRAY: {
        const element = this.plain(arrayElement(type));
        const isText = kindOf(element) == btf.BTF_KIND_INT && sizeOf(element) == 1;
        json.text(isText ? 'text' : 'nothing');
        if (!isText) return;
        json.key('size');
        json.number(resolveSize(this.btf, id));
        return;
      }
      default:
        json.text(isFunctionPointer(this.object.btf, id) ? 'callback' : 'nothing');
    }
  }

  private integer(type: usize): void {
    const json = this.json;
    const encoding = intEncoding(type);
    if (sizeOf(type) > 8) {
      json.text('nothing');
      return;
    }
    json.text((encoding & btf.BTF_INT_BOOL) != 0 ? 'bool' : 'integer');
    json.key('size');
    json.number(sizeOf(type));
    json.key('signed');
    json.boolean((encoding & btf.BTF_INT_SIGNED) != 0);
  }

  private enumerators(type: usize): void {
    this.json.beginArray();
    for (let i: u32 = 0; i < vlenOf(type); i++) {
      const name = this.btf.nameAt(load<u32>(enumeratorAt(type, i)));
      if (!this.limit.allows(name)) break;
      writeName(this.json, name);
    }
    this.json.endArray();
  }

  private programs(callbacksOnly: bool): void {
    this.json.beginArray();
    const programs = this.object.programs;
    for (let i = 0; i < programs.length; i++) {
      const program = programs[i];
      if (program.subprogram) continue;
      if (callbacksOnly && program.type != BPF_PROG_TYPE_STRUCT_OPS) continue;
      if (this.limit.allows(program.name)) writeName(this.json, program.name);
    }
    this.json.endArray();
  }

  private maps(): void {
    this.json.beginArray();
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin != MapOrigin.Defined) continue;
      if (this.limit.allows(maps[i].name)) writeName(this.json, maps[i].name);
    }
    this.json.endArray();
  }

  /** Without modifiers and typedefs. */
  private plain(id: u32): usize {
    return this.btf.record(skipModsAndTypedefs(this.btf, id));
  }
}
