import {FaultCode} from './fault_code';
import {FaultEntry} from './fault_entry';

/** The target kernel. */
export function ofKernel(code: FaultCode): FaultEntry | null {
  switch (code) {
    /**
     * The kernel BTF is no BTF of this byte order.
     * Another file was given, or the BTF of a big-endian machine.
     */
    case FaultCode.KERN_NOT_BTF:
      return new FaultEntry(
        'KERN_NOT_BTF',
        'name raw BTF: /sys/kernel/btf/vmlinux, or what `bpftool btf dump file F format raw` or pahole --btf_encode_detached writes',
      );
    /** The kernel BTF is damaged. It was cut off, or a record says what cannot be. */
    case FaultCode.KERN_BAD_BTF:
      return new FaultEntry(
        'KERN_BAD_BTF',
        'copy /sys/kernel/btf/vmlinux of the target kernel again',
      );
    /**
     * The kernel does not have this kind of struct_ops.
     * It is older than the kind, was built without its option, or has it in a module.
     */
    case FaultCode.KERN_NO_STRUCT_OPS:
      return new FaultEntry(
        'KERN_NO_STRUCT_OPS',
        'use a kernel that has this kind, built with its option; if a module brings it, load the module or give its BTF',
      );
    /**
     * The kernel's value type does not hold the struct.
     * The kernel declares the kind in an unknown way.
     */
    case FaultCode.KERN_NO_INNER_TYPE:
      return new FaultEntry(
        'KERN_NO_INNER_TYPE',
        'the kernel declares this kind in another way than all that are known: report its version',
      );
    /**
     * The kernel has no struct_ops links.
     * Links came with Linux 6.4; before, a struct_ops is registered by its map.
     */
    case FaultCode.KERN_NO_LINKS:
      return new FaultEntry(
        'KERN_NO_LINKS',
        'use SEC(".struct_ops") for kernels before 6.4, or Linux 6.4 or newer',
      );
    /**
     * The kernel's struct does not have a member that the object sets.
     * The kernel is older or newer than the object.
     */
    case FaultCode.KERN_NO_MEMBER:
      return new FaultEntry(
        'KERN_NO_MEMBER',
        'leave the member zero for this kernel (it is then left out), or use a newer kernel',
      );
    /**
     * A member is of another kind in the kernel.
     * The struct changed between the kernel and the header that the object has.
     */
    case FaultCode.KERN_MEMBER_KIND:
      return new FaultEntry(
        'KERN_MEMBER_KIND',
        'take the struct from the vmlinux.h of the target kernel: bpftool btf dump file /sys/kernel/btf/vmlinux format c',
      );
    /**
     * A member has another size in the kernel.
     * The struct changed between the kernel and the header that the object has.
     */
    case FaultCode.KERN_MEMBER_SIZE:
      return new FaultEntry(
        'KERN_MEMBER_SIZE',
        'take the struct from the vmlinux.h of the target kernel: bpftool btf dump file /sys/kernel/btf/vmlinux format c',
      );
    /** A member that is set is a bit-field. No loader can set bit-fields of a struct_ops. */
    case FaultCode.KERN_MEMBER_BITFIELD:
      return new FaultEntry(
        'KERN_MEMBER_BITFIELD',
        'leave the bit-field zero: neither libbpf nor structops can set one',
      );
    /**
     * A pointer is set that the kernel cannot be given.
     * Only callbacks may be set, to programs of the object.
     */
    case FaultCode.KERN_MEMBER_POINTER:
      return new FaultEntry(
        'KERN_MEMBER_POINTER',
        'set function pointers to programs of this object, and leave all other pointers zero',
      );
    /**
     * The kernel does not have a kfunc that the object calls.
     * It is older than the kfunc, or has it in a module that was not given.
     */
    case FaultCode.KERN_NO_KFUNC:
      return new FaultEntry(
        'KERN_NO_KFUNC',
        'declare it `__weak` and test it with bpf_ksym_exists(), use a newer kernel, or give the BTF of its module',
      );
    /**
     * A kfunc has another prototype in the kernel.
     * It changed between the kernel and the declaration in the object.
     */
    case FaultCode.KERN_KFUNC_PROTO:
      return new FaultEntry('KERN_KFUNC_PROTO', 'declare the kfunc as the target kernel does');
    /**
     * The kernel does not have a variable that the object reads.
     * It was built without it, or has it in a module that was not given.
     */
    case FaultCode.KERN_NO_KSYM:
      return new FaultEntry(
        'KERN_NO_KSYM',
        'declare it `__weak` and test its address, or use a kernel that has it',
      );
    /**
     * A kernel variable has another type in the kernel.
     * It changed between the kernel and the declaration in the object.
     */
    case FaultCode.KERN_KSYM_TYPE:
      return new FaultEntry(
        'KERN_KSYM_TYPE',
        'declare the variable with the type that the target kernel gives it',
      );
    /**
     * An option of the kernel has no value.
     * The configuration of the kernel was not given, or does not have the option.
     */
    case FaultCode.KERN_NO_KCONFIG:
      return new FaultEntry(
        'KERN_NO_KCONFIG',
        "give the target kernel's configuration, or declare the option `__weak`",
      );
    /** The kernel does not have this type of map. The kernel is older than the type. */
    case FaultCode.KERN_NO_MAP_TYPE:
      return new FaultEntry(
        'KERN_NO_MAP_TYPE',
        'plan for a newer kernel, or use another type of map: arenas came with Linux 6.9, ring buffers of user space with 6.1',
      );
    /**
     * The kernel has no BTF.
     * It was built without CONFIG_DEBUG_INFO_BTF, or the file is only a part of it.
     */
    case FaultCode.KERN_NO_BTF:
      return new FaultEntry(
        'KERN_NO_BTF',
        'use a kernel built with CONFIG_DEBUG_INFO_BTF; of one with separate debug files, give the vmlinux that has section .BTF',
      );
    /** The file of the kernel is damaged. It was cut off when it was copied or downloaded. */
    case FaultCode.KERN_BAD_IMAGE:
      return new FaultEntry('KERN_BAD_IMAGE', 'the file is damaged: copy or download it again');
    /**
     * The kernel is for a machine that no plan can be made for.
     * It has 32-bit pointers, or the other byte order.
     */
    case FaultCode.KERN_FOREIGN:
      return new FaultEntry(
        'KERN_FOREIGN',
        'give the kernel of a 64-bit little-endian machine: struct_ops objects are planned for those alone',
      );
    /** The kernel does not have this type of program. The kernel is older than the type, or was built without it. */
    case FaultCode.KERN_NO_PROGRAM_TYPE:
      return new FaultEntry(
        'KERN_NO_PROGRAM_TYPE',
        'plan for a newer kernel, or make the program optional with SEC("?…")',
      );
    /**
     * The kernel does not have what a program is attached to.
     * The function is inlined, renamed, or in a module that was not given.
     */
    case FaultCode.KERN_NO_TARGET:
      return new FaultEntry(
        'KERN_NO_TARGET',
        'compare the name with the BTF of the kernel, give the BTF of the module that has it, or make the program optional with SEC("?…")',
      );
    default:
      return null;
  }
}

/** CO-RE relocations. */
export function ofCoreRelocation(code: FaultCode): FaultEntry | null {
  switch (code) {
    /** A CO-RE relocation is not usable. Section .BTF.ext is damaged. */
    case FaultCode.CORE_BAD_RECORD:
      return new FaultEntry(
        'CORE_BAD_RECORD',
        'the .BTF.ext section is damaged: build the object again with clang -g',
      );
    /**
     * A CO-RE relocation does not fit the object's own types.
     * Parts of the object come from different builds.
     */
    case FaultCode.CORE_BAD_ACCESS:
      return new FaultEntry(
        'CORE_BAD_ACCESS',
        "the relocation does not fit the object's own types: build the object again with one compiler",
      );
    /**
     * A CO-RE relocation has several answers in the kernel.
     * Types of one name are different in it.
     */
    case FaultCode.CORE_AMBIGUOUS:
      return new FaultEntry(
        'CORE_AMBIGUOUS',
        'types of one name differ in this kernel: name the one that is meant with a flavour, such as struct x___mine',
      );
    /**
     * A CO-RE relocation stands at an instruction that it is not for.
     * The object is damaged, or its compiler has a defect.
     */
    case FaultCode.CORE_BAD_INSN:
      return new FaultEntry(
        'CORE_BAD_INSN',
        'build the object again: the relocation does not stand at the instruction that it is for',
      );
    /**
     * A CO-RE value does not fit its instruction.
     * The field lies further away, or is larger, than the instruction can say.
     */
    case FaultCode.CORE_RANGE:
      return new FaultEntry(
        'CORE_RANGE',
        'read the field with BPF_CORE_READ, which copes with any offset and size',
      );
    /**
     * A CO-RE relocation is of an unknown kind.
     * The compiler is newer than this version of structops.
     */
    case FaultCode.CORE_UNSUPPORTED:
      return new FaultEntry('CORE_UNSUPPORTED', 'use a newer structops, or an older compiler');
    default:
      return null;
  }
}
