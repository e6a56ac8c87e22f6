import {nameFrom, namesEqual} from '../bytes/c_string';
import {StringSection} from '../bytes/string_section';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {InputBytes} from '../inputs';
import * as uapi from '../uapi/btf';
import * as elf from '../uapi/elf';

const ELF_MAGIC: u32 = 0x464c457f;
/** Magic, version 1 and no flags: how every BTF of this byte order starts. */
const BTF_START: u32 = uapi.BTF_MAGIC | (1 << 16);
/** Where a BTF may start in memory (`BTF_SECTION` of the kernel's linker script aligns it). */
const BTF_ALIGNMENT: u32 = 4;
/** Headers have 24 or 32 bytes today. */
const BTF_HEADER_MAX: u32 = 256;
/** A kernel has some megabytes; less is a small one, or no BTF at all but bytes that look so. */
const KERNEL_BTF_MIN: u32 = 64 << 10;

/**
 * The raw BTF in a file that holds a kernel or a module: section `.BTF` of an ELF file, or, where the file is an image of
 * memory as arm64 boots it, the place where a BTF lies whole. Null and a fault when it has none.
 */
export function extractBtf(file: usize, size: u32, faults: Faults): InputBytes | null {
  if (size >= 4 && load<u32>(file) == ELF_MAGIC) return ofElf(file, size, faults);
  const found = search(file, size);
  if (found === null) {
    faults
      .add(FaultCode.KERN_NO_BTF, 'the file is no ELF file, and no BTF lies in it')
      .in(Input.Kernel)
      .differs('a vmlinux, a module, or an unpacked kernel image', `${size} other bytes`);
  }
  return found;
}

function ofElf(file: usize, size: u32, faults: Faults): InputBytes | null {
  if (size < elf.EHDR_SIZE) return damaged(faults, 'the ELF header', 0, elf.EHDR_SIZE, size);
  if (load<u8>(file, 4) != elf.ELFCLASS64 || load<u8>(file, 5) != elf.ELFDATA2LSB) {
    const bits = load<u8>(file, 4) == elf.ELFCLASS64 ? '64' : '32';
    const order = load<u8>(file, 5) == elf.ELFDATA2LSB ? 'little' : 'big';
    faults
      .add(FaultCode.KERN_FOREIGN, 'the kernel is for a machine of another word size or byte order')
      .in(Input.Kernel)
      .at(4)
      .differs('64-bit, little-endian', `${bits}-bit, ${order}-endian`);
    return null;
  }
  const table = load<u64>(file, elf.E_SHOFF);
  if (
    load<u16>(file, elf.E_SHENTSIZE) != elf.SHDR_SIZE ||
    !holds(size, table, elf.SHDR_SIZE) ||
    table == 0
  ) {
    return damaged(faults, 'the section table', table, elf.SHDR_SIZE, size);
  }
  const sections = file + <usize>table;
  // With too many for the header, the first entry has the numbers.
  const few: u32 = load<u16>(file, elf.E_SHNUM);
  const count: u64 = few != 0 ? few : load<u64>(sections, elf.SH_SIZE);
  if (count > size / elf.SHDR_SIZE || !holds(size, table, count * elf.SHDR_SIZE)) {
    return damaged(faults, 'the section table', table, count * elf.SHDR_SIZE, size);
  }
  const near: u32 = load<u16>(file, elf.E_SHSTRNDX);
  const namesAt = near != elf.SHN_XINDEX ? near : load<u32>(sections, elf.SH_LINK);
  const names = namesAt < count ? bytesOf(file, size, sections + namesAt * elf.SHDR_SIZE) : null;
  if (names === null || names.size == 0 || load<u8>(names.at + names.size - 1) != 0) {
    faults
      .add(FaultCode.KERN_BAD_IMAGE, 'the ELF file has no usable section names')
      .in(Input.Kernel)
      .at(elf.E_SHSTRNDX);
    return null;
  }
  return sectionBtf(file, size, sections, <u32>count, names, faults);
}

function sectionBtf(
  file: usize,
  size: u32,
  sections: usize,
  count: u32,
  names: InputBytes,
  faults: Faults,
): InputBytes | null {
  const strings = new StringSection(names.at, names.size);
  const wanted = nameFrom('.BTF');
  for (let i: u32 = 1; i < count; i++) {
    const header = sections + i * elf.SHDR_SIZE;
    const name = strings.at(load<u32>(header, elf.SH_NAME));
    if (name == 0 || !namesEqual(name, wanted)) continue;
    const type = load<u32>(header, elf.SH_TYPE);
    const compressed = (load<u64>(header, elf.SH_FLAGS) & elf.SHF_COMPRESSED) != 0;
    if (type == elf.SHT_NOBITS || compressed) {
      return without(faults, 'the section .BTF of the ELF file has no bytes that can be read');
    }
    const bytes = bytesOf(file, size, header);
    if (bytes !== null) return bytes;
    const offset = load<u64>(header, elf.SH_OFFSET);
    return damaged(faults, 'section .BTF', offset, load<u64>(header, elf.SH_SIZE), size);
  }
  return without(faults, 'the ELF file has no section .BTF');
}

/** The bytes of a section, or null when they do not lie in the file. */
function bytesOf(file: usize, size: u32, header: usize): InputBytes | null {
  const offset = load<u64>(header, elf.SH_OFFSET);
  const length = load<u64>(header, elf.SH_SIZE);
  if (!holds(size, offset, length)) return null;
  return new InputBytes(file + <usize>offset, <u32>length);
}

/** The largest BTF that lies whole in an image of memory, where no table says what is where. */
function search(file: usize, size: u32): InputBytes | null {
  let found: InputBytes | null = null;
  for (let at: u32 = 0; at < size && size - at >= uapi.BTF_HDR_SIZE_MIN; at += BTF_ALIGNMENT) {
    if (load<u32>(file + at) != BTF_START) continue;
    const length = btfSize(file + at, size - at);
    if (length < KERNEL_BTF_MIN || (found !== null && length <= found.size)) continue;
    found = new InputBytes(file + at, length);
  }
  return found;
}

/** Of the BTF that may start there, in at most `most` bytes; 0 when none does. */
function btfSize(at: usize, most: u32): u32 {
  const header = load<u32>(at, uapi.BTF_HDR_LEN);
  if (header < uapi.BTF_HDR_SIZE_MIN || header > BTF_HEADER_MAX || header > most) return 0;
  const types = load<u32>(at, uapi.BTF_TYPE_OFF);
  const typesSize = load<u32>(at, uapi.BTF_TYPE_LEN);
  const strings = load<u32>(at, uapi.BTF_STR_OFF);
  const stringsSize = load<u32>(at, uapi.BTF_STR_LEN);
  const rest = most - header;
  if (types != 0 || typesSize > strings || strings > rest || stringsSize > rest - strings) return 0;
  if (stringsSize == 0) return 0;
  const text = at + header + strings;
  const framed = load<u8>(text) == 0 && load<u8>(text + stringsSize - 1) == 0;
  return framed ? header + strings + stringsSize : 0;
}

function holds(size: u32, offset: u64, length: u64): bool {
  return offset <= size && length <= size - offset;
}

function without(faults: Faults, message: string): InputBytes | null {
  faults.add(FaultCode.KERN_NO_BTF, message).in(Input.Kernel).ofSection('.BTF');
  return null;
}

function damaged(
  faults: Faults,
  what: string,
  offset: u64,
  length: u64,
  size: u32,
): InputBytes | null {
  faults
    .add(FaultCode.KERN_BAD_IMAGE, `${what} lies beyond the end of the file`)
    .in(Input.Kernel)
    .at(offset)
    .differs(`${length} bytes at ${offset}`, `a file of ${size} bytes`);
  return null;
}
