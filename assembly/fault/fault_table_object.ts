import {FaultCode} from './fault_code';
import {FaultEntry} from './fault_entry';

/** The object's ELF. */
export function ofElf(code: FaultCode): FaultEntry | null {
  switch (code) {
    /**
     * The object is no ELF file.
     * Another file was named, or the build wrote LLVM bitcode or nothing.
     */
    case FaultCode.ELF_NOT_ELF:
      return new FaultEntry(
        'ELF_NOT_ELF',
        'name the file that clang wrote: clang -target bpf -O2 -g -c x.bpf.c -o x.bpf.o',
      );
    /** The object is a 32-bit ELF file. It was compiled for another machine than BPF. */
    case FaultCode.ELF_NOT_64BIT:
      return new FaultEntry(
        'ELF_NOT_64BIT',
        'compile with clang -target bpf, which writes 64-bit ELF',
      );
    /** The object has the other byte order. It was compiled with -target bpfeb. */
    case FaultCode.ELF_FOREIGN_ENDIAN:
      return new FaultEntry(
        'ELF_FOREIGN_ENDIAN',
        'compile with -target bpfel for little-endian kernels',
      );
    /**
     * The object was linked into a program or library.
     * A linker for native code had it; BPF objects stay relocatable.
     */
    case FaultCode.ELF_NOT_RELOCATABLE:
      return new FaultEntry(
        'ELF_NOT_RELOCATABLE',
        'name what clang -c wrote; link several of them with `bpftool gen object`, not with ld',
      );
    /** The object is for another machine than BPF. It was compiled without -target bpf. */
    case FaultCode.ELF_NOT_BPF:
      return new FaultEntry('ELF_NOT_BPF', 'compile with clang -target bpf');
    /** The object ends before its own headers say. It was cut off when it was copied or built. */
    case FaultCode.ELF_TRUNCATED:
      return new FaultEntry(
        'ELF_TRUNCATED',
        'the file is shorter than its headers say: build or copy it again',
      );
    /** The object has no symbol table. It was stripped of all symbols. */
    case FaultCode.ELF_NO_SYMTAB:
      return new FaultEntry(
        'ELF_NO_SYMTAB',
        'do not strip the symbol table; to make the object smaller use llvm-strip -g',
      );
    /**
     * A section of the object is not usable.
     * The section table is damaged, or was made to mislead.
     */
    case FaultCode.ELF_BAD_SECTION:
      return new FaultEntry(
        'ELF_BAD_SECTION',
        'the file is damaged: build it again with clang -target bpf',
      );
    /**
     * A symbol of the object is not usable.
     * The symbol table is damaged, or was made to mislead.
     */
    case FaultCode.ELF_BAD_SYMBOL:
      return new FaultEntry(
        'ELF_BAD_SYMBOL',
        'the file is damaged: build it again with clang -target bpf',
      );
    /**
     * A relocation of the object is not usable.
     * It points outside its section, or is of a kind that BPF does not have.
     */
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
    /** The object has no type information. It was compiled without -g, or stripped of BTF. */
    case FaultCode.BTF_MISSING:
      return new FaultEntry(
        'BTF_MISSING',
        'compile with -g, and strip DWARF only: llvm-strip -g keeps BTF',
      );
    /** Section .BTF of the object holds no BTF. It is damaged, or of the other byte order. */
    case FaultCode.BTF_NOT_BTF:
      return new FaultEntry(
        'BTF_NOT_BTF',
        'compile with clang -target bpf -g, for a little-endian machine',
      );
    /** The object's BTF ends before its header says. The section was cut off. */
    case FaultCode.BTF_TRUNCATED:
      return new FaultEntry(
        'BTF_TRUNCATED',
        'the BTF is shorter than its header says: build the object again',
      );
    /**
     * The header of the object's BTF is not usable.
     * It is damaged, or of a version that is not known.
     */
    case FaultCode.BTF_BAD_HEADER:
      return new FaultEntry(
        'BTF_BAD_HEADER',
        'the BTF is damaged: build the object again with clang -g',
      );
    /**
     * The strings of the object's BTF are not usable.
     * They are not framed by NULs, or a name lies outside.
     */
    case FaultCode.BTF_BAD_STRINGS:
      return new FaultEntry(
        'BTF_BAD_STRINGS',
        'the BTF is damaged: build the object again with clang -g',
      );
    /**
     * A type of the object's BTF is not usable.
     * Its record is damaged, or says what no compiler writes.
     */
    case FaultCode.BTF_BAD_TYPE:
      return new FaultEntry(
        'BTF_BAD_TYPE',
        'the BTF is damaged: build the object again with clang -g',
      );
    /**
     * A type of the object's BTF has an unknown kind.
     * The compiler is newer than this version of structops.
     */
    case FaultCode.BTF_UNKNOWN_KIND:
      return new FaultEntry(
        'BTF_UNKNOWN_KIND',
        'the compiler is newer than this version of structops: use a newer structops, or an older compiler',
      );
    /** A type refers to one that does not exist. The BTF is damaged. */
    case FaultCode.BTF_BAD_ID:
      return new FaultEntry(
        'BTF_BAD_ID',
        'the BTF is damaged: build the object again with clang -g',
      );
    /** Types refer to each other in a circle. The BTF is damaged: such a type has no size. */
    case FaultCode.BTF_CYCLE:
      return new FaultEntry(
        'BTF_CYCLE',
        'the BTF is damaged: build the object again with clang -g',
      );
    /** Section .BTF.ext of the object is not usable. It is damaged, or does not fit the code. */
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
    /**
     * A program of the object is not usable.
     * Functions overlap, are empty, or are no whole instructions.
     */
    case FaultCode.OBJ_BAD_PROGRAM:
      return new FaultEntry(
        'OBJ_BAD_PROGRAM',
        'each function with SEC() must be whole and lie alone in its place: build the object again',
      );
    /**
     * A program is a static function.
     * The kernel is given entry points by name, which static functions do not have.
     */
    case FaultCode.OBJ_STATIC_PROGRAM:
      return new FaultEntry(
        'OBJ_STATIC_PROGRAM',
        'remove `static` from the program: an entry point must be a global function',
      );
    /**
     * A struct_ops variable is not usable.
     * It is no struct, has no type information, or does not lie in its section.
     */
    case FaultCode.OBJ_BAD_VARIABLE:
      return new FaultEntry(
        'OBJ_BAD_VARIABLE',
        'declare the variable as `SEC(".struct_ops.link") struct X x = {...};` and compile with -g',
      );
    /**
     * A callback is set to something that is no program.
     * The member holds a number, a variable, or a function of another section.
     */
    case FaultCode.OBJ_BAD_CALLBACK:
      return new FaultEntry(
        'OBJ_BAD_CALLBACK',
        'set callbacks to functions in SEC("struct_ops"), as in `.init = (void *)x_init`',
      );
    /**
     * The object refers to something that nobody defines.
     * A function or variable is declared and not linked in.
     */
    case FaultCode.OBJ_UNDEFINED_SYMBOL:
      return new FaultEntry(
        'OBJ_UNDEFINED_SYMBOL',
        'define it, or declare it `extern … __ksym` when the kernel has it',
      );
    /**
     * A section of the object is of no kind that can be loaded.
     * It needs a loader that does more, or is a section of old.
     */
    case FaultCode.OBJ_UNSUPPORTED_SECTION:
      return new FaultEntry(
        'OBJ_UNSUPPORTED_SECTION',
        'leave this section out, or split the object: structops carries struct_ops, its programs and its global data',
      );
    /**
     * The definition of a map is not usable.
     * An attribute is missing, is given twice, or does not fit the kind of map.
     */
    case FaultCode.OBJ_BAD_MAP:
      return new FaultEntry(
        'OBJ_BAD_MAP',
        "compare the definition of the map with those in libbpf's documentation",
      );
    /**
     * An instruction refers to something that it cannot.
     * It names a section or symbol that is no variable, map or function.
     */
    case FaultCode.OBJ_BAD_REFERENCE:
      return new FaultEntry(
        'OBJ_BAD_REFERENCE',
        'refer to global variables, maps and functions of this object only',
      );
    /**
     * An extern of the object is not usable.
     * It is in no section for externs, or of a type that the kernel cannot fill in.
     */
    case FaultCode.OBJ_BAD_EXTERN:
      return new FaultEntry(
        'OBJ_BAD_EXTERN',
        'declare it `extern … __ksym` or `extern … __kconfig`, and compile with -g',
      );
    /**
     * A struct_ops program is in no struct_ops variable.
     * The kernel takes such a program only for a member.
     */
    case FaultCode.OBJ_PROGRAM_UNUSED:
      return new FaultEntry(
        'OBJ_PROGRAM_UNUSED',
        'set a callback to the program, or put it into SEC("?struct_ops")',
      );
    /**
     * A program is used for two different members.
     * The kernel verifies a program for one member of one struct.
     */
    case FaultCode.OBJ_PROGRAM_REUSED:
      return new FaultEntry(
        'OBJ_PROGRAM_REUSED',
        'write a second program, which may call the same function',
      );
    /** A program is of a type that is not loaded here. Its section says so. */
    case FaultCode.OBJ_PROGRAM_TYPE:
      return new FaultEntry(
        'OBJ_PROGRAM_TYPE',
        'name the section after the kind of program, as in SEC("struct_ops"), SEC("syscall") or SEC("fentry/do_exit")',
      );
    /** A function has no type information. It was compiled without -g, or written in assembly. */
    case FaultCode.OBJ_NO_DEBUG_INFO:
      return new FaultEntry('OBJ_NO_DEBUG_INFO', 'compile with -g');
    /** The object has nothing to load. It has neither programs nor maps. */
    case FaultCode.OBJ_NOTHING:
      return new FaultEntry('OBJ_NOTHING', 'declare a variable in SEC(".struct_ops.link")');
    /**
     * The object asks for more than a plan can hold.
     * It has too many programs, maps or names, or too much data.
     */
    case FaultCode.OBJ_TOO_LARGE:
      return new FaultEntry(
        'OBJ_TOO_LARGE',
        'split the object, or make its largest maps and data smaller',
      );
    default:
      return null;
  }
}
