import {Btf} from '../btf/btf';
import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {arrayElement, arrayLength, intEncoding, kindOf, sizeOf} from '../btf/btf_record';
import {nameIs} from '../bytes/c_string';
import * as btf from '../uapi/btf';

/** What a `__kconfig` variable can hold (libbpf `enum kcfg_type`). */
export enum KconfigType {
  /** Not supported. */
  Unknown,
  Char,
  Bool,
  Integer,
  Tristate,
  CharArray,
}

/** `find_kcfg_type` of libbpf. */
export function kconfigTypeOf(local: Btf, id: u32): KconfigType {
  const type = local.record(skipModsAndTypedefs(local, id));
  switch (kindOf(type)) {
    case btf.BTF_KIND_INT:
      return integerType(sizeOf(type), intEncoding(type));
    case btf.BTF_KIND_ENUM:
      return sizeOf(type) == 4 && isTristate(local, type)
        ? KconfigType.Tristate
        : KconfigType.Unknown;
    case btf.BTF_KIND_ENUM64:
      // Differs from libbpf, which takes any size for one that four bytes can be written to.
      return sizeOf(type) == 8 && isTristate(local, type)
        ? KconfigType.Tristate
        : KconfigType.Unknown;
    case btf.BTF_KIND_ARRAY: {
      const element = local.record(skipModsAndTypedefs(local, arrayElement(type)));
      const ofChars =
        kindOf(element) == btf.BTF_KIND_INT &&
        integerType(sizeOf(element), intEncoding(element)) == KconfigType.Char;
      return ofChars && arrayLength(type) > 0 ? KconfigType.CharArray : KconfigType.Unknown;
    }
    default:
      return KconfigType.Unknown;
  }
}

export function isSignedInteger(local: Btf, id: u32): bool {
  const type = local.record(skipModsAndTypedefs(local, id));
  return kindOf(type) == btf.BTF_KIND_INT && (intEncoding(type) & btf.BTF_INT_SIGNED) != 0;
}

function integerType(size: u32, encoding: u32): KconfigType {
  if ((encoding & btf.BTF_INT_BOOL) != 0) return size == 1 ? KconfigType.Bool : KconfigType.Unknown;
  if (size == 1) return KconfigType.Char;
  return size == 2 || size == 4 || size == 8 ? KconfigType.Integer : KconfigType.Unknown;
}

function isTristate(local: Btf, type: usize): bool {
  return nameIs(local.nameOf(type), 'libbpf_tristate');
}
