import {nameText} from '../bytes/c_string';
import {ElfSection} from '../elf/elf_object';
import {StructOpsVariable} from '../struct_ops/struct_ops_variable';

/** Where a map of the object comes from. */
export enum MapOrigin {
  /** A definition in `.maps`. */
  Defined,
  Data,
  Rodata,
  Bss,
  StructOps,
}

/** A map that the object declares (libbpf `struct bpf_map`), as BPF_MAP_CREATE wants it. */
@final
export class ObjectMap {
  type: u32 = 0;
  keySize: u32 = 0;
  valueSize: u32 = 0;
  maxEntries: u32 = 0;
  flags: u32 = 0;
  numaNode: u32 = 0;
  mapExtra: u64 = 0;
  btfKeyTypeId: u32 = 0;
  btfValueTypeId: u32 = 0;
  /** Whether the plan makes it. */
  create: bool = true;
  /** Its first value, `valueSize` bytes; 0 for all zeros. */
  data: usize = 0;
  structOps: StructOpsVariable | null = null;

  constructor(
    readonly origin: MapOrigin,
    /** In the object: a variable's or a section's name. */
    readonly name: usize,
    /** In the kernel: at most 15 bytes. */
    readonly kernelName: usize,
    readonly section: ElfSection,
    /** Where it lies in its section. */
    readonly offset: u32,
  ) {}

  get text(): string {
    return nameText(this.name);
  }
}
