import {Btf} from '../btf/btf';
import {
  intBits,
  kindOf,
  paramAt,
  secinfoAt,
  secinfoOffset,
  secinfoSize,
  secinfoType,
  setInfo,
  setVarLinkage,
  setVlen,
  sizeOf,
  typeOf,
  varLinkage,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {ByteWriter} from '../bytes/byte_writer';
import {nameFrom, nameIs, nameText} from '../bytes/c_string';
import {ElfObject} from '../elf/elf_object';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {Extern} from './extern';
import {allocateKconfig} from './kconfig_map';
import {Program} from './program';

const DUMMY = 'dummy_ksym';

/**
 * Makes the object's BTF one that a kernel loads: `.ksyms` lists allocated variables instead of externs, sections have
 * sizes and sorted variables with offsets, and hidden functions are static. The same bytes as libbpf leaves
 * (`bpf_object__collect_externs`, `btf_fixup_datasec`, `bpf_object__sanitize_and_load_btf`).
 */
export function makeLoadable(
  local: LocalBtf,
  object: ElfObject,
  programs: Program[],
  externs: Extern[],
  faults: Faults,
): LocalBtf {
  const ksyms = local.find(nameFrom('.ksyms'), uapi.BTF_KIND_DATASEC);
  let made = local;
  if (ksyms != 0) {
    const int = find32BitInt(local.btf);
    let dummy: u32 = 0;
    if (listsFunction(local.btf, ksyms)) {
      dummy = local.btf.endId;
      made = appendDummyVariable(local, int, faults);
      if (made === local) return local;
    }
    allocateKsyms(made.btf, ksyms, int, dummy);
  }
  allocateKconfig(made, externs);
  for (let id: u32 = 1; id < made.btf.endId && !faults.full; id++) {
    if (kindOf(made.btf.record(id)) == uapi.BTF_KIND_DATASEC)
      fixDatasec(made.btf, id, object, faults);
  }
  for (let i = 0; i < programs.length; i++) {
    if (programs[i].subprogram && programs[i].hidden) makeStatic(made, programs[i].name);
  }
  return made;
}

/** `find_int_btf_id`: the lowest INT of 32 bits, or 0. */
function find32BitInt(btf: Btf): u32 {
  for (let id: u32 = 1; id < btf.endId; id++) {
    const record = btf.record(id);
    if (kindOf(record) == uapi.BTF_KIND_INT && intBits(record) == 32) return id;
  }
  return 0;
}

function listsFunction(btf: Btf, datasec: u32): bool {
  const record = btf.record(datasec);
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    const listed = btf.record(secinfoType(secinfoAt(record, i)));
    if (kindOf(listed) == uapi.BTF_KIND_FUNC) return true;
  }
  return false;
}

/** A copy with `VAR dummy_ksym` as its last type (libbpf `add_dummy_ksym_var`). */
function appendDummyVariable(local: LocalBtf, int: u32, faults: Faults): LocalBtf {
  const strings = new ByteWriter();
  const variable = new ByteWriter();
  variable.u32(local.stringOrNew(nameFrom(DUMMY), strings));
  variable.u32(uapi.BTF_KIND_VAR << 24);
  variable.u32(int);
  variable.u32(uapi.BTF_VAR_GLOBAL_ALLOCATED);
  return local.withTypes(variable, strings, faults);
}

/** Externs become allocated variables of 4 bytes; functions are listed as the dummy variable. */
function allocateKsyms(btf: Btf, datasec: u32, int: u32, dummy: u32): void {
  const record = btf.record(datasec);
  const count = vlenOf(record);
  /** By id of the prototype: functions may share one. */
  const named = new Uint8Array(dummy == 0 ? 0 : btf.endId);
  for (let i: u32 = 0; i < count; i++) {
    const entry = secinfoAt(record, i);
    const listed = btf.record(secinfoType(entry));
    if (kindOf(listed) == uapi.BTF_KIND_FUNC) {
      const proto = typeOf(listed);
      if (named[proto] == 0) nameParameters(btf, proto, load<u32>(btf.record(dummy)));
      named[proto] = 1;
      setVlen(listed, uapi.BTF_FUNC_GLOBAL);
      store<u32>(entry, dummy);
    } else if (kindOf(listed) == uapi.BTF_KIND_VAR) {
      setVarLinkage(listed, uapi.BTF_VAR_GLOBAL_ALLOCATED);
      store<u32>(listed, int, 8);
    }
    store<u32>(entry, i * 4, 4);
    store<u32>(entry, 4, 8);
  }
  store<u32>(record, count * 4, 8);
}

/** The kernel wants every parameter of a global function to have a name. */
function nameParameters(btf: Btf, proto: u32, nameOffset: u32): void {
  const record = btf.record(proto);
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    const param = paramAt(record, i);
    if (load<u32>(param, 4) != 0 && load<u32>(param) == 0) store<u32>(param, nameOffset);
  }
}

/** Fills in the size and the offsets that the compiler leaves to the linker, and sorts by offset (`btf_fixup_datasec`). */
function fixDatasec(btf: Btf, id: u32, object: ElfObject, faults: Faults): void {
  const record = btf.record(id);
  const name = btf.nameOf(record);
  if (!nameIs(name, '.ksyms') && !nameIs(name, '.kconfig')) {
    const compiled = load<u32>(record, 8) == 0;
    if (compiled) {
      const section = object.sectionNamed(name);
      if (section === null || section.size == 0) {
        faults
          .add(
            FaultCode.OBJ_BAD_VARIABLE,
            `the object's BTF describes a section ${nameText(name)} that the file does not have`,
          )
          .ofSection(nameText(name));
        return;
      }
      store<u32>(record, section.size, 8);
    }
    const size = sizeOf(record);
    for (let i: u32 = 0; i < vlenOf(record); i++) {
      const entry = secinfoAt(record, i);
      if (!fixVariable(btf, entry, compiled, name, size, object, faults)) return;
    }
  }
  sortByOffset(record);
}

function fixVariable(
  btf: Btf,
  entry: usize,
  compiled: bool,
  section: usize,
  sectionSize: u64,
  object: ElfObject,
  faults: Faults,
): bool {
  const variable = btf.record(secinfoType(entry));
  if (kindOf(variable) != uapi.BTF_KIND_VAR) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `section ${nameText(section)} lists what is no variable`)
      .ofSection(nameText(section))
      .differs('VAR', uapi.kindName(kindOf(variable)));
    return false;
  }
  const linkage = varLinkage(variable);
  if (linkage == uapi.BTF_VAR_STATIC || linkage == uapi.BTF_VAR_GLOBAL_EXTERN) return true;
  const name = btf.nameOf(variable);
  const symbol = object.variableNamed(name);
  if (symbol === null) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `variable ${nameText(name)} has no symbol`)
      .ofSection(nameText(section))
      .ofSymbol(nameText(name))
      .advise('do not strip the symbol table of a BPF object');
    return false;
  }
  // The kernel asks the same of a BTF that it loads (btf_datasec_resolve).
  const offset: u64 = compiled ? symbol.value : secinfoOffset(entry);
  if (offset > sectionSize || secinfoSize(entry) > sectionSize - offset) {
    faults
      .add(FaultCode.OBJ_BAD_VARIABLE, `variable ${nameText(name)} reaches beyond its section`)
      .ofSection(nameText(section))
      .ofSymbol(nameText(name))
      .differs(`within ${sectionSize} bytes`, `${secinfoSize(entry)} bytes at ${offset}`);
    return false;
  }
  store<u32>(entry, <u32>offset, 4);
  if (symbol.hidden) setVarLinkage(variable, uapi.BTF_VAR_STATIC);
  return true;
}

/** A stable sort, as glibc's `qsort` is for such sizes. */
function sortByOffset(datasec: usize): void {
  const count = vlenOf(datasec);
  const order = new StaticArray<u64>(count);
  let sorted = true;
  for (let i: u32 = 0; i < count; i++) {
    order[i] = ((<u64>secinfoOffset(secinfoAt(datasec, i))) << 32) | i;
    if (i > 0 && order[i] < order[i - 1]) sorted = false;
  }
  if (sorted) return;
  order.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const bytes = count * uapi.BTF_VAR_SECINFO_SIZE;
  const copy = heap.alloc(bytes);
  const entries = secinfoAt(datasec, 0);
  memory.copy(copy, entries, bytes);
  for (let i: u32 = 0; i < count; i++) {
    const from = <u32>order[i] * uapi.BTF_VAR_SECINFO_SIZE;
    memory.copy(secinfoAt(datasec, i), copy + from, uapi.BTF_VAR_SECINFO_SIZE);
  }
  heap.free(copy);
}

/** The first global FUNC of that name. */
function makeStatic(local: LocalBtf, name: usize): void {
  const record = local.btf.record(local.find(name, uapi.BTF_KIND_FUNC));
  if (record != 0 && vlenOf(record) == uapi.BTF_FUNC_GLOBAL) {
    setInfo(record, uapi.BTF_KIND_FUNC, uapi.BTF_FUNC_STATIC, false);
  }
}
