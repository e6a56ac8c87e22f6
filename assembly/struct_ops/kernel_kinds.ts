import {Btf} from '../btf/btf';
import {kindOf, memberAt, memberOffsetBits, memberType, vlenOf} from '../btf/btf_record';
import {nameStartsWith, namesEqual} from '../bytes/c_string';
import {Target} from '../kernel/target';
import {KINDS_MAX} from '../limits';
import * as btf from '../uapi/btf';

/** libbpf STRUCT_OPS_VALUE_PREFIX */
export const VALUE_PREFIX: string = 'bpf_struct_ops_';

/** A kind of struct_ops that the kernel has: the struct `name`, in the value type before it. */
@final
export class KernelKind {
  constructor(
    readonly name: usize,
    /** 0 vmlinux, else the number of the module BTF that has the value type. */
    readonly module: u32,
    readonly valueTypeId: u32,
    readonly typeId: u32,
    /** Bytes to the struct in the value. */
    readonly offset: u32,
  ) {}
}

/**
 * The kinds of vmlinux and the modules, by their ids; walked once. The prefix is shared with structs of the machinery: a kind's
 * value embeds the struct that it is called after.
 */
export function kindsOf(target: Target): KernelKind[] {
  const known = target.kinds;
  if (known !== null) return known;
  const kinds: KernelKind[] = [];
  target.kinds = kinds;
  for (let module: u32 = 0; module < target.count; module++) {
    const kern = target.btf(module).btf;
    if (!kern.isWhole) break;
    const end = kern.types + kern.typesSize;
    let id = kern.firstId;
    for (let value = kern.types; value < end && kinds.length < KINDS_MAX; id++) {
      const name = kern.nameOf(value);
      if (kindOf(value) == btf.BTF_KIND_STRUCT && nameStartsWith(name, VALUE_PREFIX)) {
        const kind = kindIn(kern, value, id, name + VALUE_PREFIX.length, module);
        if (kind !== null) kinds.push(kind);
      }
      value += btf.recordSize(load<u32>(value, 4));
    }
  }
  return kinds;
}

function kindIn(kern: Btf, value: usize, id: u32, name: usize, module: u32): KernelKind | null {
  for (let i: u32 = 0; i < vlenOf(value); i++) {
    const member = memberAt(value, i);
    const type = memberType(member);
    const record = kern.record(type);
    if (kindOf(record) != btf.BTF_KIND_STRUCT || !namesEqual(kern.nameOf(record), name)) continue;
    return new KernelKind(name, module, id, type, memberOffsetBits(value, member) / 8);
  }
  return null;
}
