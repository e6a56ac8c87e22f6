import {Btf} from '../btf/btf';
import {resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  kindOf,
  memberAt,
  memberBitfieldBits,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  sizeOf,
  vlenOf,
} from '../btf/btf_record';
import {isZero} from '../bytes/zeros';
import {JsonWriter} from '../json/json_writer';
import {ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import {StructOpsVariable} from '../struct_ops/struct_ops_variable';
import {BTF_KIND_ARRAY, BTF_KIND_INT, kindName} from '../uapi/btf';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/** A bit-field has at most 255 bits, which lie in at most 33 bytes. */
const BITFIELD_BYTES_MAX: u32 = 33;

/** Describes struct_ops variables: of their members those that are set. */
@final
export class StructOpsInspection {
  private readonly bits: usize = heap.alloc(BITFIELD_BYTES_MAX);

  constructor(
    private readonly btf: Btf,
    private readonly json: JsonWriter,
    private readonly limit: OutputLimit,
  ) {}

  write(map: ObjectMap): void {
    const json = this.json;
    const variable = map.structOps!;
    json.beginObject();
    json.key('name');
    writeName(json, variable.name);
    json.key('struct');
    writeName(json, variable.kernTypeName);
    json.key('section');
    writeName(json, map.section.name);
    json.key('link');
    json.boolean(variable.link);
    json.key('optional');
    json.boolean(!map.create);
    json.key('size');
    json.number(variable.size);
    json.key('members');
    json.beginArray();
    const type = this.btf.record(variable.typeId);
    for (let i: u32 = 0; i < vlenOf(type); i++) this.member(variable, type, i);
    json.endArray();
    json.endObject();
  }

  private member(variable: StructOpsVariable, type: usize, index: u32): void {
    const member = memberAt(type, index);
    const program = variable.programs[index];
    const bitOffset = memberOffsetBits(type, member);
    const bitCount = memberBitfieldBits(type, member);
    let at = variable.data + bitOffset / 8;
    let size = resolveSize(this.btf, memberType(member));
    if (bitCount != 0) {
      size = ((bitOffset & 7) + bitCount + 7) / 8;
      this.keepBits(at, size, bitOffset & 7, bitCount);
      at = this.bits;
    }
    if (program === null && isZero(at, size)) return;
    const name = this.btf.nameAt(memberNameOffset(member));
    if (!this.limit.allows(name)) return;
    const json = this.json;
    json.beginObject();
    json.key('name');
    writeName(json, name);
    json.key('offset');
    json.number(bitOffset / 8);
    json.key('size');
    json.number(size);
    this.value(memberType(member), at, size, program);
    json.endObject();
  }

  private value(typeId: u32, at: usize, size: u32, program: Program | null): void {
    const json = this.json;
    const type = this.btf.record(skipModsAndTypedefs(this.btf, typeId));
    json.key('kind');
    json.text(kindName(kindOf(type)));
    if (program !== null) {
      json.key('program');
      writeName(json, program.name);
      return;
    }
    json.key('bytes');
    json.hex(at, size);
    const length = this.isCharacters(type) ? textLength(at, size) : 0;
    if (length == 0) return;
    json.key('text');
    json.bytesText(at, length);
  }

  private isCharacters(type: usize): bool {
    if (kindOf(type) != BTF_KIND_ARRAY) return false;
    const element = this.btf.record(skipModsAndTypedefs(this.btf, arrayElement(type)));
    return kindOf(element) == BTF_KIND_INT && sizeOf(element) == 1;
  }

  /** A copy of the bytes in which all bits but those of the bit-field are zero. */
  private keepBits(from: usize, size: u32, first: u32, count: u32): void {
    memory.copy(this.bits, from, size);
    for (let bit: u32 = 0; bit < size * 8; bit++) {
      if (bit - first < count) continue;
      const at = this.bits + bit / 8;
      store<u8>(at, load<u8>(at) & ~((<u8>1) << (<u8>(bit & 7))));
    }
  }
}

/** Length of printable ASCII that fills the bytes but for NULs at their end; 0 for anything else. */
function textLength(at: usize, size: u32): u32 {
  let length: u32 = 0;
  while (length < size && load<u8>(at + length) - 0x20 < 0x5f) length++;
  return isZero(at + length, size - length) ? length : 0;
}
