import {FaultCode} from './fault_code';

/** What hosts are told of a fault code. */
@final
export class FaultEntry {
  constructor(
    /** Stable, such as `KERN_NO_LINKS`. */
    readonly name: string,
    /** What to try, unless the fault itself advises better. */
    readonly hint: string,
  ) {}
}

/** The entry of any code; null: not a code. */
export function faultEntry(code: FaultCode): FaultEntry | null {
  if (code < FaultCode.ELF_NOT_ELF) return ofUse(code);
  if (code < FaultCode.BTF_MISSING) return ofElf(code);
  if (code < FaultCode.OBJ_BAD_PROGRAM) return ofBtf(code);
  if (code < FaultCode.KERN_NOT_BTF) return ofObject(code);
  if (code < FaultCode.CORE_BAD_RECORD) return ofKernel(code);
  if (code < FaultCode.PLAN_NOT_PLAN) return ofCoreRelocation(code);
  return ofPlan(code);
}

/** Options and the ABI. */
function ofUse(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.INPUT_MISSING:
      return new FaultEntry(
        'INPUT_MISSING',
        'hand over every input that the call needs before it: docs/core-abi.md names them',
      );
    case FaultCode.OPTION_UNKNOWN:
      return new FaultEntry(
        'OPTION_UNKNOWN',
        'compare the spelling with what `structops inspect` shows of the object',
      );
    case FaultCode.OPTION_BAD_VALUE:
      return new FaultEntry(
        'OPTION_BAD_VALUE',
        'give a value that fits the type and the size which `structops inspect` shows',
      );
    case FaultCode.CORE_BUG:
      return new FaultEntry(
        'CORE_BUG',
        'this is a defect of structops: please report it, with the object and the kernel BTF if you may share them',
      );
    default:
      return null;
  }
}

/** The object's ELF. */
function ofElf(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.ELF_NOT_ELF:
      return new FaultEntry(
        'ELF_NOT_ELF',
        'name the file that clang wrote: clang -target bpf -O2 -g -c x.bpf.c -o x.bpf.o',
      );
    case FaultCode.ELF_NOT_64BIT:
      return new FaultEntry(
        'ELF_NOT_64BIT',
        'compile with clang -target bpf, which writes 64-bit ELF',
      );
    case FaultCode.ELF_FOREIGN_ENDIAN:
      return new FaultEntry(
        'ELF_FOREIGN_ENDIAN',
        'compile with -target bpfel for little-endian kernels',
      );
    case FaultCode.ELF_NOT_RELOCATABLE:
      return new FaultEntry(
        'ELF_NOT_RELOCATABLE',
        'name what clang -c wrote; link several of them with `bpftool gen object`, not with ld',
      );
    case FaultCode.ELF_NOT_BPF:
      return new FaultEntry('ELF_NOT_BPF', 'compile with clang -target bpf');
    case FaultCode.ELF_TRUNCATED:
      return new FaultEntry(
        'ELF_TRUNCATED',
        'the file is shorter than its headers say: build or copy it again',
      );
    case FaultCode.ELF_NO_SYMTAB:
      return new FaultEntry(
        'ELF_NO_SYMTAB',
        'do not strip the symbol table; to make the object smaller use llvm-strip -g',
      );
    case FaultCode.ELF_BAD_SECTION:
      return new FaultEntry(
        'ELF_BAD_SECTION',
        'the file is damaged: build it again with clang -target bpf',
      );
    case FaultCode.ELF_BAD_SYMBOL:
      return new FaultEntry(
        'ELF_BAD_SYMBOL',
        'the file is damaged: build it again with clang -target bpf',
      );
    case FaultCode.ELF_BAD_RELOCATION:
      return new FaultEntry(
        'ELF_BAD_RELOCATION',
        'the file is damaged: build it again with clang -target bpf',
      );
    default:
      return null;
  }
}

/** The object's BTF and BTF.ext. */
function ofBtf(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.BTF_MISSING:
      return new FaultEntry(
        'BTF_MISSING',
        'compile with -g, and strip DWARF only: llvm-strip -g keeps BTF',
      );
    case FaultCode.BTF_NOT_BTF:
      return new FaultEntry(
        'BTF_NOT_BTF',
        'compile with clang -target bpf -g, for a little-endian machine',
      );
    case FaultCode.BTF_TRUNCATED:
      return new FaultEntry(
        'BTF_TRUNCATED',
        'the BTF is shorter than its header says: build the object again',
      );
    case FaultCode.BTF_BAD_HEADER:
      return new FaultEntry(
        'BTF_BAD_HEADER',
        'the BTF is damaged: build the object again with clang -g',
      );
    case FaultCode.BTF_BAD_STRINGS:
      return new FaultEntry(
        'BTF_BAD_STRINGS',
        'the BTF is damaged: build the object again with clang -g',
      );
    case FaultCode.BTF_BAD_TYPE:
      return new FaultEntry(
        'BTF_BAD_TYPE',
        'the BTF is damaged: build the object again with clang -g',
      );
    case FaultCode.BTF_UNKNOWN_KIND:
      return new FaultEntry(
        'BTF_UNKNOWN_KIND',
        'the compiler is newer than this version of structops: use a newer structops, or an older compiler',
      );
    case FaultCode.BTF_BAD_ID:
      return new FaultEntry(
        'BTF_BAD_ID',
        'the BTF is damaged: build the object again with clang -g',
      );
    case FaultCode.BTF_CYCLE:
      return new FaultEntry(
        'BTF_CYCLE',
        'the BTF is damaged: build the object again with clang -g',
      );
    case FaultCode.BTF_EXT_BAD:
      return new FaultEntry(
        'BTF_EXT_BAD',
        'the .BTF.ext section is damaged: build the object again with clang -g',
      );
    default:
      return null;
  }
}

/** What the object declares. */
function ofObject(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.OBJ_BAD_PROGRAM:
      return new FaultEntry(
        'OBJ_BAD_PROGRAM',
        'each function with SEC() must be whole and lie alone in its place: build the object again',
      );
    case FaultCode.OBJ_STATIC_PROGRAM:
      return new FaultEntry(
        'OBJ_STATIC_PROGRAM',
        'remove `static` from the program: an entry point must be a global function',
      );
    case FaultCode.OBJ_BAD_VARIABLE:
      return new FaultEntry(
        'OBJ_BAD_VARIABLE',
        'declare the variable as `SEC(".struct_ops.link") struct X x = {...};` and compile with -g',
      );
    case FaultCode.OBJ_BAD_CALLBACK:
      return new FaultEntry(
        'OBJ_BAD_CALLBACK',
        'set callbacks to functions in SEC("struct_ops"), as in `.init = (void *)x_init`',
      );
    case FaultCode.OBJ_UNDEFINED_SYMBOL:
      return new FaultEntry(
        'OBJ_UNDEFINED_SYMBOL',
        'define it, or declare it `extern … __ksym` when the kernel has it',
      );
    case FaultCode.OBJ_UNSUPPORTED_SECTION:
      return new FaultEntry(
        'OBJ_UNSUPPORTED_SECTION',
        'leave this section out, or split the object: structops carries struct_ops, its programs and its global data',
      );
    case FaultCode.OBJ_BAD_MAP:
      return new FaultEntry(
        'OBJ_BAD_MAP',
        "compare the definition of the map with those in libbpf's documentation",
      );
    case FaultCode.OBJ_BAD_REFERENCE:
      return new FaultEntry(
        'OBJ_BAD_REFERENCE',
        'refer to global variables, maps and functions of this object only',
      );
    case FaultCode.OBJ_BAD_EXTERN:
      return new FaultEntry(
        'OBJ_BAD_EXTERN',
        'declare it `extern … __ksym` or `extern … __kconfig`, and compile with -g',
      );
    case FaultCode.OBJ_PROGRAM_UNUSED:
      return new FaultEntry(
        'OBJ_PROGRAM_UNUSED',
        'set a callback to the program, or put it into SEC("?struct_ops")',
      );
    case FaultCode.OBJ_PROGRAM_REUSED:
      return new FaultEntry(
        'OBJ_PROGRAM_REUSED',
        'write a second program, which may call the same function',
      );
    case FaultCode.OBJ_PROGRAM_TYPE:
      return new FaultEntry(
        'OBJ_PROGRAM_TYPE',
        'use SEC("struct_ops"), SEC("struct_ops.s") or SEC("syscall"); load other programs from an object of their own',
      );
    case FaultCode.OBJ_NO_DEBUG_INFO:
      return new FaultEntry('OBJ_NO_DEBUG_INFO', 'compile with -g');
    case FaultCode.OBJ_NOTHING:
      return new FaultEntry('OBJ_NOTHING', 'declare a variable in SEC(".struct_ops.link")');
    case FaultCode.OBJ_TOO_LARGE:
      return new FaultEntry(
        'OBJ_TOO_LARGE',
        'split the object, or make its largest maps and data smaller',
      );
    default:
      return null;
  }
}

/** The target kernel. */
function ofKernel(code: FaultCode): FaultEntry | null {
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
function ofCoreRelocation(code: FaultCode): FaultEntry | null {
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

/** Plans handed back. */
function ofPlan(code: FaultCode): FaultEntry | null {
  switch (code) {
    case FaultCode.PLAN_NOT_PLAN:
      return new FaultEntry('PLAN_NOT_PLAN', 'name a file that `structops plan -o` wrote');
    case FaultCode.PLAN_VERSION:
      return new FaultEntry(
        'PLAN_VERSION',
        'make the plan again with this version of structops, or show it with the one that made it',
      );
    case FaultCode.PLAN_TRUNCATED:
      return new FaultEntry(
        'PLAN_TRUNCATED',
        'the file is shorter than its head says: copy it again',
      );
    case FaultCode.PLAN_DIGEST:
      return new FaultEntry(
        'PLAN_DIGEST',
        'the file was changed or damaged since it was made: copy it again, or make the plan again',
      );
    case FaultCode.PLAN_BAD:
      return new FaultEntry(
        'PLAN_BAD',
        'the plan breaks a rule of docs/plan-format.md: make it again, and do not carry it out',
      );
    default:
      return null;
  }
}
