/** ELF64 as of the System V gABI and linux/elf.h; offsets in bytes. */

export const ELFCLASS64: u32 = 2;
export const ELFDATA2LSB: u32 = 1;
export const ELFDATA2MSB: u32 = 2;
export const ET_REL: u32 = 1;
export const EM_NONE: u32 = 0;
export const EM_BPF: u32 = 247;

export const EHDR_SIZE: u32 = 64;
export const E_TYPE: u32 = 16;
export const E_MACHINE: u32 = 18;
export const E_SHOFF: u32 = 40;
export const E_SHENTSIZE: u32 = 58;
export const E_SHNUM: u32 = 60;
export const E_SHSTRNDX: u32 = 62;

export const SHDR_SIZE: u32 = 64;
export const SH_NAME: u32 = 0;
export const SH_TYPE: u32 = 4;
export const SH_FLAGS: u32 = 8;
export const SH_OFFSET: u32 = 24;
export const SH_SIZE: u32 = 32;
export const SH_LINK: u32 = 40;
export const SH_INFO: u32 = 44;
export const SH_ENTSIZE: u32 = 56;

export const SHT_PROGBITS: u32 = 1;
export const SHT_SYMTAB: u32 = 2;
export const SHT_STRTAB: u32 = 3;
export const SHT_NOBITS: u32 = 8;
export const SHT_REL: u32 = 9;
export const SHT_LLVM_ADDRSIG: u32 = 0x6fff4c03;
export const SHF_EXECINSTR: u32 = 4;
export const SHF_COMPRESSED: u32 = 0x800;
export const SHN_UNDEF: u32 = 0;
export const SHN_LORESERVE: u32 = 0xff00;
export const SHN_XINDEX: u32 = 0xffff;

export const SYM_SIZE: u32 = 24;
export const ST_NAME: u32 = 0;
export const ST_INFO: u32 = 4;
export const ST_OTHER: u32 = 5;
export const ST_SHNDX: u32 = 6;
export const ST_VALUE: u32 = 8;
export const ST_SIZE: u32 = 16;

export const STB_LOCAL: u32 = 0;
export const STB_GLOBAL: u32 = 1;
export const STB_WEAK: u32 = 2;
export const STT_NOTYPE: u32 = 0;
export const STT_OBJECT: u32 = 1;
export const STT_FUNC: u32 = 2;
export const STT_SECTION: u32 = 3;
export const STV_INTERNAL: u32 = 1;
export const STV_HIDDEN: u32 = 2;

export const REL_SIZE: u32 = 16;
