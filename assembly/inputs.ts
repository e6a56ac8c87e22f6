import {EMPTY_NAME} from './bytes/c_string';
import {heapReserve} from './bytes/heap';
import {BtfInput} from './kernel/btf_input';
import {BtfWindows} from './kernel/btf_windows';
import * as limits from './limits';

/** What a host can hand over, see docs/embedding.md. */
export enum InputKind {
  Object = 1,
  KernelBtf = 2,
  ModuleBtf = 3,
  Plan = 4,
  ObjectName = 5,
  ModuleName = 6,
  Options = 7,
  Kconfig = 8,
  KernelImage = 9,
}

/** Zero bytes after every input, so that names end and words can be read at its end. */
const PADDING: usize = 16;
/** BTFs begin at a multiple of this, so that a host of the native core can map a file instead of reading it. */
const PAGE: usize = 4096;
/** Of a BTF at least so much, four bytes for sixteen records, is taken for the places of types. */
const PLACES_SHARE: u32 = 96;
/** For small inputs after a large one. */
const OTHERS_SIZE: usize = 64 << 10;
/** A window, and what is found through it, but for what grows with the BTF. */
const WINDOWS_SIZE: usize = 128 << 10;

@final
export class InputBytes {
  constructor(
    readonly at: usize,
    readonly size: u32,
  ) {}
}

/** The inputs of a call. */
@final
export class Inputs {
  object: InputBytes | null = null;
  /** NUL-terminated; empty until given. */
  objectName: usize = EMPTY_NAME;
  kernelBtf: BtfInput | null = null;
  /** Instead of it, when it comes in windows. */
  windows: BtfWindows | null = null;
  readonly modules: BtfInput[] = [];
  plan: InputBytes | null = null;
  options: InputBytes | null = null;
  kconfig: InputBytes | null = null;
  kernelImage: InputBytes | null = null;
  /** Bytes of all inputs so far, but for a kept one. */
  size: u64 = 0;
  /** Of the module BTF that comes next; 0 without one. */
  private moduleName: usize = 0;

  /**
   * Where to write an input, or 0: unknown, too large by itself or with the others, given before, or a module BTF without
   * its name.
   */
  take(kind: u32, size: u32): usize {
    if (!this.takes(kind, size) || this.size + size > limits.INPUTS_SIZE_MAX) return 0;
    this.size += size;
    const bytes = room(kind, size);
    switch (kind) {
      case InputKind.Object:
        this.object = bytes;
        break;
      case InputKind.KernelBtf:
        this.kernelBtf = new BtfInput(EMPTY_NAME, bytes.at, size);
        break;
      case InputKind.ModuleBtf:
        this.modules.push(new BtfInput(this.moduleName, bytes.at, size));
        this.moduleName = 0;
        break;
      case InputKind.Plan:
        this.plan = bytes;
        break;
      case InputKind.ObjectName:
        this.objectName = bytes.at;
        break;
      case InputKind.ModuleName:
        this.moduleName = bytes.at;
        break;
      case InputKind.Options:
        this.options = bytes;
        break;
      case InputKind.Kconfig:
        this.kconfig = bytes;
        break;
      case InputKind.KernelImage:
        this.kernelImage = bytes;
        break;
    }
    return bytes.at;
  }

  /** Makes ready for the vmlinux BTF in windows; false when it is refused. */
  takeInWindows(kind: u32, size: u32): bool {
    if (kind != InputKind.KernelBtf || !this.takes(kind, size)) return false;
    heapReserve(WINDOWS_SIZE + size / PLACES_SHARE);
    this.windows = new BtfWindows(size);
    return true;
  }

  private takes(kind: u32, size: u32): bool {
    const windows = this.windows;
    // What is planned stays what it was from the first window to the last.
    if (windows !== null && (windows.started || kind == InputKind.KernelBtf)) return false;
    switch (kind) {
      case InputKind.Object:
        return this.object === null && size <= limits.OBJECT_SIZE_MAX;
      case InputKind.KernelBtf:
        return this.kernelBtf === null && size <= limits.KERN_BTF_SIZE_MAX;
      case InputKind.ModuleBtf:
        return (
          this.moduleName != 0 &&
          size <= limits.MODULE_BTF_SIZE_MAX &&
          <u32>this.modules.length < limits.MODULES_MAX
        );
      case InputKind.Plan:
        return this.plan === null && size <= limits.FRAME_SIZE_MAX;
      case InputKind.ObjectName:
        return this.objectName == EMPTY_NAME && size <= limits.OBJECT_NAME_MAX;
      case InputKind.ModuleName:
        return this.moduleName == 0 && size > 0 && size <= limits.MODULE_NAME_MAX;
      case InputKind.Options:
        return this.options === null && size <= limits.OPTIONS_SIZE_MAX;
      case InputKind.Kconfig:
        return this.kconfig === null && size <= limits.KCONFIG_SIZE_MAX;
      case InputKind.KernelImage:
        return this.kernelImage === null && size <= limits.KERNEL_IMAGE_SIZE_MAX;
      default:
        return false;
    }
  }
}

function room(kind: u32, size: u32): InputBytes {
  const slack: usize = kind == InputKind.KernelBtf || kind == InputKind.ModuleBtf ? PAGE - 1 : 0;
  heapReserve(<usize>size + PADDING + slack + size / PLACES_SHARE + OTHERS_SIZE);
  const at = (heap.alloc(<usize>size + PADDING + slack) + slack) & ~slack;
  memory.fill(at + size, 0, PADDING);
  return new InputBytes(at, size);
}
