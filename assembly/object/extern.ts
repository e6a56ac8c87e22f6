import {copyName, essentialLength, nameText} from '../bytes/c_string';
import {KconfigType} from './kconfig_type';

export enum ExternKind {
  Kconfig,
  /** A kernel function. */
  Function,
  /** A kernel variable with a type. */
  Variable,
  /** A kernel symbol of which only the address is asked for. */
  Address,
}

/** A symbol that the kernel shall provide (libbpf `struct extern_desc`). */
@final
export class Extern {
  /** The name without its flavour. */
  readonly essentialName: usize;

  // Of a `__kconfig` variable.
  kconfigType: KconfigType = KconfigType.Unknown;
  signed: bool = false;
  /** Bytes. */
  size: u32 = 0;
  align: u32 = 1;
  /** Its place in the map of all of them. */
  kconfigOffset: u32 = 0;

  /** Whether it is 0 only because nobody said what the kernel's configuration is. */
  assumed: bool = false;

  // What the kernel has for it.
  resolved: bool = false;
  kernBtfId: u32 = 0;
  /** 0 vmlinux, else the number of a module BTF. */
  module: u32 = 0;

  constructor(
    readonly name: usize,
    readonly kind: ExternKind,
    readonly weak: bool,
    /** Of its symbol. */
    readonly symbol: u32,
    /** Its VAR or FUNC in the object's BTF. */
    readonly btfId: u32,
    /** Its type, modifiers skipped: a FUNC_PROTO, or what the VAR is. */
    readonly typeId: u32,
  ) {
    this.essentialName = copyName(name, essentialLength(name));
  }

  /** Whether the kernel's BTF tells what it is. */
  get inBtf(): bool {
    return this.kind == ExternKind.Function || this.kind == ExternKind.Variable;
  }

  get text(): string {
    return nameText(this.name);
  }
}
