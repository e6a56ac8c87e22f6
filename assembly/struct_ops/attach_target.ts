import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import * as bpf from '../uapi/bpf';

/**
 * Says which callback a program is: the kernel struct's id, and as `expected_attach_type` the index of the member in it. A
 * program can serve the same member of several variables, but no other.
 */
export function claimAttachTarget(
  program: Program,
  map: ObjectMap,
  member: string,
  memberIndex: u32,
  faults: Faults,
): bool {
  const variable = map.structOps!;
  if (program.attachBtfId == 0) {
    program.attachBtfId = variable.kernTypeId;
    program.attachModule = variable.module;
    program.expectedAttachType = memberIndex;
    program.attachStruct = variable.structText;
    program.attachMember = member;
    return true;
  }
  if (
    program.attachBtfId == variable.kernTypeId &&
    program.attachModule == variable.module &&
    program.expectedAttachType == memberIndex
  ) {
    return true;
  }
  faults
    .add(
      FaultCode.OBJ_PROGRAM_REUSED,
      `program ${program.text} already serves ${program.attachStruct}.${program.attachMember}; it cannot also serve ${variable.structText}.${member} in ${map.text}`,
    )
    .ofSection(map.section.text)
    .ofSymbol(program.text)
    .ofMember(variable.structText, member)
    .at(variable.fileOffset)
    .advise('write a second program, which may call the same function');
  return false;
}

/** A program is loaded when a variable that the plan makes has it (`bpf_object_adjust_struct_ops_autoload`). */
export function adjustAutoload(programs: Program[], maps: ObjectMap[]): void {
  /** By program: whether a variable has it, and whether one that the plan makes does. */
  const used = new Uint8Array(programs.length);
  const wanted = new Uint8Array(programs.length);
  for (let m = 0; m < maps.length; m++) {
    const variable = maps[m].structOps;
    if (variable === null) continue;
    for (let i = 0; i < variable.programs.length; i++) {
      const program = variable.programs[i];
      if (program === null) continue;
      used[program.index] = 1;
      if (maps[m].create) wanted[program.index] = 1;
    }
  }
  for (let p = 0; p < programs.length; p++) {
    if (programs[p].type != bpf.BPF_PROG_TYPE_STRUCT_OPS) continue;
    if (used[p] != 0) programs[p].autoload = wanted[p] != 0;
  }
}

/** A program of which nothing says what it is for cannot be loaded. */
export function refuseUnusable(programs: Program[], faults: Faults): void {
  for (let i = 0; i < programs.length && !faults.full; i++) {
    const program = programs[i];
    if (program.subprogram || !program.autoload) continue;
    if (program.type == bpf.BPF_PROG_TYPE_UNSPEC) {
      faults
        .add(
          FaultCode.OBJ_PROGRAM_TYPE,
          `programs of section ${program.section.text} are not supported`,
        )
        .ofSection(program.section.text)
        .ofSymbol(program.text)
        .differs('the section of a kind of program, such as struct_ops', program.section.text);
    } else if (program.type == bpf.BPF_PROG_TYPE_STRUCT_OPS && program.attachBtfId == 0) {
      faults
        .add(
          FaultCode.OBJ_PROGRAM_UNUSED,
          `no struct_ops variable uses the program ${program.text}`,
        )
        .ofSection(program.section.text)
        .ofSymbol(program.text)
        .advise(`set a callback to ${program.text}, or put it into SEC("?struct_ops")`);
    }
  }
}
