import {Btf} from '../btf/btf';
import {memberAt, memberNameOffset, vlenOf} from '../btf/btf_record';
import {namesEqual, nameText} from '../bytes/c_string';
import {Program} from '../object/program';

/** A variable in a struct_ops section: a set of callbacks and settings to register (libbpf `struct bpf_struct_ops`). */
@final
export class StructOpsVariable {
  /** By local member: the program that its pointer names. */
  readonly programs: StaticArray<Program | null>;

  // Its place in the kernel, from kern_types.ts.
  /** `bpf_struct_ops_X` */
  kernVtypeId: u32 = 0;
  kernVtypeSize: u32 = 0;
  /** `X` */
  kernTypeId: u32 = 0;
  /** Offset of X in the value. */
  kernDataOffset: u32 = 0;
  /** 0 vmlinux, else the number of the module BTF that has the types. */
  module: u32 = 0;

  /** `kernVtypeSize` bytes for the kernel; program fds are missing in it. */
  kernVdata: usize = 0;
  /** Where in it the running kernel's count of hotplug events goes, or -1. */
  hotplugOffset: i32 = -1;
  readonly slots: KernSlot[] = [];
  readonly members: KernMember[] = [];
  /** By local member: its place in `kernVdata`, or -1 when the kernel has it not. */
  readonly kernOffsets: StaticArray<i32>;
  /** Members that the object has and the kernel has not, and what they were. */
  readonly skipped: string[] = [];

  constructor(
    readonly name: usize,
    /** The local struct, modifiers skipped. */
    readonly typeId: u32,
    readonly typeName: usize,
    /** `typeName` without its flavour. */
    readonly kernTypeName: usize,
    /** Bytes of the local struct. */
    readonly size: u32,
    readonly link: bool,
    memberCount: u32,
    /** Where its bytes are in the object file. */
    readonly fileOffset: u32,
    /** The local bytes, a copy. */
    readonly data: usize,
  ) {
    this.programs = new StaticArray<Program | null>(memberCount);
    this.kernOffsets = new StaticArray<i32>(memberCount);
    this.kernOffsets.fill(-1);
  }

  get text(): string {
    return nameText(this.name);
  }

  get structText(): string {
    return nameText(this.kernTypeName);
  }
}

/** A pointer in `kern_vdata` that becomes a program's fd. */
@final
export class KernSlot {
  constructor(
    /** `kern_func_off` of libbpf: bytes from the start of the value. */
    readonly offset: u32,
    readonly program: Program,
  ) {}
}

/** For people: a member of `kern_vdata` that is not zero. */
@final
export class KernMember {
  constructor(
    readonly name: usize,
    readonly offset: u32,
    readonly size: u32,
    /** BTF kind. */
    readonly kind: u32,
  ) {}
}

/** Index of the member of exactly that name, or -1. */
export function memberNamed(btf: Btf, type: usize, name: usize): i32 {
  for (let i: u32 = 0; i < vlenOf(type); i++) {
    if (namesEqual(btf.nameAt(memberNameOffset(memberAt(type, i))), name)) return i;
  }
  return -1;
}
