import {nameIs, nameStartsWith, nameText} from '../bytes/c_string';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as elf from '../uapi/elf';
import {ElfObject, ElfSection} from './elf_object';

/** What a section is to a BPF loader. */
export enum SectionRole {
  Ignored,
  License,
  Version,
  LegacyMaps,
  Maps,
  Btf,
  BtfExt,
  /** Programs, or for `.text` their subprograms. */
  Code,
  Data,
  Rodata,
  Bss,
  StructOps,
  Arena,
  JumpTables,
  /** Relocations of code. */
  CodeRelocations,
  StructOpsRelocations,
  MapsRelocations,
}

/** `bpf_object__elf_collect` of libbpf decides by name, type and flags. */
export function roleOf(section: ElfSection): SectionRole {
  const name = section.name;
  switch (section.type) {
    case elf.SHT_PROGBITS:
      return roleOfBits(section);
    case elf.SHT_NOBITS:
      return isOrStarts(name, '.bss') && section.size > 0 ? SectionRole.Bss : SectionRole.Ignored;
    default:
      if (nameIs(name, '.BTF')) return SectionRole.Btf;
      if (nameIs(name, '.BTF.ext')) return SectionRole.BtfExt;
      return SectionRole.Ignored;
  }
}

function roleOfBits(section: ElfSection): SectionRole {
  const name = section.name;
  if (nameIs(name, 'license')) return SectionRole.License;
  if (nameIs(name, 'version')) return SectionRole.Version;
  if (nameIs(name, 'maps')) return SectionRole.LegacyMaps;
  if (nameIs(name, '.maps')) return SectionRole.Maps;
  if (nameIs(name, '.BTF')) return SectionRole.Btf;
  if (nameIs(name, '.BTF.ext')) return SectionRole.BtfExt;
  if (section.size == 0 || nameStartsWith(name, '.debug_')) return SectionRole.Ignored;
  if (section.executable) return SectionRole.Code;
  if (isOrStarts(name, '.data')) return SectionRole.Data;
  if (isOrStarts(name, '.rodata')) return SectionRole.Rodata;
  if (isStructOpsSection(name)) return SectionRole.StructOps;
  if (nameIs(name, '.addr_space.1')) return SectionRole.Arena;
  if (nameIs(name, '.jumptables')) return SectionRole.JumpTables;
  return SectionRole.Ignored;
}

/** `.data` or `.data.…` */
function isOrStarts(name: usize, text: string): bool {
  return nameIs(name, text) || nameStartsWith(name, text + '.');
}

/** Exactly four names: `.struct_ops.foo` is none of them. */
function isStructOpsSection(name: usize): bool {
  return (
    nameIs(name, '.struct_ops') ||
    nameIs(name, '.struct_ops.link') ||
    nameIs(name, '?.struct_ops') ||
    nameIs(name, '?.struct_ops.link')
  );
}

/** What a section of relocations applies to; a fault when it is malformed. Only SHT_REL is known, as in libbpf. */
export function relocationRole(
  object: ElfObject,
  section: ElfSection,
  faults: Faults,
): SectionRole {
  const name = section.name;
  if (
    section.type != elf.SHT_REL ||
    nameStartsWith(name, '.rel.debug_') ||
    nameIs(name, '.rel.BTF') ||
    nameIs(name, '.rel.BTF.ext')
  ) {
    return SectionRole.Ignored;
  }
  if (section.entrySize != elf.REL_SIZE || section.info >= <u32>object.sections.length) {
    faults
      .add(FaultCode.ELF_BAD_SECTION, `the relocation section ${nameText(name)} is malformed`)
      .ofSection(nameText(name))
      .at(object.headerOffset(section.index))
      .differs(
        `entries of ${elf.REL_SIZE} bytes for one of ${object.sections.length} sections`,
        `entries of ${section.entrySize} bytes for section ${section.info}`,
      );
    return SectionRole.Ignored;
  }
  const target = object.sections[section.info];
  const role = roleOf(target);
  if (role == SectionRole.Code) return SectionRole.CodeRelocations;
  if (role == SectionRole.StructOps) return SectionRole.StructOpsRelocations;
  return role == SectionRole.Maps ? SectionRole.MapsRelocations : SectionRole.Ignored;
}
