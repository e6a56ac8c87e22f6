import {Btf} from '../btf/btf';
import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  kindOf,
  memberAt,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  sizeOf,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {JsonWriter} from '../json/json_writer';
import {Target} from '../kernel/target';
import {KERN_MEMBERS_MAX} from '../limits';
import {KernelKind, VALUE_PREFIX} from '../struct_ops/kernel_kinds';
import * as btf from '../uapi/btf';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/** Writes what there is to know of a kind for whoever looks at one that is in force. */
export function writeKind(
  target: Target,
  kind: KernelKind,
  json: JsonWriter,
  limit: OutputLimit,
): void {
  const kern = target.btf(kind.module);
  const type = kern.btf.record(kind.typeId);
  json.beginObject();
  json.key('struct');
  writeName(json, kind.name);
  json.key('value_type');
  writeName(json, kind.name - VALUE_PREFIX.length);
  json.key('value_type_id');
  json.number(kind.valueTypeId);
  json.key('module');
  if (kind.module == 0) json.nothing();
  else writeName(json, kern.moduleName);
  json.key('value_size');
  json.number(sizeOf(kern.btf.record(kind.valueTypeId)));
  json.key('swap');
  json.text(target.updates(kind.name) ? 'update' : 'detach');
  json.key('members');
  json.beginArray();
  const count = min(vlenOf(type), KERN_MEMBERS_MAX);
  for (let i: u32 = 0; i < count && limit.allows(kind.name); i++) {
    writeMember(kern.btf, kind, type, memberAt(type, i), json);
  }
  json.endArray();
  json.endObject();
}

/** Offsets count from the start of the value, as in what the executor lists. */
function writeMember(
  kern: Btf,
  kind: KernelKind,
  type: usize,
  member: usize,
  json: JsonWriter,
): void {
  const record = kern.record(skipModsAndTypedefs(kern, memberType(member)));
  const size = resolveSize(kern, memberType(member));
  json.beginObject();
  json.key('name');
  writeName(json, kern.nameAt(memberNameOffset(member)));
  json.key('offset');
  json.number(<u64>kind.offset + memberOffsetBits(type, member) / 8);
  json.key('size');
  json.number(size == NO_SIZE ? 0 : size);
  json.key('kind');
  json.text(btf.kindName(kindOf(record)));
  json.key('callback');
  json.boolean(isCallback(kern, record));
  json.endObject();
}

function isCallback(kern: Btf, pointer: usize): bool {
  if (kindOf(pointer) != btf.BTF_KIND_PTR) return false;
  const pointee = kern.record(skipModsAndTypedefs(kern, typeOf(pointer)));
  return kindOf(pointee) == btf.BTF_KIND_FUNC_PROTO;
}
