import {resolveSize} from '../btf/btf_algebra';
import {
  memberAt,
  memberBitfieldBits,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  vlenOf,
} from '../btf/btf_record';
import {copyName, indexInName, nameIs, namesEqual, nameText} from '../bytes/c_string';
import {heapKeepRoom} from '../bytes/heap';
import {parseInteger} from '../bytes/integer';
import {NearName} from '../bytes/near_name';
import {Faults} from '../fault/faults';
import {BpfObject} from '../object/bpf_object';
import {adjustRingBuffer} from '../object/map_definition';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {Program} from '../object/program';
import {isOne, Options, Setting} from '../options';
import {isFunctionPointer} from '../struct_ops/member_programs';
import * as bpf from '../uapi/bpf';
import {findGlobal} from './global_variable';
import {KnownNames} from './known_names';
import {OwnedData} from './owned_data';
import {VariableResizer} from './resize_variable';
import {refuseName, refuseValue} from './setting_faults';
import {SettingSearch} from './setting_search';
import {valueText, wantedText, writeValue} from './typed_value';

const DOT: u8 = 0x2e;

/** Changes the object as its user wants it loaded, before any kernel is looked at. */
@final
export class SettingsWriter {
  private readonly search: SettingSearch;
  private readonly owned: OwnedData;

  constructor(
    private readonly object: BpfObject,
    private readonly faults: Faults,
  ) {
    this.search = new SettingSearch(faults);
    this.owned = new OwnedData(faults);
  }

  apply(options: Options): void {
    for (let i = 0; i < options.create.length && this.goesOn; i++) this.create(options.create[i]);
    for (let i = 0; i < options.autoload.length && this.goesOn; i++) {
      this.autoload(options.autoload[i]);
    }
    for (let i = 0; i < options.maps.length && this.goesOn; i++) this.map(options.maps[i]);
    this.resize(options.resize);
    for (let i = 0; i < options.values.length && this.goesOn; i++) this.value(options.values[i]);
  }

  private get goesOn(): bool {
    heapKeepRoom();
    return !this.faults.full && !this.search.spent;
  }

  private resize(settings: Setting[]): void {
    const resizer = new VariableResizer(this.object, this.search, this.owned, this.faults);
    for (let i = 0; i < settings.length && this.goesOn; i++) resizer.resize(settings[i]);
    resizer.finish();
  }

  private create(setting: Setting): void {
    const map = this.variable(setting.name);
    if (map !== null) {
      setting.replaces(map.create ? '1' : '0');
      map.create = isOne(setting, this.faults);
      return;
    }
    if (this.search.spent) return;
    const fault = refuseName(this.faults, setting, 'is no struct_ops variable of the object');
    this.known(setting.name).maps(MapOrigin.StructOps).tell(fault);
  }

  private autoload(setting: Setting): void {
    const program = this.program(setting.name);
    if (program !== null) {
      setting.replaces(program.autoload ? '1' : '0');
      program.autoload = isOne(setting, this.faults);
      return;
    }
    if (this.search.spent) return;
    const fault = refuseName(this.faults, setting, 'is no program of the object');
    this.known(setting.name).programs().tell(fault);
  }

  /** `NAME.max_entries` */
  private map(setting: Setting): void {
    const dot = indexInName(setting.name, DOT);
    const name = dot < 0 ? setting.name : copyName(setting.name, dot);
    if (dot < 0 || !nameIs(setting.name + dot + 1, 'max_entries')) {
      refuseName(this.faults, setting, 'is no NAME.max_entries');
      return;
    }
    const maps = this.object.maps;
    this.search.begin(name);
    for (let i = 0; i < maps.length && this.search.goesOn(); i++) {
      if (maps[i].origin != MapOrigin.Defined || !namesEqual(maps[i].name, name)) continue;
      const number = parseInteger(setting.value);
      if (number === null || number.value > u32.MAX_VALUE) {
        refuseValue(this.faults, setting, 'a number of 32 bits');
        return;
      }
      setting.replaces(maps[i].maxEntries.toString());
      maps[i].maxEntries = <u32>number.value;
      adjustRingBuffer(maps[i]);
      return;
    }
    if (this.search.spent) return;
    const fault = refuseName(this.faults, setting, 'is no map that the object defines');
    this.known(name).maps(MapOrigin.Defined).tell(fault);
  }

  /** `VARIABLE` or `VARIABLE.member` */
  private value(setting: Setting): void {
    const dot = indexInName(setting.name, DOT);
    if (dot >= 0) {
      const map = this.variable(copyName(setting.name, dot));
      if (map !== null) {
        this.member(setting, map, setting.name + dot + 1);
        return;
      }
    }
    const local = this.object.btf;
    this.search.begin(setting.name);
    const global = findGlobal(local, this.object.maps, setting.name, this.search);
    if (this.search.spent) return;
    if (global === null) {
      const what =
        'is neither a global variable nor a member of a struct_ops variable of the object';
      const fault = refuseName(this.faults, setting, what);
      this.known(setting.name).globals().maps(MapOrigin.StructOps).tell(fault);
      return;
    }
    if (!global.map.fitsIntoPlan) {
      refuseValue(this.faults, setting, 'a variable of a section that fits into a plan');
      return;
    }
    if (resolveSize(local.btf, global.typeId) == global.size) {
      if (!global.map.ownsData && !this.owned.takes(global.map)) return;
      setting.replaces(valueText(local.btf, global.typeId, global.bytes));
      if (writeValue(local.btf, global.typeId, setting.value, global.bytes)) return;
    }
    refuseValue(this.faults, setting, wantedText(local.btf, global.typeId));
  }

  private member(setting: Setting, map: ObjectMap, name: usize): void {
    const variable = map.structOps!;
    const local = this.object.btf;
    const type = local.btf.record(variable.typeId);
    const index = this.memberNamed(type, name);
    if (this.search.spent) return;
    if (index < 0) {
      const what = `is no member of struct ${nameText(variable.typeName)}`;
      this.known(name)
        .members(variable.typeId)
        .tell(refuseName(this.faults, setting, what));
      return;
    }
    const member = memberAt(type, index);
    const id = memberType(member);
    const offset = memberOffsetBits(type, member) / 8;
    const size = resolveSize(local.btf, id);
    if (isFunctionPointer(local, id)) {
      this.callback(setting, map, index);
      return;
    }
    if (
      memberBitfieldBits(type, member) == 0 &&
      size <= variable.size &&
      offset <= variable.size - size
    ) {
      setting.replaces(valueText(local.btf, id, variable.data + offset));
      if (writeValue(local.btf, id, setting.value, variable.data + offset)) return;
    }
    refuseValue(this.faults, setting, wantedText(local.btf, id));
  }

  /** A program that lost its only place is not loaded, unless another variable has it. */
  private callback(setting: Setting, map: ObjectMap, index: u32): void {
    const programs = map.structOps!.programs;
    const before = programs[index];
    const isNull = nameIs(setting.value, 'null');
    let program: Program | null = null;
    if (!isNull) program = this.program(setting.value);
    if (this.search.spent) return;
    if (!isNull && (program === null || program.type != bpf.BPF_PROG_TYPE_STRUCT_OPS)) {
      const wanted = 'null, or the name of a program in a struct_ops section';
      const near = new NearName(setting.value);
      const all = this.object.programs;
      for (let i = 0; i < all.length && !this.faults.many; i++) {
        if (all[i].type == bpf.BPF_PROG_TYPE_STRUCT_OPS) near.offer(all[i].name);
      }
      refuseValue(this.faults, setting, wanted).resembles(near.text);
      return;
    }
    setting.replaces(before === null ? 'null' : before.text);
    if (before !== null) before.autoload = false;
    programs[index] = program;
  }

  private known(name: usize): KnownNames {
    return new KnownNames(this.object, name, this.faults);
  }

  private variable(name: usize): ObjectMap | null {
    const maps = this.object.maps;
    this.search.begin(name);
    for (let i = 0; i < maps.length && this.search.goesOn(); i++) {
      if (maps[i].origin == MapOrigin.StructOps && namesEqual(maps[i].name, name)) return maps[i];
    }
    return null;
  }

  /** Index of the member of exactly that name, or -1. */
  private memberNamed(type: usize, name: usize): i32 {
    const local = this.object.btf.btf;
    this.search.begin(name);
    for (let i: u32 = 0; i < vlenOf(type) && this.search.goesOn(); i++) {
      if (namesEqual(local.nameAt(memberNameOffset(memberAt(type, i))), name)) return i;
    }
    return -1;
  }

  private program(name: usize): Program | null {
    const programs = this.object.programs;
    this.search.begin(name);
    for (let i = 0; i < programs.length && this.search.goesOn(); i++) {
      if (!programs[i].subprogram && namesEqual(programs[i].name, name)) return programs[i];
    }
    return null;
  }
}
