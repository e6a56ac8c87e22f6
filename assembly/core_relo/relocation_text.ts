import {Btf} from '../btf/btf';
import {kindOf} from '../btf/btf_record';
import {nameText} from '../bytes/c_string';
import {
  BTF_KIND_ENUM,
  BTF_KIND_ENUM64,
  BTF_KIND_FWD,
  BTF_KIND_STRUCT,
  BTF_KIND_UNION,
} from '../uapi/btf';
import {CoreSpec} from './core_spec';
import {isEnumKind} from './relocation_kind';

/** `struct tcp_sock`, `enum tcp_ca_state`, `u32`: a type as C names it. */
export function typeText(btf: Btf, id: u32): string {
  const record = btf.record(id);
  const name = btf.nameOf(record);
  const text = load<u8>(name) == 0 ? '(unnamed)' : nameText(name);
  switch (kindOf(record)) {
    case BTF_KIND_STRUCT:
    case BTF_KIND_FWD:
      return `struct ${text}`;
    case BTF_KIND_UNION:
      return `union ${text}`;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return `enum ${text}`;
    default:
      return text;
  }
}

/** `skc_family`, `a[3].b`: what comes after the type. Empty for the type itself. */
export function accessText(spec: CoreSpec): string {
  let text = '';
  for (let i: u32 = 0; i < spec.length; i++) {
    if (spec.names[i] != 0) {
      text += (text.length == 0 ? '' : '.') + nameText(spec.names[i]);
    } else if (i > 0 || spec.indices[i] > 0) {
      text += `[${spec.indices[i]}]`;
    }
    // Names have up to 128 characters each.
    if (text.length > 256) return text + '…';
  }
  return text;
}

/** `struct tcp_sock.snd_cwnd`, `enum value TCP_CA_Open of enum tcp_ca_state`, `struct sock`. */
export function specText(kind: u32, spec: CoreSpec): string {
  const type = typeText(spec.btf, spec.rootId);
  const access = accessText(spec);
  if (isEnumKind(kind)) return `enum value ${access} of ${type}`;
  if (access.length == 0) return type;
  return access.startsWith('[') ? type + access : `${type}.${access}`;
}
