import {FaultCode} from './fault_code';
import {FaultEntry} from './fault_entry';

/** The object's ELF. */
export function ofElf(code: FaultCode): FaultEntry | null {
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
export function ofBtf(code: FaultCode): FaultEntry | null {
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
export function ofObject(code: FaultCode): FaultEntry | null {
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
        'name the section after the kind of program, as in SEC("struct_ops"), SEC("syscall") or SEC("fentry/do_exit")',
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
