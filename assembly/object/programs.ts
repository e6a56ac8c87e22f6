import {copyName, EMPTY_NAME, nameIs, nameLength, nameLengthWithin} from '../bytes/c_string';
import {ElfObject, ElfSection, ElfSymbol} from '../elf/elf_object';
import {roleOf, SectionRole} from '../elf/section_role';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {INSN_SIZE} from '../insn/bpf_insn';
import * as bpf from '../uapi/bpf';
import * as elf from '../uapi/elf';
import {Program} from './program';
import {ProgramSections} from './program_sections';

/** All functions of the object's code sections, sorted by section and place: the order in which they are loaded. */
export function collectPrograms(object: ElfObject, faults: Faults): Program[] {
  const programs: Program[] = [];
  const sections = new ProgramSections();
  let bytes: u64 = 0;
  for (let i = 0; i < object.symbols.length && !faults.full; i++) {
    const symbol = object.symbols[i];
    if (symbol.type != elf.STT_FUNC) continue;
    if (symbol.section == 0 || symbol.section >= <u32>object.sections.length) continue;
    const section = object.sections[symbol.section];
    if (roleOf(section) != SectionRole.Code) continue;
    if (!checkSymbol(symbol, section, faults)) continue;
    // Functions do not overlap, but for a few aliases; a file that says otherwise must not make us copy without end.
    bytes += symbol.size;
    if (bytes > <u64>object.size * 4) {
      faults
        .add(FaultCode.OBJ_TOO_LARGE, 'the functions of the object overlap many times over')
        .ofSymbol(symbol.text);
      return programs;
    }
    programs.push(programOf(symbol, section, sections));
  }
  programs.sort((a, b) => {
    if (a.section.index != b.section.index) return a.section.index < b.section.index ? -1 : 1;
    return a.start == b.start ? 0 : a.start < b.start ? -1 : 1;
  });
  for (let i = 0; i < programs.length; i++) programs[i].index = i;
  return programs;
}

/** `bpf_object__add_programs` of libbpf. */
function checkSymbol(symbol: ElfSymbol, section: ElfSection, faults: Faults): bool {
  if (symbol.value > section.size || symbol.size > <u64>section.size - symbol.value) {
    faults
      .add(FaultCode.OBJ_BAD_PROGRAM, `function ${symbol.text} runs past the end of its section`)
      .ofSection(section.text)
      .ofSymbol(symbol.text)
      .at(section.offset)
      .differs(`${section.size} bytes`, `${symbol.size} bytes at ${symbol.value}`);
    return false;
  }
  if (symbol.size == 0 || symbol.size % INSN_SIZE != 0 || symbol.value % INSN_SIZE != 0) {
    faults
      .add(FaultCode.OBJ_BAD_PROGRAM, `function ${symbol.text} is not a sequence of instructions`)
      .ofSection(section.text)
      .ofSymbol(symbol.text)
      .at(<u64>section.offset + symbol.value)
      .differs(
        `size and offset multiples of ${INSN_SIZE}`,
        `${symbol.size} bytes at ${symbol.value}`,
      );
    return false;
  }
  if (symbol.local && !nameIs(section.name, '.text')) {
    faults
      .add(FaultCode.OBJ_STATIC_PROGRAM, `the program ${symbol.text} is a static function`)
      .ofSection(section.text)
      .ofSymbol(symbol.text)
      .at(<u64>section.offset + symbol.value)
      .advise(`remove "static" from ${symbol.text}`);
    // It counts as a program all the same, so that a callback set to it is not a second fault.
  }
  return true;
}

function programOf(symbol: ElfSymbol, section: ElfSection, sections: ProgramSections): Program {
  const optional = load<u8>(section.name) == 0x3f;
  const sectionName = optional ? section.name + 1 : section.name;
  const program = new Program(
    symbol.name,
    section,
    sectionName,
    nameIs(section.name, '.text'),
    !symbol.local,
    !symbol.local && symbol.hidden,
    <u32>(symbol.value / INSN_SIZE),
    <u32>(symbol.size / INSN_SIZE),
  );
  program.optional = optional;
  program.autoload = !optional;
  const kind = sections.find(sectionName);
  if (kind === null) return program;
  program.kind = kind;
  program.type = kind.type;
  program.flags = kind.flags | (kind.isSleepable(sectionName) ? bpf.BPF_F_SLEEPABLE : 0);
  program.expectedAttachType = kind.attachType;
  return program;
}

/** The program whose code holds that instruction of a section, or null. */
export function programAt(programs: Program[], section: u32, insn: u32): Program | null {
  let low = 0;
  let high = programs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const program = programs[middle];
    const before =
      program.section.index < section ||
      (program.section.index == section && program.start <= insn);
    if (before) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return null;
  const found = programs[low - 1];
  return found.section.index == section && found.holds(insn) ? found : null;
}

/** The licence, at most 63 bytes as libbpf keeps it; empty without a section. */
export function licenseOf(object: ElfObject): usize {
  const section = object.sectionCalled('license');
  if (section === null || section.data == 0) return EMPTY_NAME;
  return copyName(section.data, nameLengthWithin(section.data, min<u32>(section.size, 63)));
}

/** The object's name as libbpf makes it: 15 bytes of the file name, cut at the first dot. */
export function objectNameOf(fileName: usize): usize {
  const most = min<u32>(nameLength(fileName), bpf.BPF_OBJ_NAME_LEN - 1);
  let length: u32 = 0;
  while (length < most && load<u8>(fileName + length) != 0x2e) length++;
  return copyName(fileName, length);
}
