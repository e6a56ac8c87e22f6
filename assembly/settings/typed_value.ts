import {Btf} from '../btf/btf';
import {resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  enumeratorAt,
  enumeratorValue,
  intEncoding,
  isAnyEnum,
  kindOf,
  sizeOf,
  vlenOf,
} from '../btf/btf_record';
import {
  copyName,
  nameIs,
  nameLength,
  nameLengthWithin,
  namesEqual,
  nameText,
} from '../bytes/c_string';
import {parseInteger} from '../bytes/integer';
import * as btf from '../uapi/btf';

/** What a type takes as the text of a value, for messages. */
export function wantedText(local: Btf, id: u32): string {
  const type = local.record(skipModsAndTypedefs(local, id));
  switch (kindOf(type)) {
    case btf.BTF_KIND_INT:
      return `an integer of ${sizeOf(type)} bytes`;
    case btf.BTF_KIND_ENUM:
    case btf.BTF_KIND_ENUM64:
      return 'an enumerator, or an integer';
    case btf.BTF_KIND_ARRAY:
      return `text of at most ${max<u32>(resolveSize(local, id), 1) - 1} bytes`;
    case btf.BTF_KIND_PTR:
      return 'null, or for a callback the name of a program';
    default:
      return 'nothing: its type has no values that can be written as text';
  }
}

/** Writes the value that a text means for a type; false when it means none. */
export function writeValue(local: Btf, id: u32, text: usize, to: usize): bool {
  const type = local.record(skipModsAndTypedefs(local, id));
  switch (kindOf(type)) {
    case btf.BTF_KIND_INT: {
      const signed = (intEncoding(type) & btf.BTF_INT_SIGNED) != 0;
      const isBool = (intEncoding(type) & btf.BTF_INT_BOOL) != 0;
      return writeInteger(text, sizeOf(type), signed, isBool, to);
    }
    case btf.BTF_KIND_ENUM:
    case btf.BTF_KIND_ENUM64:
      return writeEnumerator(local, type, text, to);
    case btf.BTF_KIND_ARRAY:
      return writeText(local, type, id, text, to);
    default:
      return false;
  }
}

function writeInteger(text: usize, size: u32, signed: bool, isBool: bool, to: usize): bool {
  // C has no such type, but a file may say so.
  if (size == 0) return false;
  if (nameIs(text, 'true') || nameIs(text, 'false')) {
    store<u8>(to, nameIs(text, 'true') ? 1 : 0);
    memory.fill(to + 1, 0, size - 1);
    return true;
  }
  const number = parseInteger(text);
  if (number === null || size > 8 || (isBool && number.value > 1)) return false;
  if (!fits(number.value, number.negative, size, signed)) return false;
  writeNumber(number.value, size, to);
  return true;
}

function fits(value: u64, negative: bool, size: u32, signed: bool): bool {
  const bits: u64 = size * 8;
  if (negative) return signed && <i64>value >= -((<i64>1) << (bits - 1));
  if (signed) return value >> (bits - 1) == 0;
  return bits == 64 || value >> bits == 0;
}

/** The low `size` bytes. */
export function writeNumber(value: u64, size: u32, to: usize): void {
  for (let i: u32 = 0; i < size; i++) store<u8>(to + i, i < 8 ? <u8>(value >> (8 * i)) : 0);
}

function writeEnumerator(local: Btf, type: usize, text: usize, to: usize): bool {
  for (let i: u32 = 0; i < vlenOf(type); i++) {
    const enumerator = enumeratorAt(type, i);
    if (!namesEqual(local.nameAt(load<u32>(enumerator)), text)) continue;
    writeNumber(enumeratorValue(type, enumerator), sizeOf(type), to);
    return true;
  }
  const signed = isAnyEnum(type) && load<u32>(type, 4) >> 31 != 0;
  return writeInteger(text, sizeOf(type), signed, false, to);
}

/** An array of char, filled up with NULs of which one is kept. */
function writeText(local: Btf, type: usize, id: u32, text: usize, to: usize): bool {
  const element = local.record(skipModsAndTypedefs(local, arrayElement(type)));
  const size = resolveSize(local, id);
  const length = nameLength(text);
  if (kindOf(element) != btf.BTF_KIND_INT || sizeOf(element) != 1 || length >= size) return false;
  memory.fill(to, 0, size);
  memory.copy(to, text, length);
  return true;
}

/** A value as the text that would set it; empty for a type that cannot be set. */
export function valueText(local: Btf, id: u32, at: usize): string {
  const type = local.record(skipModsAndTypedefs(local, id));
  switch (kindOf(type)) {
    case btf.BTF_KIND_INT: {
      const signed = (intEncoding(type) & btf.BTF_INT_SIGNED) != 0;
      return sizeOf(type) > 8 ? '' : numberText(at, sizeOf(type), signed);
    }
    case btf.BTF_KIND_ENUM:
    case btf.BTF_KIND_ENUM64:
      return enumeratorText(local, type, at);
    case btf.BTF_KIND_ARRAY: {
      const element = local.record(skipModsAndTypedefs(local, arrayElement(type)));
      if (kindOf(element) != btf.BTF_KIND_INT || sizeOf(element) != 1) return '';
      return arrayText(at, resolveSize(local, id));
    }
    default:
      return '';
  }
}

function numberText(at: usize, size: u32, signed: bool): string {
  let value: u64 = 0;
  for (let i: u32 = 0; i < size; i++) value |= (<u64>load<u8>(at + i)) << (8 * i);
  const shift = 64 - 8 * <u64>size;
  if (signed && size > 0) return (<i64>(value << shift) >> shift).toString();
  return value.toString();
}

function enumeratorText(local: Btf, type: usize, at: usize): string {
  const size = sizeOf(type);
  for (let i: u32 = 0; i < vlenOf(type); i++) {
    const enumerator = enumeratorAt(type, i);
    const value = enumeratorValue(type, enumerator);
    let same = size <= 8;
    for (let b: u32 = 0; b < size && same; b++) same = load<u8>(at + b) == <u8>(value >> (8 * b));
    if (same) return nameText(local.nameAt(load<u32>(enumerator)));
  }
  return size > 8 ? '' : numberText(at, size, false);
}

/** The text in an array of char; quotes where it is empty. */
function arrayText(at: usize, size: u32): string {
  const length = nameLengthWithin(at, size);
  return length == 0 ? '""' : nameText(copyName(at, length));
}
