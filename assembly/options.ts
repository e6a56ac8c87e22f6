import {copyName, nameIs, nameStartsWith, nameText} from './bytes/c_string';
import {heapKeepRoom} from './bytes/heap';
import {Fault, Input} from './fault/fault';
import {FaultCode} from './fault/fault_code';
import {Faults} from './fault/faults';
import {InputBytes} from './inputs';
import {SETTINGS_MAX} from './limits';

const LINE_END: u8 = 0x0a;
const EQUALS: u8 = 0x3d;

/** `name=value`, both NUL-terminated. */
@final
export class Setting {
  /** What was there before, as text; empty where that has none. Of the whole setting. */
  private before: string = '';

  constructor(
    readonly name: usize,
    readonly value: usize,
    /** Of its line in the options. */
    readonly offset: u32,
    /** The setting with its prefix, of which this is the rest; null: this one. */
    private readonly whole: Setting | null = null,
  ) {}

  /** For the plan: docs/plan-format.md, "Notes". */
  get text(): string {
    const text = `${nameText(this.name)}=${nameText(this.value)}`;
    return this.before.length == 0 ? text : `${text}\n${this.before}`;
  }

  /** Tells what it changes, before it does. */
  replaces(before: string): void {
    const whole = this.whole;
    if (whole === null) this.before = before;
    else whole.before = before;
  }
}

/** What a plan is made with beside its inputs, see docs/embedding.md. */
@final
export class Options {
  /** KERNEL_VERSION of the kernel as the kernel packs it; 0 when it was not told. */
  kernelVersion: u32 = 0;
  /** `CONFIG_…` values, which come before those of the kernel's configuration. */
  readonly kconfig: Setting[] = [];
  /** `set.`: the variable, or the variable and member. */
  readonly values: Setting[] = [];
  /** `map.`: the map and what of it. */
  readonly maps: Setting[] = [];
  /** `autoload.`: a program, 0 or 1. */
  readonly autoload: Setting[] = [];
  /** `create.`: a struct_ops variable, 0 or 1. */
  readonly create: Setting[] = [];
  /** `resize.`: a variable, its bytes. */
  readonly resize: Setting[] = [];
  /** `pin.`: a struct_ops variable, a path. */
  readonly pins: Setting[] = [];
  /** `replace.`: a struct_ops variable, the registration in whose place it comes. */
  readonly replace: Setting[] = [];
  /** `replace_map.`: a struct_ops variable, the id of the map that the link must have then. */
  readonly replaceMap: Setting[] = [];
  /** `unpin.`: a struct_ops variable, the path of a pin of what it replaces. */
  readonly unpin: Setting[] = [];
  /** `swap.`: a struct_ops variable, `update` or `detach`. */
  readonly swap: Setting[] = [];
  /** Callbacks that the kernel does not have are left out. */
  nullUnknownCallbacks: bool = false;
  /** Variables that begin so are enumerators of the kernel; 0 without. */
  enumConstants: usize = 0;
  /** The struct_ops variable that other programs are associated with; null without. */
  associate: Setting | null = null;
  /** The member that counts hotplug events of sched_ext; null without. */
  hotplugSeq: Setting | null = null;

  private constructor(
    /** Every line, for the plan. */
    readonly all: Setting[],
  ) {}

  static parse(bytes: InputBytes | null, faults: Faults): Options {
    const options = new Options(splitSettings(bytes, faults));
    for (let i = 0; i < options.all.length && !faults.full; i++) {
      options.add(options.all[i], faults);
    }
    return options;
  }

  private add(setting: Setting, faults: Faults): void {
    const line = setting.name;
    if (this.addOf(setting, 'set.', this.values) || this.addOf(setting, 'map.', this.maps)) return;
    if (this.addOf(setting, 'autoload.', this.autoload)) return;
    if (this.addOf(setting, 'create.', this.create)) return;
    if (this.addOf(setting, 'resize.', this.resize)) return;
    if (this.addOf(setting, 'pin.', this.pins) || this.addOf(setting, 'swap.', this.swap)) return;
    if (this.addOf(setting, 'replace.', this.replace)) return;
    if (this.addOf(setting, 'replace_map.', this.replaceMap)) return;
    if (this.addOf(setting, 'unpin.', this.unpin)) return;
    if (nameStartsWith(line, 'CONFIG_')) this.kconfig.push(setting);
    else if (nameIs(line, 'kernel_version')) this.setVersion(setting, faults);
    else if (nameIs(line, 'null_unknown_callbacks'))
      this.nullUnknownCallbacks = isOne(setting, faults);
    else if (nameIs(line, 'enum_constants')) this.enumConstants = setting.value;
    else if (nameIs(line, 'associate')) this.associate = setting;
    else if (nameIs(line, 'hotplug_seq')) this.hotplugSeq = setting;
    else refuseUnknown(setting, faults);
  }

  /** A setting whose name goes on behind the prefix. */
  private addOf(setting: Setting, prefix: string, to: Setting[]): bool {
    if (!nameStartsWith(setting.name, prefix)) return false;
    to.push(new Setting(setting.name + prefix.length, setting.value, setting.offset, setting));
    return true;
  }

  /**
   * `6.12.107`, with anything behind it as `uname -r` has; packed as KERNEL_VERSION() of the kernel, which has a byte for
   * each of the first two.
   */
  private setVersion(setting: Setting, faults: Faults): void {
    const numbers = new StaticArray<u32>(3);
    let at = setting.value;
    for (let i = 0; i < 3; i++) {
      let digits = 0;
      for (; isDigit(load<u8>(at)) && digits < 5; at++, digits++) {
        numbers[i] = numbers[i] * 10 + (load<u8>(at) - 0x30);
      }
      if ((digits == 0 || numbers[i] > 255) && i < 2) {
        refuse(
          faults,
          FaultCode.OPTION_BAD_VALUE,
          setting.name,
          setting.offset,
          'is no version',
        ).differs('a version such as 6.12.107', nameText(setting.value));
        return;
      }
      if (load<u8>(at) != 0x2e) break;
      at++;
    }
    this.kernelVersion = (numbers[0] << 16) + (numbers[1] << 8) + min<u32>(numbers[2], 255);
  }
}

/** The lines of an input, a copy of them: it is read again for each plan. One without a value is a fault. */
export function splitSettings(bytes: InputBytes | null, faults: Faults): Setting[] {
  const settings: Setting[] = [];
  if (bytes === null) return settings;
  const start = copyName(bytes.at, bytes.size);
  const end = start + bytes.size;
  let line = start;
  while (line < end && !faults.full) {
    heapKeepRoom();
    const next = endOfLine(line, end);
    const offset = <u32>(line - start);
    if (<u32>settings.length == SETTINGS_MAX) {
      refuse(faults, FaultCode.OPTION_BAD_VALUE, line, offset, 'is one too many').differs(
        `at most ${SETTINGS_MAX} options`,
        'more',
      );
      return settings;
    }
    let value = line;
    while (load<u8>(value) != 0 && load<u8>(value) != EQUALS) value++;
    if (load<u8>(value) != 0) {
      store<u8>(value, 0);
      settings.push(new Setting(line, value + 1, offset));
    } else if (next > line) {
      refuse(faults, FaultCode.OPTION_BAD_VALUE, line, offset, 'has no value');
    }
    line = next + 1;
  }
  return settings;
}

export function refuseUnknown(setting: Setting, faults: Faults): void {
  refuse(faults, FaultCode.OPTION_UNKNOWN, setting.name, setting.offset, 'is not known');
}

/** Ends the line with a NUL. */
function endOfLine(line: usize, end: usize): usize {
  let at = line;
  while (at < end && load<u8>(at) != LINE_END) at++;
  store<u8>(at, 0);
  return at;
}

/** Of a setting that is 0 or 1. */
export function isOne(setting: Setting, faults: Faults): bool {
  if (nameIs(setting.value, '1')) return true;
  if (!nameIs(setting.value, '0')) {
    const what = 'is neither 0 nor 1';
    refuse(faults, FaultCode.OPTION_BAD_VALUE, setting.name, setting.offset, what);
  }
  return false;
}

function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte < 0x3a;
}

function refuse(faults: Faults, code: FaultCode, name: usize, offset: u32, what: string): Fault {
  return faults
    .add(code, `the option ${nameText(name)} ${what}`)
    .in(Input.Options)
    .at(offset);
}
