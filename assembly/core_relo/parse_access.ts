import {Btf} from '../btf/btf';
import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  arrayElement,
  arrayLength,
  enumeratorAt,
  isAnyEnum,
  isComposite,
  kindOf,
  memberAt,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  vlenOf,
} from '../btf/btf_record';
import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameIs, nameLength} from '../bytes/c_string';
import {ACCESS_SPEC_MAX} from '../limits';
import {BTF_KIND_ARRAY} from '../uapi/btf';
import {CoreSpec} from './core_spec';
import {isEnumKind, isTypeKind} from './relocation_kind';

/** More digits than an index of 31 bits has. */
const DIGITS_MAX: u32 = 10;
const COLON: u8 = 0x3a;

/** The numbers of an access string such as `0:3:1`. */
@final
class AccessString {
  readonly numbers: StaticArray<u32> = new StaticArray<u32>(ACCESS_SPEC_MAX);
  count: u32 = 0;

  /** Why it is none, or an empty string. Differs from libbpf: blanks and signs, which no compiler writes, are refused. */
  read(text: usize): string {
    this.count = 0;
    while (true) {
      let number: u64 = 0;
      let digits: u32 = 0;
      while (load<u8>(text) - 0x30 < 10 && digits <= DIGITS_MAX) {
        number = number * 10 + (load<u8>(text++) - 0x30);
        digits++;
      }
      if (digits == 0) return 'has an access string that is not a list of numbers';
      if (digits > DIGITS_MAX || number > <u64>i32.MAX_VALUE) {
        return 'has an index beyond 31 bits in its access string';
      }
      if (this.count == ACCESS_SPEC_MAX) return 'has more than 64 numbers in its access string';
      this.numbers[this.count++] = <u32>number;
      if (load<u8>(text) == 0) return '';
      if (load<u8>(text++) != COLON) return 'has an access string that is not a list of numbers';
    }
  }
}

/** Turns access strings into specs against the object's own types (`bpf_core_parse_spec` of libbpf). */
@final
export class AccessParser {
  private readonly access: AccessString = new AccessString();

  constructor(
    private readonly btf: Btf,
    private readonly budget: WorkBudget,
  ) {}

  /** Why the relocation cannot be meant, or an empty string. The root type exists and the kind is known. */
  parse(kind: u32, rootId: u32, text: usize, spec: CoreSpec): string {
    spec.reset(this.btf, rootId);
    if (isTypeKind(kind)) {
      return nameIs(text, '0') ? '' : 'has an access string other than 0, but is of a type';
    }
    const why = this.access.read(text);
    if (why.length != 0) return why;
    const id = skipModsAndTypedefs(this.btf, rootId, this.budget);
    return isEnumKind(kind) ? this.enumerator(id, spec) : this.field(id, spec);
  }

  private enumerator(id: u32, spec: CoreSpec): string {
    const record = this.btf.record(id);
    if (!isAnyEnum(record)) return 'is of an enumerator, but its type is no enum';
    const index = this.access.numbers[0];
    if (this.access.count > 1 || index >= vlenOf(record))
      return 'is of an enumerator that its enum lacks';
    const name = this.btf.nameAt(load<u32>(enumeratorAt(record, index)));
    this.budget.spend(nameSteps(nameLength(name)));
    spec.push(id, index, name, essentialLength(name));
    return '';
  }

  private field(id: u32, spec: CoreSpec): string {
    const btf = this.btf;
    const numbers = this.access.numbers;
    const rootSize = resolveSize(btf, id);
    if (rootSize == NO_SIZE) return 'is of a field, but its type has no size';
    spec.push(id, numbers[0], 0, 0);
    spec.bitOffset = numbers[0] * rootSize * 8;
    for (let i: u32 = 1; i < this.access.count; i++) {
      const index = numbers[i];
      id = skipModsAndTypedefs(btf, id, this.budget);
      const record = btf.record(id);
      if (isComposite(record)) {
        if (index >= vlenOf(record)) return 'is of a member that its struct lacks';
        const member = memberAt(record, index);
        spec.bitOffset += memberOffsetBits(record, member);
        if (memberNameOffset(member) != 0) {
          const name = btf.nameAt(memberNameOffset(member));
          const length = nameLength(name);
          if (length == 0) return 'is of a member whose name is empty';
          this.budget.spend(nameSteps(length));
          spec.push(id, index, name, length);
        }
        id = memberType(member);
      } else if (kindOf(record) == BTF_KIND_ARRAY) {
        if (index >= arrayLength(record) && !spec.endsInFlexible(record)) {
          return 'is of an element beyond the end of its array';
        }
        id = skipModsAndTypedefs(btf, arrayElement(record), this.budget);
        const size = resolveSize(btf, id);
        if (size == NO_SIZE) return 'is of an array whose elements have no size';
        spec.push(id, index, 0, 0);
        spec.bitOffset += index * size * 8;
      } else {
        return 'goes into a type that has no members';
      }
    }
    spec.depth = this.access.count;
    return '';
  }
}
