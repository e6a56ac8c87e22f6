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
import {InsnFd, LinkedProgram} from './linked_program';

/** Calls of helpers that do not exist, by which libbpf marks what could not be resolved: plus the map's or extern's number. */
const POISON_MAP: i32 = 2001000000;
const POISON_KFUNC: i32 = 2002000000;

/** Lets instructions refer to maps and to what the kernel provides (`bpf_object__relocate_data` of libbpf). */
@final
export class ReferenceRelocator {
  constructor(
    private readonly maps: ObjectMap[],
    private readonly externs: Extern[],
  ) {}

  /** `position`: the instruction in the linked program. */
  relocate(linked: LinkedProgram, position: u32, relocation: CodeRelocation): void {
    const insn = linked.at(position);
    switch (relocation.kind) {
      case RelocationKind.Map:
      case RelocationKind.Data:
        this.map(linked, position, insn, relocation);
        break;
      case RelocationKind.ExternLoad: {
        const extern = this.externs[relocation.target];
        if (extern.kind == ExternKind.Kconfig) this.kconfigLoad(linked, position, insn, extern);
        else externLoad(linked, position, insn, extern);
        break;
      }
      case RelocationKind.ExternCall:
        this.externCall(linked, insn, relocation.target);
        break;
    }
  }

  private map(linked: LinkedProgram, position: u32, insn: usize, relocation: CodeRelocation): void {
    if (!this.maps[relocation.target].create) {
      poison(insn, POISON_MAP + relocation.target);
      poison(insn + INSN_SIZE, POISON_MAP + relocation.target);
      return;
    }
    if (relocation.kind == RelocationKind.Data) {
      setSrc(insn, BPF_PSEUDO_MAP_VALUE);
      setImm(insn + INSN_SIZE, immOf(insn) + relocation.value);
    } else {
      setSrc(insn, BPF_PSEUDO_MAP_FD);
    }
    setImm(insn, 0);
    linked.fds.push(new InsnFd(position * INSN_SIZE + 4, relocation.target, false));
  }

  private kconfigLoad(linked: LinkedProgram, position: u32, insn: usize, extern: Extern): void {
    let index: u32 = 0;
    while (this.maps[index].origin != MapOrigin.Kconfig) index++;
    setSrc(insn, BPF_PSEUDO_MAP_VALUE);
    setImm(insn, 0);
    setImm(insn + INSN_SIZE, extern.kconfigOffset);
    linked.fds.push(new InsnFd(position * INSN_SIZE + 4, index, false));
  }

  private externCall(linked: LinkedProgram, insn: usize, number: u32): void {
    const extern = this.externs[number];
    if (!extern.resolved) {
      poison(insn, POISON_KFUNC + number);
      return;
    }
    setSrc(insn, BPF_PSEUDO_KFUNC_CALL);
    setOff(insn, extern.module == 0 ? 0 : linked.moduleIndex(extern.module));
    setImm(insn, extern.kernBtfId);
  }
}

/** The address of a kernel function or variable; that of a weak one which the kernel has not is 0. */
function externLoad(linked: LinkedProgram, position: u32, insn: usize, extern: Extern): void {
  setImm64(insn, 0);
  if (!extern.resolved) return;
  setSrc(insn, BPF_PSEUDO_BTF_ID);
  setImm(insn, extern.kernBtfId);
  if (extern.module == 0) return;
  linked.fds.push(new InsnFd((position + 1) * INSN_SIZE + 4, extern.module, true));
}
