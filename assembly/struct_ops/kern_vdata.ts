import {Btf} from '../btf/btf';
import {NO_SIZE, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {
  kindOf,
  memberAt,
  memberBitfieldBits,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameText} from '../bytes/c_string';
import {heapKeepRoom, heapTake} from '../bytes/heap';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {NearName} from '../bytes/near_name';
import {isZero} from '../bytes/zeros';
import {Fault, Input, NO_OFFSET} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Target} from '../kernel/target';
import {SKIPPED_MAX} from '../limits';
import {ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import * as btf from '../uapi/btf';
import {claimAttachTarget} from './attach_target';
import {KernMember, KernSlot, StructOpsVariable} from './struct_ops_variable';

/**
 * Lays the members of a struct_ops variable out as the kernel has them (`bpf_map__init_kern_struct_ops` of libbpf):
 * matched by name, kind and size, in any order. What the kernel has and the object has not stays zero, padding too.
 */
@final
export class KernVdataBuilder {
  private readonly variable: StructOpsVariable;
  private readonly kern: Btf;
  private readonly kernType: usize;
  private readonly localType: usize;
  /** Of the kernel's members: how many have been looked at for one without a name. */
  private unnamedSeen: u32 = 0;

  constructor(
    private readonly map: ObjectMap,
    private readonly local: LocalBtf,
    target: Target,
    /** By name: indices of the members of the kernel's struct. */
    private readonly kernMembers: NameIndex,
    /** By byte of the value: 1 once a member has it, 0 before. No two members of a struct share one. */
    private readonly taken: usize,
    /** Whether a callback that the kernel has not is left out. */
    private readonly nullUnknown: bool,
    private readonly faults: Faults,
  ) {
    const variable = map.structOps!;
    const kern = target.btf(variable.module).btf;
    this.variable = variable;
    this.kern = kern;
    this.kernType = kern.record(variable.kernTypeId);
    this.localType = local.btf.record(variable.typeId);
  }

  build(): void {
    const variable = this.variable;
    const room = <usize>variable.kernVtypeSize + 8;
    variable.kernVdata = heapTake(room);
    memory.fill(variable.kernVdata, 0, room);
    const count = vlenOf(this.localType);
    for (let i: u32 = 0; i < count && !this.faults.full; i++) {
      if (<u32>variable.skipped.length > SKIPPED_MAX) return;
      heapKeepRoom();
      this.place(i);
    }
  }

  private place(index: u32): void {
    const variable = this.variable;
    const member = memberAt(this.localType, index);
    const name = this.local.btf.nameAt(memberNameOffset(member));
    const bits = memberOffsetBits(this.localType, member);
    const bitfieldBits = memberBitfieldBits(this.localType, member);
    // It lies inside: member_layout.ts. The type of a bit-field may reach beyond.
    const size =
      bitfieldBits == 0
        ? resolveSize(this.local.btf, memberType(member))
        : ((bits & 7) + bitfieldBits + 7) / 8;
    const data = variable.data + bits / 8;
    const program = variable.programs[index];
    const kernIndex = this.findKernMember(name);
    if (kernIndex == NOT_FOUND) {
      if (program !== null && this.nullUnknown) {
        variable.programs[index] = null;
        program.autoload = false;
        variable.skipped.push(`${nameText(name)}, which was ${program.text}`);
      } else if (program !== null || !isZero(data, size)) {
        this.refuse(
          FaultCode.KERN_NO_MEMBER,
          name,
          "does not exist in this kernel's struct, but the object sets it",
        )
          .advise(
            `leave ${nameText(name)} unset for this kernel, or plan for a kernel whose ${variable.structText} has it`,
          )
          .needs(`member ${nameText(name)} of struct ${variable.structText}`, '')
          .resembles(this.nearMember(name));
      } else {
        variable.skipped.push(`${nameText(name)}, which is zero`);
      }
      return;
    }
    const kernMember = memberAt(this.kernType, kernIndex);
    if (bitfieldBits != 0 || memberBitfieldBits(this.kernType, kernMember) != 0) {
      this.refuse(FaultCode.KERN_MEMBER_BITFIELD, name, 'is a bitfield, which cannot be set');
      return;
    }
    this.placeAt(index, name, memberType(member), data, size, kernIndex);
  }

  /**
   * Members without a name, which are structs and unions, are taken in their order. Differs from libbpf: the kernel's first
   * one is that of all, and has the bytes of the last.
   */
  private findKernMember(name: usize): u32 {
    if (load<u8>(name) != 0) return this.kernMembers.find(name);
    while (this.unnamedSeen < vlenOf(this.kernType)) {
      const index = this.unnamedSeen++;
      const kernName = this.kern.nameAt(memberNameOffset(memberAt(this.kernType, index)));
      if (load<u8>(kernName) == 0) return index;
    }
    return NOT_FOUND;
  }

  private placeAt(
    index: u32,
    name: usize,
    localType: u32,
    data: usize,
    size: u32,
    kernIndex: u32,
  ): void {
    const variable = this.variable;
    const program = variable.programs[index];
    const kern = this.kern;
    const kernMember = memberAt(this.kernType, kernIndex);
    const kernTypeId = skipModsAndTypedefs(kern, memberType(kernMember));
    const localTypeId = skipModsAndTypedefs(this.local.btf, localType);
    const localKind = kindOf(this.local.btf.record(localTypeId));
    const kernKind = kindOf(kern.record(kernTypeId));
    if (localKind != kernKind) {
      this.refuse(FaultCode.KERN_MEMBER_KIND, name, 'is of another kind in this kernel').differs(
        btf.kindName(localKind),
        btf.kindName(kernKind),
      );
      return;
    }
    const offset = variable.kernDataOffset + memberOffsetBits(this.kernType, kernMember) / 8;
    const kernSize = resolveSize(kern, kernTypeId);
    if (
      kernSize == NO_SIZE ||
      kernSize > variable.kernVtypeSize ||
      offset > variable.kernVtypeSize - kernSize
    ) {
      this.refuse(FaultCode.KERN_BAD_BTF, name, "lies outside the kernel's struct")
        .in(Input.Kernel)
        .at(NO_OFFSET);
      return;
    }
    if (!this.take(offset, kernSize)) {
      this.refuse(FaultCode.KERN_BAD_BTF, name, "lies over another member of the kernel's struct")
        .in(Input.Kernel)
        .at(NO_OFFSET);
      return;
    }
    variable.kernOffsets[index] = offset;
    if (localKind == btf.BTF_KIND_PTR) {
      this.placePointer(name, data, program, kernTypeId, kernIndex, offset);
      return;
    }
    if (size != kernSize) {
      this.refuse(FaultCode.KERN_MEMBER_SIZE, name, 'has another size in this kernel').differs(
        `${size} bytes`,
        `${kernSize} bytes`,
      );
      return;
    }
    memory.copy(variable.kernVdata + offset, data, size);
    if (!isZero(data, size)) {
      variable.members.push(new KernMember(name, offset, size, localKind));
    }
  }

  /** Marks bytes of the value as written; false when one is already. */
  private take(offset: u32, size: u32): bool {
    for (let i = offset; i < offset + size; i++) {
      if (load<u8>(this.taken + i) != 0) return false;
      store<u8>(this.taken + i, 1);
    }
    return true;
  }

  private placePointer(
    name: usize,
    data: usize,
    program: Program | null,
    kernTypeId: u32,
    kernIndex: u32,
    offset: u32,
  ): void {
    if (program === null) {
      if (load<u64>(data) == 0) return;
      this.refuse(
        FaultCode.KERN_MEMBER_POINTER,
        name,
        'is set to an address that is no struct_ops program of this object',
      );
      return;
    }
    const kern = this.kern;
    const pointee = skipModsAndTypedefs(kern, typeOf(kern.record(kernTypeId)));
    if (kindOf(kern.record(pointee)) != btf.BTF_KIND_FUNC_PROTO) {
      this.refuse(
        FaultCode.KERN_MEMBER_POINTER,
        name,
        'is no function pointer in this kernel',
      ).differs(
        'a pointer to a function',
        `a pointer to ${btf.kindName(kindOf(kern.record(pointee)))}`,
      );
      return;
    }
    const variable = this.variable;
    if (!claimAttachTarget(program, this.map, nameText(name), kernIndex, this.faults)) return;
    variable.slots.push(new KernSlot(offset, program));
    variable.members.push(new KernMember(name, offset, 8, btf.BTF_KIND_PTR));
  }

  private nearMember(name: usize): string {
    if (this.faults.many) return '';
    const near = new NearName(name);
    for (let i: u32 = 0; i < vlenOf(this.kernType); i++) {
      near.offer(this.kern.nameAt(memberNameOffset(memberAt(this.kernType, i))));
    }
    return near.text;
  }

  private refuse(code: FaultCode, member: usize, what: string): Fault {
    const variable = this.variable;
    return this.faults
      .add(code, `member ${nameText(member)} of ${this.map.text} ${what}`)
      .at(variable.fileOffset)
      .ofSection(this.map.section.text)
      .ofSymbol(this.map.text)
      .ofMember(variable.structText, nameText(member));
  }
}
