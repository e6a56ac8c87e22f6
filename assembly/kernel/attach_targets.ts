import {indexInName, nameFrom, nameLength, nameText, prefixesEqual} from '../bytes/c_string';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Program} from '../object/program';
import {BTF, MODULE, USDT} from '../object/program_section';
import * as bpf from '../uapi/bpf';
import * as btf from '../uapi/btf';
import {Feature, Target} from './target';
import {WantedNames} from './wanted_names';

const COLON: u8 = 0x3a;

/**
 * Finds the types that tracing programs are attached to: vmlinux first, then modules, or only the module that the section
 * names (`libbpf_find_attach_btf_id`).
 */
@final
export class AttachTargets {
  /** By program: number of its wanted name. */
  private readonly numbers: StaticArray<u32>;

  constructor(
    private readonly programs: Program[],
    private readonly faults: Faults,
  ) {
    this.numbers = new StaticArray<u32>(programs.length);
  }

  want(wanted: WantedNames): void {
    for (let i = 0; i < this.programs.length; i++) {
      const program = this.programs[i];
      if (!program.isOf(BTF)) continue;
      const prefix = prefixOf(program.expectedAttachType);
      const name = nameFrom(prefix, functionOf(program.attachTarget));
      const kind =
        program.expectedAttachType == bpf.BPF_TRACE_RAW_TP
          ? btf.BTF_KIND_TYPEDEF
          : btf.BTF_KIND_FUNC;
      this.numbers[i] = wanted.add(name, nameLength(name), 1 << kind, false);
    }
  }

  resolve(target: Target): void {
    for (let i = 0; i < this.programs.length && !this.faults.full; i++) {
      const program = this.programs[i];
      if (!program.loaded) continue;
      if (program.isOf(BTF)) this.find(program, this.numbers[i], target);
      if (program.isOf(MODULE)) this.findModule(program, target);
      if (program.isOf(USDT) && target.has(Feature.UprobeMulti)) {
        program.expectedAttachType = bpf.BPF_TRACE_UPROBE_MULTI;
      }
    }
  }

  private find(program: Program, number: u32, target: Target): void {
    const name = program.attachTarget;
    if (load<u8>(name) == 0) {
      this.refuse(program, FaultCode.OBJ_PROGRAM_TYPE, 'names no function to attach to').advise(
        `write what ${program.text} is attached to behind a slash: SEC("${program.section.text}/NAME")`,
      );
      return;
    }
    for (let module: u32 = 0; module < target.count; module++) {
      const kern = target.btf(module);
      if (kern.id(number) == 0 || !isMeant(name, module, kern.moduleName)) continue;
      kern.used = true;
      program.attachBtfId = kern.id(number);
      program.attachModule = module;
      return;
    }
    const what = `is attached to ${nameText(name)}, which is neither in this kernel nor in the modules that were given`;
    this.refuse(program, FaultCode.KERN_NO_TARGET, what).in(Input.Kernel);
  }

  /** Of a program for many functions only their module is told (libbpf `tracing_multi_mod_fd`). */
  private findModule(program: Program, target: Target): void {
    const name = program.attachTarget;
    if (indexInName(name, COLON) < 0) return;
    for (let module: u32 = 1; module < target.count; module++) {
      const kern = target.btf(module);
      if (!isMeant(name, module, kern.moduleName)) continue;
      kern.used = true;
      program.attachModule = module;
      return;
    }
    const what = `is attached to functions of a module, ${nameText(name)}, which was not given`;
    this.refuse(program, FaultCode.KERN_NO_TARGET, what).in(Input.Kernel);
  }

  private refuse(program: Program, code: FaultCode, what: string): Fault {
    return this.faults
      .add(code, `program ${program.text} ${what}`)
      .ofSection(program.section.text)
      .ofSymbol(program.text);
  }
}

/** libbpf `btf_get_kernel_prefix_kind` */
function prefixOf(attachType: u32): string {
  switch (attachType) {
    case bpf.BPF_TRACE_RAW_TP:
      return 'btf_trace_';
    case bpf.BPF_LSM_MAC:
    case bpf.BPF_LSM_CGROUP:
      return 'bpf_lsm_';
    case bpf.BPF_TRACE_ITER:
      return 'bpf_iter_';
    default:
      return '';
  }
}

/** Of `module:function` or `function`. */
function functionOf(target: usize): usize {
  return target + indexInName(target, COLON) + 1;
}

/** Whether the target may be in that BTF: the start of a module's name is enough, as in libbpf. */
function isMeant(target: usize, module: u32, moduleName: usize): bool {
  const length = indexInName(target, COLON);
  if (length < 0) return true;
  const name = module == 0 ? nameFrom('vmlinux') : moduleName;
  return prefixesEqual(target, name, length);
}
