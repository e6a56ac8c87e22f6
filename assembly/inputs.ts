import {EMPTY_NAME} from './bytes/c_string';
import * as limits from './limits';

/** What a host can hand over, see docs/core-abi.md. */
export enum InputKind {
  Object = 1,
  KernelBtf = 2,
  ModuleBtf = 3,
  Plan = 4,
  ObjectName = 5,
  ModuleName = 6,
  Options = 7,
  Kconfig = 8,
}

/** Zero bytes after every input, so that names end and words can be read at its end. */
const PADDING: usize = 8;

@final
export class InputBytes {
  constructor(
    readonly at: usize,
    readonly size: u32,
  ) {}
}

@final
export class ModuleInput {
  constructor(
    /** NUL-terminated. */
    readonly name: usize,
    readonly btf: InputBytes,
  ) {}
}

/** The inputs of one call. */
@final
export class Inputs {
  object: InputBytes | null = null;
  /** NUL-terminated; empty until given. */
  objectName: usize = EMPTY_NAME;
  kernelBtf: InputBytes | null = null;
  readonly modules: ModuleInput[] = [];
  plan: InputBytes | null = null;
  options: InputBytes | null = null;
  kconfig: InputBytes | null = null;
  /** Of the module BTF that comes next; 0 without one. */
  private moduleName: usize = 0;

  /** Where to write an input, or 0: unknown, too large, given before, or a module BTF without its name. */
  take(kind: u32, size: u32): usize {
    switch (kind) {
      case InputKind.Object:
        if (this.object !== null || size > limits.OBJECT_SIZE_MAX) return 0;
        this.object = room(size);
        return this.object!.at;
      case InputKind.KernelBtf:
        if (this.kernelBtf !== null || size > limits.KERN_BTF_SIZE_MAX) return 0;
        this.kernelBtf = room(size);
        return this.kernelBtf!.at;
      case InputKind.ModuleBtf:
        return this.takeModule(size);
      case InputKind.Plan:
        if (this.plan !== null || size > limits.FRAME_SIZE_MAX) return 0;
        this.plan = room(size);
        return this.plan!.at;
      case InputKind.ObjectName:
        if (this.objectName != EMPTY_NAME || size > limits.OBJECT_NAME_MAX) return 0;
        this.objectName = room(size).at;
        return this.objectName;
      case InputKind.ModuleName:
        if (this.moduleName != 0 || size == 0 || size > limits.MODULE_NAME_MAX) return 0;
        this.moduleName = room(size).at;
        return this.moduleName;
      case InputKind.Options:
        if (this.options !== null || size > limits.OPTIONS_SIZE_MAX) return 0;
        this.options = room(size);
        return this.options!.at;
      case InputKind.Kconfig:
        if (this.kconfig !== null || size > limits.KCONFIG_SIZE_MAX) return 0;
        this.kconfig = room(size);
        return this.kconfig!.at;
      default:
        return 0;
    }
  }

  private takeModule(size: u32): usize {
    if (this.moduleName == 0 || size > limits.MODULE_BTF_SIZE_MAX) return 0;
    if (<u32>this.modules.length == limits.MODULES_MAX) return 0;
    const btf = room(size);
    this.modules.push(new ModuleInput(this.moduleName, btf));
    this.moduleName = 0;
    return btf.at;
  }
}

function room(size: u32): InputBytes {
  const at = heap.alloc(<usize>size + PADDING);
  memory.fill(at + size, 0, PADDING);
  return new InputBytes(at, size);
}
