import {nameFrom} from '../bytes/c_string';
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
  /** ldimm64 of a map's value with an offset of 32 bits, 7.0 */
  FullRangeOffset,
  /** BPF_PROG_ASSOC_STRUCT_OPS, 7.0 */
  ProgramAssociation,
  COUNT,
}

/** The kernel that a plan is for. */
@final
export class Target {
  /** For messages: the kinds of struct_ops that it has; empty until they were asked for. */
  kindsText: string = '';
  /** Those kinds; empty until they were asked for. */
  readonly kinds: string[] = [];

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
    case Feature.FullRangeOffset:
      return 'offsets of 32 bits into a map value';
    case Feature.ProgramAssociation:
      return 'programs associated with a struct_ops';
    default:
      return '';
  }
}

/** The first release of Linux that has it. */
export function featureSince(feature: Feature): string {
  switch (feature) {
    case Feature.StructOpsLink:
      return '6.4';
    case Feature.QuestionMarkSections:
      return '6.9';
    case Feature.BpfCookie:
      return '5.15';
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
  // No type of its own; this struct came with the same release.
  markers[Feature.QuestionMarkSections] = wantStruct(wanted, 'bpf_struct_ops_desc');
  markers[Feature.BpfCookie] = wantStruct(wanted, 'bpf_trace_run_ctx');
  markers[Feature.ProgramAssociation] = want(
    wanted,
    'bpf_prog_assoc_struct_ops',
    uapi.BTF_KIND_FUNC,
  );
  // No type of its own either; it came with the same release as that function.
  markers[Feature.FullRangeOffset] = markers[Feature.ProgramAssociation];
  // The name of a wrapper begins with its architecture's: a kernel has at most one of them.
  markers[Feature.SyscallWrapperX64] = want(wanted, '__x64_sys_bpf', uapi.BTF_KIND_FUNC);
  markers[Feature.SyscallWrapperArm64] = want(wanted, '__arm64_sys_bpf', uapi.BTF_KIND_FUNC);
  return markers;
}

function wantStruct(wanted: WantedNames, name: string): u32 {
  return want(wanted, name, uapi.BTF_KIND_STRUCT);
}

function want(wanted: WantedNames, name: string, kind: u32): u32 {
  return wanted.add(nameFrom(name), name.length, 1 << kind, false);
}
