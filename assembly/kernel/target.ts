import {nameFrom, nameIs} from '../bytes/c_string';
import {KernelKind} from '../struct_ops/kernel_kinds';
import * as uapi from '../uapi/btf';
import {KernBtf} from './kern_btf';
import {WantedNames} from './wanted_names';

/** What a kernel can do, told by a type that came with it. */
export enum Feature {
  /** struct_ops links, 6.4 */
  StructOpsLink,
  /** `?` at the start of the name of a BTF section, 6.9 */
  QuestionMarkSections,
  /** bpf_get_attach_cookie, 5.15 */
  BpfCookie,
  /** System calls take a struct pt_regs, on x86-64 4.17 and on arm64 4.19. */
  SyscallWrapperX64,
  SyscallWrapperArm64,
  /** Sizes of kinds in BTF, 7.1 */
  BtfLayout,
  /** Many uprobes in one link, 6.6 */
  UprobeMulti,
  /** ldimm64 of a map's value with an offset of 32 bits, 7.0 */
  FullRangeOffset,
  /** BPF_PROG_ASSOC_STRUCT_OPS, 7.0 */
  ProgramAssociation,
  /** Kinds of struct_ops in modules, 6.9 */
  ModuleKinds,
  /** BPF_LINK_DETACH of struct_ops links, 6.11 */
  LinkDetach,
  /** A struct_ops link that is dropped tells whoever polls it, 6.11. */
  LinkWatch,
  /** A congestion control can be put in the place of another one at once, 6.4. */
  TcpUpdate,
  /** Maps of type ARENA, 6.9 */
  Arena,
  /** `__arg_ctx`: a parameter of a global function is the context of the program, 6.8 */
  ContextTag,
  /** Memory of BPF is charged to a cgroup and not to RLIMIT_MEMLOCK, 5.11 */
  CgroupAccounting,
  COUNT,
}

/** The kernel that a plan is for. */
@final
export class Target {
  /** For messages: the kinds of struct_ops that it has; empty until they were asked for. */
  kindsText: string = '';
  /** Those kinds; null until they were asked for. */
  kinds: KernelKind[] | null = null;

  constructor(
    readonly vmlinux: KernBtf,
    readonly modules: KernBtf[],
    /** By Feature: number of its wanted name. */
    private readonly markers: StaticArray<u32>,
  ) {}

  /** 0 vmlinux, i the i-th module. */
  btf(module: u32): KernBtf {
    return module == 0 ? this.vmlinux : this.modules[module - 1];
  }

  get count(): u32 {
    return <u32>this.modules.length + 1;
  }

  has(feature: Feature): bool {
    return this.vmlinux.id(this.markers[feature]) != 0;
  }

  /**
   * Whether BPF_LINK_UPDATE puts one struct_ops of that kind in the place of another without a gap. No kind tells by a
   * type, and callbacks that only say no are there as well (`bpf_scx_update`), so this is a list.
   */
  updates(kind: usize): bool {
    return nameIs(kind, 'tcp_congestion_ops') && this.has(Feature.TcpUpdate);
  }

  /** Whether system calls take a struct pt_regs, on whatever architecture the kernel is for. */
  get wrapsSyscalls(): bool {
    return this.has(Feature.SyscallWrapperX64) || this.has(Feature.SyscallWrapperArm64);
  }
}

/** For people; empty for what is no feature but a machine's. */
export function featureText(feature: Feature): string {
  switch (feature) {
    case Feature.StructOpsLink:
      return 'struct_ops links';
    case Feature.QuestionMarkSections:
      return "BTF sections with names that begin with '?'";
    case Feature.BpfCookie:
      return 'BPF cookies';
    case Feature.BtfLayout:
      return 'sizes of kinds in BTF';
    case Feature.UprobeMulti:
      return 'many uprobes in one link';
    case Feature.FullRangeOffset:
      return 'offsets of 32 bits into a map value';
    case Feature.ProgramAssociation:
      return 'programs associated with a struct_ops';
    case Feature.ModuleKinds:
      return 'struct_ops in modules';
    case Feature.LinkDetach:
      return 'detaching struct_ops links';
    case Feature.LinkWatch:
      return 'telling of struct_ops links that are dropped';
    case Feature.TcpUpdate:
      return 'updating congestion controls without a gap';
    case Feature.Arena:
      return 'arenas';
    case Feature.ContextTag:
      return 'contexts of functions by a tag';
    case Feature.CgroupAccounting:
      return 'memory charged to cgroups';
    default:
      return '';
  }
}

/** The first release of Linux that has it. */
export function featureSince(feature: Feature): string {
  switch (feature) {
    case Feature.StructOpsLink:
    case Feature.TcpUpdate:
      return '6.4';
    case Feature.QuestionMarkSections:
    case Feature.ModuleKinds:
    case Feature.Arena:
      return '6.9';
    case Feature.LinkDetach:
    case Feature.LinkWatch:
      return '6.11';
    case Feature.CgroupAccounting:
      return '5.11';
    case Feature.BpfCookie:
      return '5.15';
    case Feature.BtfLayout:
      return '7.1';
    case Feature.UprobeMulti:
      return '6.6';
    case Feature.ContextTag:
      return '6.8';
    default:
      return '7.0';
  }
}

/**
 * Asks for the markers of all features. libbpf probes a running kernel; off-line the kernel's own types tell. Members
 * and enumerators come and go with headers; these structs have not been seen missing where the feature is.
 */
export function wantFeatures(wanted: WantedNames): StaticArray<u32> {
  const markers = new StaticArray<u32>(Feature.COUNT);
  markers[Feature.StructOpsLink] = wantStruct(wanted, 'bpf_struct_ops_link');
  markers[Feature.ModuleKinds] = wantStruct(wanted, 'bpf_struct_ops_desc');
  // No type of its own; that struct came with the same release.
  markers[Feature.QuestionMarkSections] = markers[Feature.ModuleKinds];
  markers[Feature.BpfCookie] = wantStruct(wanted, 'bpf_trace_run_ctx');
  markers[Feature.BtfLayout] = wantStruct(wanted, 'btf_layout');
  markers[Feature.UprobeMulti] = wantStruct(wanted, 'bpf_uprobe_multi_link');
  markers[Feature.ProgramAssociation] = wantFunction(wanted, 'bpf_prog_assoc_struct_ops');
  // No type of its own either; it came with the same release as that function.
  markers[Feature.FullRangeOffset] = markers[Feature.ProgramAssociation];
  markers[Feature.LinkDetach] = wantFunction(wanted, 'bpf_struct_ops_map_link_detach');
  markers[Feature.LinkWatch] = wantFunction(wanted, 'bpf_struct_ops_map_link_poll');
  markers[Feature.TcpUpdate] = wantFunction(wanted, 'bpf_tcp_ca_update');
  markers[Feature.Arena] = wantStruct(wanted, 'bpf_arena');
  markers[Feature.ContextTag] = want(wanted, 'btf_arg_tag', uapi.BTF_KIND_ENUM);
  // A helper that came with the same release.
  markers[Feature.CgroupAccounting] = wantFunction(wanted, 'bpf_ktime_get_coarse_ns');
  // The name of a wrapper begins with its architecture's: a kernel has at most one of them.
  markers[Feature.SyscallWrapperX64] = wantFunction(wanted, '__x64_sys_bpf');
  markers[Feature.SyscallWrapperArm64] = wantFunction(wanted, '__arm64_sys_bpf');
  return markers;
}

function wantStruct(wanted: WantedNames, name: string): u32 {
  return want(wanted, name, uapi.BTF_KIND_STRUCT);
}

function wantFunction(wanted: WantedNames, name: string): u32 {
  return want(wanted, name, uapi.BTF_KIND_FUNC);
}

function want(wanted: WantedNames, name: string, kind: u32): u32 {
  return wanted.add(nameFrom(name), name.length, 1 << kind, false);
}
