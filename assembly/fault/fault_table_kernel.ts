import {FaultCode} from './fault_code';
import {FaultEntry} from './fault_entry';

/** The target kernel. */
export function ofKernel(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.KERN_NOT_BTF:
      return new FaultEntry(
        'KERN_NOT_BTF',
        'name raw BTF: /sys/kernel/btf/vmlinux, or what `bpftool btf dump file F format raw` or pahole --btf_encode_detached writes',
      );
    case FaultCode.KERN_BAD_BTF:
      return new FaultEntry(
        'KERN_BAD_BTF',
        'copy /sys/kernel/btf/vmlinux of the target kernel again',
      );
    case FaultCode.KERN_NO_STRUCT_OPS:
      return new FaultEntry(
        'KERN_NO_STRUCT_OPS',
        'use a kernel that has this kind, built with its option; if a module brings it, load the module or give its BTF',
      );
    case FaultCode.KERN_NO_INNER_TYPE:
      return new FaultEntry(
        'KERN_NO_INNER_TYPE',
        'the kernel declares this kind in another way than all that are known: report its version',
      );
    case FaultCode.KERN_NO_LINKS:
      return new FaultEntry(
        'KERN_NO_LINKS',
        'use SEC(".struct_ops") for kernels before 6.4, or Linux 6.4 or newer',
      );
    case FaultCode.KERN_NO_MEMBER:
      return new FaultEntry(
        'KERN_NO_MEMBER',
        'leave the member zero for this kernel (it is then left out), or use a newer kernel',
      );
    case FaultCode.KERN_MEMBER_KIND:
      return new FaultEntry(
        'KERN_MEMBER_KIND',
        'take the struct from the vmlinux.h of the target kernel: bpftool btf dump file /sys/kernel/btf/vmlinux format c',
      );
    case FaultCode.KERN_MEMBER_SIZE:
      return new FaultEntry(
        'KERN_MEMBER_SIZE',
        'take the struct from the vmlinux.h of the target kernel: bpftool btf dump file /sys/kernel/btf/vmlinux format c',
      );
    case FaultCode.KERN_MEMBER_BITFIELD:
      return new FaultEntry(
        'KERN_MEMBER_BITFIELD',
        'leave the bit-field zero: neither libbpf nor structops can set one',
      );
    case FaultCode.KERN_MEMBER_POINTER:
      return new FaultEntry(
        'KERN_MEMBER_POINTER',
        'set function pointers to programs of this object, and leave all other pointers zero',
      );
    case FaultCode.KERN_NO_KFUNC:
      return new FaultEntry(
        'KERN_NO_KFUNC',
        'declare it `__weak` and test it with bpf_ksym_exists(), use a newer kernel, or give the BTF of its module',
      );
    case FaultCode.KERN_KFUNC_PROTO:
      return new FaultEntry('KERN_KFUNC_PROTO', 'declare the kfunc as the target kernel does');
    case FaultCode.KERN_NO_KSYM:
      return new FaultEntry(
        'KERN_NO_KSYM',
        'declare it `__weak` and test its address, or use a kernel that has it',
      );
    case FaultCode.KERN_KSYM_TYPE:
      return new FaultEntry(
        'KERN_KSYM_TYPE',
        'declare the variable with the type that the target kernel gives it',
      );
    case FaultCode.KERN_NO_KCONFIG:
      return new FaultEntry(
        'KERN_NO_KCONFIG',
        "give the target kernel's configuration, or declare the option `__weak`",
      );
    case FaultCode.KERN_NO_MAP_TYPE:
      return new FaultEntry(
        'KERN_NO_MAP_TYPE',
        'plan for a newer kernel, or use another type of map: arenas came with Linux 6.9, ring buffers of user space with 6.1',
      );
    case FaultCode.KERN_NO_BTF:
      return new FaultEntry(
        'KERN_NO_BTF',
        'use a kernel built with CONFIG_DEBUG_INFO_BTF; of one with separate debug files, give the vmlinux that has section .BTF',
      );
    case FaultCode.KERN_BAD_IMAGE:
      return new FaultEntry('KERN_BAD_IMAGE', 'the file is damaged: copy or download it again');
    case FaultCode.KERN_FOREIGN:
      return new FaultEntry(
        'KERN_FOREIGN',
        'give the kernel of a 64-bit little-endian machine: struct_ops objects are planned for those alone',
      );
    case FaultCode.KERN_NO_PROGRAM_TYPE:
      return new FaultEntry(
        'KERN_NO_PROGRAM_TYPE',
        'plan for a newer kernel, or make the program optional with SEC("?…")',
      );
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
    case FaultCode.CORE_BAD_RECORD:
      return new FaultEntry(
        'CORE_BAD_RECORD',
        'the .BTF.ext section is damaged: build the object again with clang -g',
      );
    case FaultCode.CORE_BAD_ACCESS:
      return new FaultEntry(
        'CORE_BAD_ACCESS',
        "the relocation does not fit the object's own types: build the object again with one compiler",
      );
    case FaultCode.CORE_AMBIGUOUS:
      return new FaultEntry(
        'CORE_AMBIGUOUS',
        'types of one name differ in this kernel: name the one that is meant with a flavour, such as struct x___mine',
      );
    case FaultCode.CORE_BAD_INSN:
      return new FaultEntry(
        'CORE_BAD_INSN',
        'build the object again: the relocation does not stand at the instruction that it is for',
      );
    case FaultCode.CORE_RANGE:
      return new FaultEntry(
        'CORE_RANGE',
        'read the field with BPF_CORE_READ, which copes with any offset and size',
      );
    case FaultCode.CORE_UNSUPPORTED:
      return new FaultEntry('CORE_UNSUPPORTED', 'use a newer structops, or an older compiler');
    default:
      return null;
  }
}
