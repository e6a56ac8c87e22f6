import {nameText} from '../bytes/c_string';
import {heapTake} from '../bytes/heap';
import {ElfSection} from '../elf/elf_object';
import {FRAME_SIZE_MAX, PAGE_SIZE} from '../limits';
import {StructOpsVariable} from '../struct_ops/struct_ops_variable';
import * as bpf from '../uapi/bpf';
import {Program} from './program';

/** Where a map of the object comes from. */
export enum MapOrigin {
  /** A definition in `.maps`. */
  Defined,
  Data,
  Rodata,
  Bss,
  /** Values of the kernel's configuration. */
  Kconfig,
  StructOps,
}

/** A map or a program that a map holds from the start. */
@final
export class MapSlot {
  constructor(
    readonly index: u32,
    readonly map: ObjectMap | null,
    readonly program: Program | null,
  ) {}
}

/** A map that the object declares (libbpf `struct bpf_map`), as BPF_MAP_CREATE wants it. */
@final
export class ObjectMap {
  /** Its place among the object's maps. */
  index: u32 = 0;
  type: u32 = 0;
  keySize: u32 = 0;
  valueSize: u32 = 0;
  maxEntries: u32 = 0;
  flags: u32 = 0;
  numaNode: u32 = 0;
  mapExtra: u64 = 0;
  btfKeyTypeId: u32 = 0;
  btfValueTypeId: u32 = 0;
  /** Whether it is kept in bpffs by its name, and taken from there if it is there. */
  pinned: bool = false;
  /** Whether the plan makes it. */
  create: bool = true;
  /** Its first value, `valueSize` bytes; 0 for all zeros. Of an arena: its global variables. */
  data: usize = 0;
  /** Of an arena: bytes of its global variables, and where they lie in it. */
  arenaDataSize: u32 = 0;
  arenaDataOffset: u64 = 0;
  private owned: bool = false;
  /** Bytes of `data` that stay when it gets another size; see resize(). */
  private keptSize: u32 = u32.MAX_VALUE;
  structOps: StructOpsVariable | null = null;
  /** For a map of maps: what its values look like. */
  inner: ObjectMap | null = null;
  readonly slots: MapSlot[] = [];
  /** Where `values` begins in a map's definition. */
  valuesOffset: u32 = 0;
  /** Bytes of its definition with its values. */
  definitionSize: u32 = 0;

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

  /** Whether a plan has room for its value: a .bss may have 4 GiB, which the kernel fills with zeros alone. */
  get fitsIntoPlan(): bool {
    return this.valueSize <= FRAME_SIZE_MAX;
  }

  /**
   * Makes `data` bytes of its own, that may be changed: until then they are the file's, or none for zeros. Only of a map
   * that fits into a plan.
   */
  ownData(): void {
    if (!this.owned) this.copyData(this.valueSize);
  }

  get ownsData(): bool {
    return this.owned;
  }

  /** Of `data` as it is at first more bytes are zero. It has the other size after settle(): there may be many sizes. */
  resize(size: u32): void {
    this.keptSize = min(this.keptSize, min(size, this.valueSize));
    this.valueSize = size;
  }

  /** Whether its `data` is of another size. */
  get isResized(): bool {
    return this.keptSize != u32.MAX_VALUE;
  }

  settle(): void {
    if (this.data != 0 && this.keptSize != u32.MAX_VALUE) this.copyData(this.keptSize);
    this.keptSize = u32.MAX_VALUE;
  }

  /** Into bytes of its own: so many, and zeros. */
  private copyData(size: u32): void {
    const room = <usize>this.valueSize + 8;
    const own = heapTake(room);
    memory.fill(own, 0, room);
    if (this.data != 0) memory.copy(own, this.data, size);
    this.data = own;
    this.owned = true;
  }

  /** Global variables that user space may set. */
  get holdsVariables(): bool {
    return (
      this.origin == MapOrigin.Data ||
      this.origin == MapOrigin.Rodata ||
      this.origin == MapOrigin.Bss
    );
  }

  /** Global variables, or values of the kernel's configuration. */
  get holdsData(): bool {
    return this.origin != MapOrigin.Defined && this.origin != MapOrigin.StructOps;
  }

  get holdsMaps(): bool {
    return (
      this.type == bpf.BPF_MAP_TYPE_ARRAY_OF_MAPS || this.type == bpf.BPF_MAP_TYPE_HASH_OF_MAPS
    );
  }

  /** Bytes of the memory that an arena maps. */
  get arenaSize(): u64 {
    return <u64>this.maxEntries * PAGE_SIZE;
  }

  /** Whether the kernel takes the object's BTF for a map of that type (`bpf_object__create_map` of libbpf). */
  get takesBtf(): bool {
    switch (this.type) {
      case bpf.BPF_MAP_TYPE_PERF_EVENT_ARRAY:
      case bpf.BPF_MAP_TYPE_CGROUP_ARRAY:
      case bpf.BPF_MAP_TYPE_STACK_TRACE:
      case bpf.BPF_MAP_TYPE_ARRAY_OF_MAPS:
      case bpf.BPF_MAP_TYPE_HASH_OF_MAPS:
      case bpf.BPF_MAP_TYPE_DEVMAP:
      case bpf.BPF_MAP_TYPE_DEVMAP_HASH:
      case bpf.BPF_MAP_TYPE_CPUMAP:
      case bpf.BPF_MAP_TYPE_XSKMAP:
      case bpf.BPF_MAP_TYPE_SOCKMAP:
      case bpf.BPF_MAP_TYPE_SOCKHASH:
      case bpf.BPF_MAP_TYPE_QUEUE:
      case bpf.BPF_MAP_TYPE_STACK:
      case bpf.BPF_MAP_TYPE_ARENA:
        return false;
      default:
        return true;
    }
  }
}
