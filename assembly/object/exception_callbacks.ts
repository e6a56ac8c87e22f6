import {kindOf, typeOf, vlenOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {WorkBudget} from '../btf/work_budget';
import {nameStartsWith, nameText} from '../bytes/c_string';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {TAGGED_MAX} from '../limits';
import * as btf from '../uapi/btf';
import {Program} from './program';

const TAG = 'exception_callback:';
/** The tag is of the whole function. */
const NO_COMPONENT: i32 = -1;

/**
 * Gives programs that are loaded the function that bpf_throw() ends them with, which a DECL_TAG names
 * (`bpf_prog_assign_exc_cb` of libbpf): nothing calls it, and yet it goes to the kernel with the program.
 */
export function findExceptionCallbacks(local: LocalBtf, programs: Program[], faults: Faults): void {
  const byName = new NameIndex(programs.length);
  let loads = false;
  for (let i = 0; i < programs.length; i++) {
    byName.add(i, programs[i].name);
    if (programs[i].loaded) loads = true;
  }
  if (!loads) return;
  // Names of functions are different ones, so a program is met once for each of its tags.
  const budget = new WorkBudget(TAGGED_MAX);
  for (let id: u32 = 1; id < local.btf.endId && !faults.full; id++) {
    const tag = local.btf.record(id);
    if (kindOf(tag) != btf.BTF_KIND_DECL_TAG || load<i32>(tag, 12) != NO_COMPONENT) continue;
    const text = local.btf.nameOf(tag);
    if (!nameStartsWith(text, TAG)) continue;
    const func = local.btf.record(typeOf(tag));
    const name = local.btf.nameOf(func);
    if (kindOf(func) != btf.BTF_KIND_FUNC || vlenOf(func) != btf.BTF_FUNC_GLOBAL) {
      refuse(faults, nameText(name), 'has an exception callback but is no global function');
      continue;
    }
    for (let i = byName.find(name); i != NOT_FOUND; i = byName.findAfter(i)) {
      if (!budget.spend(1)) {
        faults.add(FaultCode.OBJ_TOO_LARGE, 'the object has too many exception callbacks');
        return;
      }
      if (programs[i].loaded) assign(programs[i], text + TAG.length, programs, byName, faults);
    }
  }
}

/** With two of them the verifier refuses the program: libbpf appends none then. */
function assign(
  program: Program,
  name: usize,
  programs: Program[],
  byName: NameIndex,
  faults: Faults,
): void {
  if (program.exceptionCallbacks++ > 0) {
    program.exceptionCallback = null;
    return;
  }
  for (let i = byName.find(name); i != NOT_FOUND; i = byName.findAfter(i)) {
    const callback = programs[i];
    if (!callback.subprogram) continue;
    if (!callback.global || callback.hidden) {
      refuse(
        faults,
        program.text,
        `has ${callback.text} as its exception callback, which is not global`,
      );
    } else {
      program.exceptionCallback = callback;
    }
    return;
  }
  const what =
    load<u8>(name) == 0
      ? 'has an exception callback without a name'
      : `has ${nameText(name)} as its exception callback, which the object does not define`;
  refuse(faults, program.text, what);
}

function refuse(faults: Faults, symbol: string, what: string): void {
  faults.add(FaultCode.OBJ_BAD_CALLBACK, `program ${symbol} ${what}`).ofSymbol(symbol);
}
