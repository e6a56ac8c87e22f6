import {alignOf, kindText, resolveSize, skipModsAndTypedefs} from '../btf/btf_algebra';
import {kindOf, secinfoAt, secinfoType, typeOf, varLinkage, vlenOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {compareNames, nameIs, nameText} from '../bytes/c_string';
import {ElfObject, ElfSymbol} from '../elf/elf_object';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {KCONFIG_VARIABLE_SIZE_MAX} from '../limits';
import * as btf from '../uapi/btf';
import * as elf from '../uapi/elf';
import {Extern, ExternKind} from './extern';
import {placeKconfig} from './kconfig_map';
import {isSignedInteger, KconfigType, kconfigTypeOf} from './kconfig_type';

/** Undefined symbols that the object's BTF describes, sorted as libbpf does: poisoned instructions tell their place. */
export function collectExterns(object: ElfObject, local: LocalBtf, faults: Faults): Extern[] {
  const externs: Extern[] = [];
  const sections = datasecOfEach(local);
  for (let i = 0; i < object.symbols.length && !faults.full; i++) {
    const symbol = object.symbols[i];
    if (!isExtern(symbol)) continue;
    const extern = externOf(symbol, local, sections, faults);
    if (extern !== null) externs.push(extern);
  }
  externs.sort((a, b) => {
    const aKconfig = a.kind == ExternKind.Kconfig;
    if (aKconfig != (b.kind == ExternKind.Kconfig)) return aKconfig ? -1 : 1;
    if (aKconfig && a.align != b.align) return a.align > b.align ? -1 : 1;
    if (aKconfig && a.size != b.size) return a.size < b.size ? -1 : 1;
    return compareNames(a.name, b.name);
  });
  placeKconfig(externs, faults);
  return externs;
}

export function isExtern(symbol: ElfSymbol): bool {
  return (
    symbol.section == elf.SHN_UNDEF &&
    symbol.global &&
    symbol.type == elf.STT_NOTYPE &&
    load<u8>(symbol.name) != 0
  );
}

/** By type id: the DATASEC that lists it, or 0. */
function datasecOfEach(local: LocalBtf): Uint32Array {
  const sections = new Uint32Array(local.btf.endId);
  for (let id: u32 = 1; id < local.btf.endId; id++) {
    const record = local.btf.record(id);
    if (kindOf(record) != btf.BTF_KIND_DATASEC) continue;
    for (let i: u32 = 0; i < vlenOf(record); i++) {
      const listed = secinfoType(secinfoAt(record, i));
      if (sections[listed] == 0) sections[listed] = id;
    }
  }
  return sections;
}

function externOf(
  symbol: ElfSymbol,
  local: LocalBtf,
  sections: Uint32Array,
  faults: Faults,
): Extern | null {
  const id = local.findVarOrFunc(symbol.name);
  const record = local.btf.record(id);
  const isFunction = kindOf(record) == btf.BTF_KIND_FUNC;
  if (id == 0 || sections[id] == 0) {
    faults
      .add(
        FaultCode.OBJ_UNDEFINED_SYMBOL,
        `${symbol.text} is used but not defined, and no __ksym or __kconfig declaration describes it`,
      )
      .ofSymbol(symbol.text);
    return null;
  }
  const linkage = isFunction ? vlenOf(record) : varLinkage(record);
  if (linkage != btf.BTF_VAR_GLOBAL_EXTERN) {
    faults
      .add(
        FaultCode.OBJ_BAD_EXTERN,
        `${symbol.text} is undefined in the symbol table but its BTF does not say extern`,
      )
      .ofSymbol(symbol.text);
    return null;
  }
  const section = local.btf.nameOf(local.btf.record(sections[id]));
  const kconfig = nameIs(section, '.kconfig');
  if ((!kconfig && !nameIs(section, '.ksyms')) || (kconfig && isFunction)) {
    faults
      .add(
        FaultCode.OBJ_BAD_EXTERN,
        `${symbol.text} is declared in section ${nameText(section)}, where nothing provides it`,
      )
      .ofSection(nameText(section))
      .ofSymbol(symbol.text)
      .differs('.ksyms or .kconfig', nameText(section));
    return null;
  }
  const typeId = skipModsAndTypedefs(local.btf, typeOf(record));
  const kind = kconfig
    ? ExternKind.Kconfig
    : isFunction
      ? ExternKind.Function
      : typeId == 0
        ? ExternKind.Address
        : ExternKind.Variable;
  const weak = symbol.bind == elf.STB_WEAK;
  const extern = new Extern(symbol.name, kind, weak, symbol.index, id, typeId);
  return kconfig && !readKconfigType(extern, local, faults) ? null : extern;
}

function readKconfigType(extern: Extern, local: LocalBtf, faults: Faults): bool {
  const size = resolveSize(local.btf, extern.typeId);
  extern.kconfigType = kconfigTypeOf(local.btf, extern.typeId);
  extern.align = alignOf(local.btf, extern.typeId);
  const known = extern.kconfigType != KconfigType.Unknown;
  if (!known || size > KCONFIG_VARIABLE_SIZE_MAX || extern.align == 0) {
    faults
      .add(
        FaultCode.OBJ_BAD_EXTERN,
        `${extern.text} is a __kconfig variable of a type that no option has`,
      )
      .ofSection('.kconfig')
      .ofSymbol(extern.text)
      .differs(
        'bool, char, an integer, enum libbpf_tristate or char[]',
        kindText(local.btf, extern.typeId),
      );
    return false;
  }
  extern.size = size;
  extern.signed = isSignedInteger(local.btf, extern.typeId);
  return true;
}
