import {INSN_SIZE, immOf, poison, setImm, setImm64, setOff, setSrc} from '../insn/bpf_insn';
import {CodeRelocation, RelocationKind} from '../object/code_relocation';
import {Extern, ExternKind} from '../object/extern';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {
  BPF_PSEUDO_BTF_ID,
  BPF_PSEUDO_KFUNC_CALL,
  BPF_PSEUDO_MAP_FD,
  BPF_PSEUDO_MAP_VALUE,
} from '../uapi/bpf';
import {KfuncModules} from './kfunc_modules';
import {InsnValue, LinkedProgram} from './linked_program';

/** Calls of helpers that do not exist, by which libbpf marks what could not be resolved: plus the map's or extern's number. */
const POISON_MAP: i32 = 2001000000;
const POISON_KFUNC: i32 = 2002000000;

/** Lets instructions refer to maps and to what the kernel provides (`bpf_object__relocate_data` of libbpf). */
@final
export class ReferenceRelocator {
  private kconfigMap: u32 = 0;

  constructor(
    private readonly maps: ObjectMap[],
    private readonly externs: Extern[],
    private readonly modules: KfuncModules,
  ) {
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin == MapOrigin.Kconfig) this.kconfigMap = i;
    }
  }

  /** Tells what the executor writes to an instruction; `position`: its place in the linked program. */
  patch(linked: LinkedProgram, position: u32, relocation: CodeRelocation): void {
    const target = relocation.target;
    if (relocation.kind == RelocationKind.Map || relocation.kind == RelocationKind.Data) {
      if (this.maps[target].create) linked.patch(InsnValue.MapFd, position, target);
    }
    if (relocation.kind != RelocationKind.ExternLoad) return;
    const extern = this.externs[target];
    if (extern.kind == ExternKind.Kconfig) {
      linked.patch(InsnValue.MapFd, position, this.kconfigMap);
    } else if (extern.kind == ExternKind.Address) {
      linked.patch(InsnValue.AddressLow, position, target);
      linked.patch(InsnValue.AddressHigh, position + 1, target);
    } else if (extern.resolved && extern.module != 0) {
      linked.patch(InsnValue.ModuleFd, position + 1, extern.module);
    }
  }

  /** Writes the rest. */
  write(insn: usize, relocation: CodeRelocation): void {
    switch (relocation.kind) {
      case RelocationKind.Map:
      case RelocationKind.Data:
        this.map(insn, relocation);
        break;
      case RelocationKind.ExternLoad:
        this.externLoad(insn, relocation.target);
        break;
      case RelocationKind.ExternCall:
        this.externCall(insn, relocation.target);
        break;
    }
  }

  private map(insn: usize, relocation: CodeRelocation): void {
    const map = this.maps[relocation.target];
    if (!map.create) {
      poison(insn, POISON_MAP + relocation.target);
      poison(insn + INSN_SIZE, POISON_MAP + relocation.target);
      return;
    }
    if (relocation.kind == RelocationKind.Data) {
      const offset = immOf(insn) + relocation.value + <u32>map.arenaDataOffset;
      setSrc(insn, BPF_PSEUDO_MAP_VALUE);
      setImm(insn + INSN_SIZE, offset);
    } else {
      setSrc(insn, BPF_PSEUDO_MAP_FD);
    }
    setImm(insn, 0);
  }

  /** The address of a kernel function or variable; that of a weak one which the kernel has not is 0. */
  private externLoad(insn: usize, number: u32): void {
    const extern = this.externs[number];
    setImm64(insn, 0);
    if (extern.kind == ExternKind.Kconfig) {
      setSrc(insn, BPF_PSEUDO_MAP_VALUE);
      setImm(insn + INSN_SIZE, extern.kconfigOffset);
    } else if (extern.kind != ExternKind.Address && extern.resolved) {
      setSrc(insn, BPF_PSEUDO_BTF_ID);
      setImm(insn, extern.kernBtfId);
    }
  }

  private externCall(insn: usize, number: u32): void {
    const extern = this.externs[number];
    if (!extern.resolved) {
      poison(insn, POISON_KFUNC + number);
      return;
    }
    setSrc(insn, BPF_PSEUDO_KFUNC_CALL);
    setOff(insn, this.modules.index(extern.module));
    setImm(insn, extern.kernBtfId);
  }
}
