import {nameIs, nameLength, nameStartsWith, nameText} from '../bytes/c_string';
import {parseInteger} from '../bytes/integer';
import {NameIndex, NOT_FOUND} from '../bytes/name_index';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {InputBytes} from '../inputs';
import {Extern, ExternKind} from '../object/extern';
import {KconfigType} from '../object/kconfig_type';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {Options} from '../options';
import {Feature, Target} from './target';

const LINE_END: u8 = 0x0a;
const EQUALS: u8 = 0x3d;
const QUOTE: u8 = 0x22;

/** Gives `__kconfig` variables their values (`bpf_object__read_kconfig_file` and its kin in libbpf). */
@final
export class KconfigValues {
  private readonly byName: NameIndex;
  private data: usize = 0;
  /** By extern: whether it has its value. */
  private readonly set: StaticArray<bool>;

  constructor(
    private readonly externs: Extern[],
    maps: ObjectMap[],
    private readonly faults: Faults,
  ) {
    this.byName = new NameIndex(externs.length);
    this.set = new StaticArray<bool>(externs.length);
    for (let i = externs.length - 1; i >= 0; i--) this.byName.add(i, externs[i].name);
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin == MapOrigin.Kconfig) this.data = maps[i].data;
    }
  }

  /** `file`: the text of the kernel's configuration; null when it was not handed over. */
  fill(options: Options, file: InputBytes | null, target: Target): void {
    if (this.data == 0) return;
    for (let i = 0; i < options.kconfig.length; i++) {
      this.option(options.kconfig[i].name, options.kconfig[i].value);
    }
    if (file !== null) this.readFile(file);
    for (let i = 0; i < this.externs.length && !this.faults.full; i++) {
      const extern = this.externs[i];
      if (extern.kind != ExternKind.Kconfig || this.set[i]) continue;
      if (nameStartsWith(extern.name, 'LINUX_')) this.virtual(extern, options, target);
      else this.unset(extern, file !== null);
    }
  }

  private readFile(file: InputBytes): void {
    const end = file.at + file.size;
    let line = file.at;
    while (line < end) {
      let at = line;
      while (at < end && load<u8>(at) != LINE_END) at++;
      if (nameStartsWith(line, 'CONFIG_')) this.readLine(line, at);
      line = at + 1;
    }
  }

  /** A line is two names while it is looked at, and then as it was: the file is read again for each plan. */
  private readLine(line: usize, end: usize): void {
    const last = load<u8>(end);
    store<u8>(end, 0);
    let value = line;
    while (load<u8>(value) != 0 && load<u8>(value) != EQUALS) value++;
    if (load<u8>(value) == EQUALS) {
      store<u8>(value, 0);
      this.option(line, value + 1);
      store<u8>(value, EQUALS);
    }
    store<u8>(end, last);
  }

  /** The first value of a name counts. */
  private option(name: usize, value: usize): void {
    const number = this.byName.find(name);
    if (number == NOT_FOUND) return;
    const extern = this.externs[number];
    if (extern.kind != ExternKind.Kconfig || this.set[number]) return;
    this.set[number] = true;
    const first = load<u8>(value);
    if (first == 0x79 || first == 0x6e || first == 0x6d) this.setLetter(extern, first, value);
    else if (first == QUOTE) this.setString(extern, value);
    else this.setText(extern, value);
  }

  /** y, n or m */
  private setLetter(extern: Extern, letter: u8, value: usize): void {
    const to = this.data + extern.kconfigOffset;
    switch (extern.kconfigType) {
      case KconfigType.Bool:
        if (letter == 0x6d) break;
        store<u8>(to, letter == 0x79 ? 1 : 0);
        return;
      case KconfigType.Tristate:
        // libbpf TRI_NO 0, TRI_YES 1, TRI_MODULE 2
        store<u32>(to, letter == 0x79 ? 1 : letter == 0x6d ? 2 : 0);
        return;
      case KconfigType.Char:
        store<u8>(to, letter);
        return;
    }
    this.refuse(extern, value);
  }

  /** Without its quotes, cut to the array. */
  private setString(extern: Extern, value: usize): void {
    const length = nameLength(value);
    const quoted = length >= 2 && load<u8>(value + length - 1) == QUOTE;
    if (extern.kconfigType != KconfigType.CharArray || !quoted) {
      this.refuse(extern, value);
      return;
    }
    memory.copy(this.data + extern.kconfigOffset, value + 1, min(length - 2, extern.size - 1));
  }

  private setText(extern: Extern, value: usize): void {
    const number = parseInteger(value);
    if (number === null) this.refuse(extern, value);
    else this.setNumber(extern, number.value, value);
  }

  private setNumber(extern: Extern, number: u64, value: usize): void {
    const type = extern.kconfigType;
    const takes =
      type == KconfigType.Integer ||
      type == KconfigType.Char ||
      (type == KconfigType.Bool && number <= 1);
    if (!takes || !inRange(extern, number)) {
      this.refuse(extern, value);
      return;
    }
    const to = this.data + extern.kconfigOffset;
    memory.copy(to, bytesOf(number), extern.size);
  }

  /** What libbpf itself answers. */
  private virtual(extern: Extern, options: Options, target: Target): void {
    const name = extern.name;
    if (nameIs(name, 'LINUX_KERNEL_VERSION')) {
      if (options.kernelVersion == 0) {
        this.faults
          .add(
            FaultCode.KERN_NO_KCONFIG,
            `${extern.text} asks for the kernel's version, which its BTF does not tell`,
          )
          .ofSymbol(extern.text)
          .advise('tell the version of the kernel: --kernel-version 6.12.107');
        return;
      }
      this.setNumber(extern, options.kernelVersion, name);
    } else if (nameIs(name, 'LINUX_HAS_BPF_COOKIE')) {
      this.setNumber(extern, target.has(Feature.BpfCookie) ? 1 : 0, name);
    } else if (nameIs(name, 'LINUX_HAS_SYSCALL_WRAPPER')) {
      this.setNumber(extern, target.wrapsSyscalls ? 1 : 0, name);
    } else {
      this.unset(extern, true);
    }
  }

  /** Weak ones are 0. Differs from libbpf: also when no configuration is there at all. */
  private unset(extern: Extern, known: bool): void {
    extern.assumed = !known;
    if (extern.weak) return;
    this.faults
      .add(
        FaultCode.KERN_NO_KCONFIG,
        known
          ? `the kernel's configuration does not have ${extern.text}, which the object needs`
          : `${extern.text} asks for the kernel's configuration, which was not given`,
      )
      .ofSymbol(extern.text)
      .advise(
        known
          ? `declare ${extern.text} as __weak, or set it: --set ${extern.text}=VALUE`
          : `give it: --kconfig /boot/config-RELEASE, or set the option: --set ${extern.text}=VALUE`,
      );
  }

  private refuse(extern: Extern, value: usize): Fault {
    return this.faults
      .add(
        FaultCode.OPTION_BAD_VALUE,
        `the value ${nameText(value)} does not fit the __kconfig variable ${extern.text}`,
      )
      .in(Input.Options)
      .ofSymbol(extern.text)
      .differs(`${extern.size} bytes of the variable's type`, nameText(value));
  }
}

/** `is_kcfg_value_in_range` of libbpf */
function inRange(extern: Extern, number: u64): bool {
  if (extern.size >= 8) return true;
  const bits: u64 = extern.size * 8;
  if (extern.signed) return number + ((<u64>1) << (bits - 1)) < (<u64>1) << bits;
  return number >> bits == 0;
}

function bytesOf(number: u64): usize {
  const at = heap.alloc(8);
  store<u64>(at, number);
  return at;
}
