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

/** Before the name of the section that relocations are for. */
const REL: string = '.rel';

/** `bpf_object__elf_collect` of libbpf decides by name, type and flags. */
export function roleOf(section: ElfSection): SectionRole {
  const name = section.name;
  const type = section.type;
  if (type == elf.SHT_STRTAB || type == elf.SHT_LLVM_ADDRSIG) return SectionRole.Ignored;
  if (isPassedOver(name)) return SectionRole.Ignored;
  const named = roleOfName(name);
  if (named != SectionRole.Ignored) return named;
  if (type == elf.SHT_PROGBITS) return roleOfBits(section);
  return type == elf.SHT_NOBITS && isOrStarts(name, '.bss') && section.size > 0
    ? SectionRole.Bss
    : SectionRole.Ignored;
}

/** Of those that are what they are called, whatever their type. */
function roleOfName(name: usize): SectionRole {
  if (nameIs(name, 'license')) return SectionRole.License;
  if (nameIs(name, 'version')) return SectionRole.Version;
  if (nameIs(name, 'maps')) return SectionRole.LegacyMaps;
  if (nameIs(name, '.maps')) return SectionRole.Maps;
  if (nameIs(name, '.BTF')) return SectionRole.Btf;
  return nameIs(name, '.BTF.ext') ? SectionRole.BtfExt : SectionRole.Ignored;
}

function roleOfBits(section: ElfSection): SectionRole {
  const name = section.name;
  if (section.size == 0) return SectionRole.Ignored;
  if (section.executable) return SectionRole.Code;
  if (isOrStarts(name, '.data')) return SectionRole.Data;
  if (isOrStarts(name, '.rodata')) return SectionRole.Rodata;
  if (isStructOpsSection(name)) return SectionRole.StructOps;
  if (nameIs(name, '.addr_space.1')) return SectionRole.Arena;
  if (nameIs(name, '.jumptables')) return SectionRole.JumpTables;
  return SectionRole.Ignored;
}

/** Whatever their type: debug info, and relocations of what has none to apply (`ignore_elf_section` of libbpf). */
function isPassedOver(name: usize): bool {
  return (
    nameStartsWith(name, '.debug_') ||
    nameStartsWith(name, '.rel.debug_') ||
    nameIs(name, '.rel.BTF') ||
    nameIs(name, '.rel.BTF.ext')
  );
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
  if (section.type != elf.SHT_REL || isPassedOver(name)) return SectionRole.Ignored;
  if (roleOfName(name) != SectionRole.Ignored) return SectionRole.Ignored;
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
  const applied = object.sections[section.info];
  // Of what holds no code they are known by their own name.
  if (!applied.executable && !isNamedAfterVariables(name)) return SectionRole.Ignored;
  const role = roleOf(applied);
  if (role == SectionRole.StructOps) return SectionRole.StructOpsRelocations;
  if (role == SectionRole.Maps) return SectionRole.MapsRelocations;
  // Of something else: as if it were code, in which there are no programs.
  return SectionRole.CodeRelocations;
}

function isNamedAfterVariables(name: usize): bool {
  if (!nameStartsWith(name, REL)) return false;
  const target = name + REL.length;
  return isStructOpsSection(target) || nameIs(target, '.maps');
}
