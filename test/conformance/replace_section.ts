import {type ElfEdit, SHDR} from '../helpers/elf_edit.js';

/** The object with other contents of a section, which lie at the end of the file. */
export function replaceSection(elf: ElfEdit, name: string, content: Uint8Array): Uint8Array {
  const {header} = elf.section(name);
  const offset = (elf.bytes.length + 7) & ~7;
  elf.u64(header + SHDR.offset, offset).u64(header + SHDR.size, content.length);
  return Buffer.concat([elf.bytes, Buffer.alloc(offset - elf.bytes.length), content]);
}
