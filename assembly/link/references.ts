import {INSN_SIZE, isLdimm64, isSubprogramCall, srcOf} from '../insn/bpf_insn';
import {CodeRelocation, RelocationKind} from '../object/code_relocation';
import {Program} from '../object/program';
import {BPF_PSEUDO_FUNC} from '../uapi/bpf';

/** All that a function refers to, in the order of its instructions: they are read once, however many programs call it. */
export function referencesOf(program: Program): CodeRelocation[] {
  const known = program.references;
  if (known !== null) return known;
  let all = program.relocations;
  const others = thoseWithoutRelocation(program);
  if (others !== null) {
    all = all.concat(others);
    all.sort((a, b) => (a.insn < b.insn ? -1 : a.insn > b.insn ? 1 : 0));
  }
  program.references = all;
  return all;
}

/** Calls of functions of the same section, of which the compiler knows where they are; null without one. */
function thoseWithoutRelocation(program: Program): CodeRelocation[] | null {
  const relocations = program.relocations;
  let found: CodeRelocation[] | null = null;
  let next = 0;
  let insn = program.insns;
  for (let i: u32 = 0; i < program.count; i++, insn += INSN_SIZE) {
    const isCall = isSubprogramCall(insn);
    if (!isCall && !(isLdimm64(insn) && srcOf(insn) == BPF_PSEUDO_FUNC)) continue;
    while (next < relocations.length && relocations[next].insn < i) next++;
    if (next < relocations.length && relocations[next].insn == i) continue;
    const kind = isCall ? RelocationKind.Call : RelocationKind.UnknownAddress;
    if (found === null) found = [];
    found.push(new CodeRelocation(kind, i, 0, (program.start + i) * INSN_SIZE));
  }
  return found;
}
