import {kindOf, sizeOf} from '../btf/btf_record';
import {nameFrom} from '../bytes/c_string';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {KernBtf} from './kern_btf';
import {WantedNames} from './wanted_names';

/** The kernel's entry of bpf(2) on each machine, and the machine. 64-bit x86 has the 32-bit entry as well. */
const ENTRIES: StaticArray<string> = [
  '__x64_sys_bpf',
  'x86-64',
  '__arm64_sys_bpf',
  'arm64',
  '__riscv_sys_bpf',
  'riscv64',
  '__s390x_sys_bpf',
  's390x',
  '__ia32_sys_bpf',
  'i386',
];

/** What machine a kernel is built for, told by its types and functions. */
@final
export class Machine {
  private readonly entries: StaticArray<u32> = new StaticArray<u32>(ENTRIES.length / 2);
  private readonly long: u32;

  constructor(wanted: WantedNames) {
    for (let i = 0; i < this.entries.length; i++) {
      this.entries[i] = want(wanted, ENTRIES[2 * i], uapi.BTF_KIND_FUNC);
    }
    this.long = want(wanted, 'long unsigned int', uapi.BTF_KIND_INT);
  }

  /** Empty: its BTF does not tell. */
  nameOf(vmlinux: KernBtf): string {
    for (let i = 0; i < this.entries.length; i++) {
      if (vmlinux.id(this.entries[i]) != 0) return ENTRIES[2 * i + 1];
    }
    return '';
  }

  /** Bytes of a pointer; 0: its BTF does not tell (`determine_ptr_size` of libbpf). */
  wordSize(vmlinux: KernBtf): u32 {
    const id = vmlinux.id(this.long);
    if (id == 0) return 0;
    const record = vmlinux.btf.record(id);
    return kindOf(record) == uapi.BTF_KIND_INT ? sizeOf(record) : 0;
  }

  /** For the plan: that nobody has tried such a machine; empty on those that were. */
  warning(vmlinux: KernBtf): string {
    const name = this.nameOf(vmlinux);
    if (name.length == 0 || name == 'x86-64' || name == 'arm64') return '';
    return `the kernel is for ${name}: plans were tried on x86-64 and arm64 alone`;
  }

  /** Differs from libbpf: pointers of 4 bytes, whose programs would have to be built for them, are refused. */
  refuseForeign(vmlinux: KernBtf, faults: Faults): void {
    const size = this.wordSize(vmlinux);
    if (size == 0 || size == 8) return;
    const machine = this.nameOf(vmlinux);
    const text = machine.length == 0 ? 'a machine' : machine;
    faults
      .add(FaultCode.KERN_FOREIGN, `the kernel is for ${text} with pointers of ${size} bytes`)
      .in(Input.Kernel)
      .differs('pointers of 8 bytes', `${size} bytes`);
  }
}

function want(wanted: WantedNames, name: string, kind: u32): u32 {
  return wanted.add(nameFrom(name), name.length, 1 << kind, false);
}
