import {Btf} from '../btf/btf';
import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  enumeratorAt,
  enumeratorValue,
  intEncoding,
  isAnyEnum,
  kflagOf,
  kindOf,
  memberAt,
  memberBitfieldBits,
  memberType,
  sizeOf,
} from '../btf/btf_record';
import {RESOLVE_DEPTH_MAX} from '../limits';
import * as bpf from '../uapi/bpf';
import {BTF_INT_SIGNED, BTF_KIND_ARRAY, BTF_KIND_INT} from '../uapi/btf';
import {CoreSpec} from './core_spec';
import {isEnumKind, isFieldKind} from './relocation_kind';

/** What a spec comes to on one side, the object's or a kernel's. */
@final
export class RelocationValue {
  value: u64 = 0;
  /** Whether the instruction must hold the object's value; compilers may read bitfields in several ways. */
  validate: bool = true;
  /** Bytes and type of the field, of arrays of their element: what a load of it reads. 0 where that does not matter. */
  fieldSize: u32 = 0;
  fieldType: u32 = 0;

  /** Why there is no value, or an empty string (`bpf_core_calc_relo` of libbpf). The kind is not TYPE_ID_LOCAL. */
  compute(kind: u32, spec: CoreSpec): string {
    this.value = 1;
    this.validate = true;
    this.fieldSize = 0;
    this.fieldType = 0;
    if (isEnumKind(kind)) return this.ofEnumerator(kind, spec);
    if (!isFieldKind(kind)) return this.ofType(kind, spec);
    if (kind == bpf.BPF_CORE_FIELD_EXISTS) return '';
    const last = spec.length - 1;
    return spec.names[last] == 0
      ? this.ofElement(kind, spec, spec.typeIds[last])
      : this.ofMember(kind, spec);
  }

  /** What stands for the missing; false: nothing can, the instruction must not be reached. */
  computeAbsent(kind: u32): bool {
    this.value = 0;
    this.fieldSize = 0;
    this.fieldType = 0;
    if (isEnumKind(kind)) return kind == bpf.BPF_CORE_ENUMVAL_EXISTS;
    return !isFieldKind(kind) || kind == bpf.BPF_CORE_FIELD_EXISTS;
  }

  private ofEnumerator(kind: u32, spec: CoreSpec): string {
    if (kind == bpf.BPF_CORE_ENUMVAL_VALUE) {
      const record = spec.btf.record(spec.typeIds[0]);
      this.value = enumeratorValue(record, enumeratorAt(record, spec.indices[0]));
    }
    return '';
  }

  private ofType(kind: u32, spec: CoreSpec): string {
    if (kind == bpf.BPF_CORE_TYPE_ID_TARGET) {
      this.value = spec.rootId;
      // Linking renumbers types and leaves the instruction as it was.
      this.validate = false;
    } else if (kind == bpf.BPF_CORE_TYPE_SIZE) {
      const size = resolveSize(spec.btf, spec.rootId);
      if (size == NO_SIZE) return 'is of the size of a type that has none';
      this.value = size;
    }
    return '';
  }

  private ofElement(kind: u32, spec: CoreSpec, typeId: u32): string {
    if (kind == bpf.BPF_CORE_FIELD_BYTE_OFFSET) {
      this.value = spec.bitOffset / 8;
      return this.keepField(spec, typeId);
    }
    if (kind != bpf.BPF_CORE_FIELD_BYTE_SIZE) return 'cannot be of an array element';
    const size = resolveSize(spec.btf, typeId);
    if (size == NO_SIZE) return 'is of the size of an element that has none';
    this.value = size;
    return '';
  }

  private ofMember(kind: u32, spec: CoreSpec): string {
    const btf = spec.btf;
    const last = spec.length - 1;
    const owner = btf.record(spec.typeIds[last]);
    const member = memberAt(owner, spec.indices[last]);
    const typeId = skipModsAndTypedefs(btf, memberType(member));
    const type = btf.record(typeId);
    const bitOffset = spec.bitOffset;
    let bits = memberBitfieldBits(owner, member);
    let bytes: u32 = 0;
    let byteOffset: u32 = 0;
    const bitfield = bits != 0;
    if (bitfield) {
      // A load of the declared type, widened until it holds the whole bitfield. Differs from libbpf: of types that are no
      // integers there is none; libbpf divides by whatever stands where their size would be.
      bytes = isAnyEnum(type) || kindOf(type) == BTF_KIND_INT ? sizeOf(type) : 0;
      if (bytes == 0) return 'is of a bitfield that is no integer';
      byteOffset = (bitOffset / 8 / bytes) * bytes;
      while (<u64>bitOffset + bits - <u64>byteOffset * 8 > <u64>bytes * 8) {
        if (bytes >= 8) return 'is of a bitfield that no load of 64 bits holds';
        bytes *= 2;
        byteOffset = (bitOffset / 8 / bytes) * bytes;
      }
    } else {
      bytes = resolveSize(btf, typeId);
      if (bytes == NO_SIZE) return 'is of a field that has no size';
      byteOffset = bitOffset / 8;
      bits = bytes * 8;
    }
    this.validate = !bitfield;
    switch (kind) {
      case bpf.BPF_CORE_FIELD_BYTE_OFFSET:
        this.value = byteOffset;
        return bitfield ? '' : this.keepField(spec, typeId);
      case bpf.BPF_CORE_FIELD_BYTE_SIZE:
        this.value = bytes;
        return '';
      case bpf.BPF_CORE_FIELD_SIGNED:
        this.value = isSigned(type) ? 1 : 0;
        this.validate = true;
        return '';
      case bpf.BPF_CORE_FIELD_LSHIFT_U64:
        // As on little-endian kernels, the only ones that this version plans for; in 32 bits, as libbpf computes.
        this.value = <u32>(64 - (bitOffset + bits - byteOffset * 8));
        return '';
      default:
        // BPF_CORE_FIELD_RSHIFT_U64
        this.value = <u32>(64 - bits);
        this.validate = true;
        return '';
    }
  }

  private keepField(spec: CoreSpec, typeId: u32): string {
    const size = innermostSize(spec.btf, typeId);
    if (size == NO_SIZE) return 'is of a field that has no size';
    this.fieldSize = size;
    this.fieldType = typeId;
    return '';
  }
}

/** Bytes of the type, of an array of its innermost element. */
function innermostSize(btf: Btf, typeId: u32): u32 {
  for (let depth: u32 = 0; depth < RESOLVE_DEPTH_MAX; depth++) {
    const id = skipModsAndTypedefs(btf, typeId);
    const record = btf.record(id);
    if (kindOf(record) != BTF_KIND_ARRAY) return resolveSize(btf, id);
    typeId = arrayElement(record);
  }
  return NO_SIZE;
}

function isSigned(type: usize): bool {
  if (isAnyEnum(type)) return kflagOf(type);
  return kindOf(type) == BTF_KIND_INT && (intEncoding(type) & BTF_INT_SIGNED) != 0;
}
