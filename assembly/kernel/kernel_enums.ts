import {enumeratorAt, enumeratorValue, vlenOf} from '../btf/btf_record';
import {nameFrom, nameStartsWith} from '../bytes/c_string';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {ENUMERATORS_MAX} from '../limits';
import {ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {mapTypeSince} from './since';
import {Target} from './target';
import {WantedNames} from './wanted_names';

/** The enums of the kernel's BTF that tell which maps and programs it takes: libbpf learns it from EINVAL. */
@final
export class KernelEnums {
  private readonly mapTypes: u32;
  private readonly programTypes: u32;
  private readonly attachTypes: u32;

  constructor(
    wanted: WantedNames,
    private readonly faults: Faults,
  ) {
    this.mapTypes = wantEnum(wanted, 'bpf_map_type');
    this.programTypes = wantEnum(wanted, 'bpf_prog_type');
    this.attachTypes = wantEnum(wanted, 'bpf_attach_type');
  }

  refuseMaps(maps: ObjectMap[], target: Target): void {
    for (let i = 0; i < maps.length && !this.faults.full; i++) {
      const map = maps[i];
      if (!map.create || has(target, this.mapTypes, map.type)) continue;
      const what = `this kernel has no maps of type ${map.type}, which map ${map.text} is of`;
      this.refuse(FaultCode.KERN_NO_MAP_TYPE, what, map.section.text, map.text).needs(
        `maps of type ${map.type}`,
        mapTypeSince(map.type),
      );
    }
  }

  /** Jump tables are maps too. */
  refuseJumpTables(programs: Program[], target: Target): void {
    if (has(target, this.mapTypes, bpf.BPF_MAP_TYPE_INSN_ARRAY)) return;
    for (let i = 0; i < programs.length && !this.faults.full; i++) {
      const program = programs[i];
      if (!program.usesJumpTable || (!program.loaded && !program.subprogram)) continue;
      const what = `this kernel has no maps for jump tables, which ${program.text} uses: Linux 6.19 and newer have them`;
      this.refuse(FaultCode.KERN_NO_MAP_TYPE, what, program.section.text, program.text).advise(
        'plan for a newer kernel, or compile with -fno-jump-tables',
      );
    }
  }

  /** Of those that are loaded. The attach type of a callback is no attach type. */
  refusePrograms(programs: Program[], target: Target): void {
    for (let i = 0; i < programs.length && !this.faults.full; i++) {
      const program = programs[i];
      if (!program.loaded || program.type == bpf.BPF_PROG_TYPE_STRUCT_OPS) continue;
      let what = '';
      if (!has(target, this.programTypes, program.type)) what = `of type ${program.type}`;
      else if (
        asksAttachType(program.type) &&
        !has(target, this.attachTypes, program.expectedAttachType)
      ) {
        what = `with the attach type ${program.expectedAttachType}`;
      } else continue;
      const section = program.section.text;
      const sentence = `this kernel has no programs ${what}, as ${program.text} in ${section} is`;
      this.refuse(FaultCode.KERN_NO_PROGRAM_TYPE, sentence, section, program.text).needs(
        `programs ${what}`,
        '',
      );
    }
  }

  private refuse(code: FaultCode, sentence: string, section: string, symbol: string): Fault {
    return this.faults.add(code, sentence).in(Input.Kernel).ofSection(section).ofSymbol(symbol);
  }
}

/** Whether a kernel looks at the attach type of such a program when it loads it (`bpf_prog_load_check_attach`). */
function asksAttachType(programType: u32): bool {
  switch (programType) {
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK:
    case bpf.BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case bpf.BPF_PROG_TYPE_CGROUP_SKB:
    case bpf.BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case bpf.BPF_PROG_TYPE_SK_LOOKUP:
    case bpf.BPF_PROG_TYPE_SK_REUSEPORT:
    case bpf.BPF_PROG_TYPE_NETFILTER:
    case bpf.BPF_PROG_TYPE_TRACING:
    case bpf.BPF_PROG_TYPE_LSM:
      return true;
    default:
      return false;
  }
}

function wantEnum(wanted: WantedNames, name: string): u32 {
  return wanted.add(nameFrom(name), name.length, 1 << btf.BTF_KIND_ENUM, false);
}

/** Whether one of an enum's values is this one. A kernel without the enum is asked nothing. */
function has(target: Target, wantedNumber: u32, value: u32): bool {
  const kern = target.vmlinux;
  const id = kern.id(wantedNumber);
  if (id == 0) return true;
  const record = kern.btf.record(id);
  const count = min(vlenOf(record), ENUMERATORS_MAX);
  for (let i: u32 = 0; i < count; i++) {
    const enumerator = enumeratorAt(record, i);
    if (enumeratorValue(record, enumerator) != <u64>value) continue;
    // __MAX_BPF_MAP_TYPE and its kin are one more than there is.
    if (!nameStartsWith(kern.btf.nameAt(load<u32>(enumerator)), '__')) return true;
  }
  return false;
}
