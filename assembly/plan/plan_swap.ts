import {nameIs, namesEqual} from '../bytes/c_string';
import {parseInteger} from '../bytes/integer';
import {Faults} from '../fault/faults';
import {Target} from '../kernel/target';
import {BpfObject} from '../object/bpf_object';
import {ObjectMap} from '../object/object_map';
import {Options, Setting} from '../options';
import {refuseName, refuseValue} from '../settings/setting_faults';
import {SettingSearch} from '../settings/setting_search';
import {StructOpsVariable} from '../struct_ops/struct_ops_variable';
import * as bpf from '../uapi/bpf';
import {CAP_SYS_ADMIN} from '../uapi/capability';
import {Plan} from './plan';
import {BlobRange} from './plan_step';
import * as wire from './plan_wire';
import {addPin, checkPath, Registration} from './registration';

/** BPF_F_REPLACE of LINK_UPDATE */
const BPF_F_REPLACE: u32 = 4;

/** How one struct_ops variable comes into force: alone or in the place of another, and pinned or not. */
@final
export class Entrance {
  replaced: Registration | null = null;
  /** Id of the map that the link must have when it is updated; 0: whichever. */
  oldMapId: u32 = 0;
  private oldMapSlot: u32 = wire.NONE;
  readonly unpins: Setting[] = [];
  /** 0 without. */
  pin: usize = 0;
  /** Whether the link is updated at once. */
  updates: bool = false;

  constructor(readonly name: BlobRange) {}

  /** The steps that get what is replaced. */
  get(plan: Plan): void {
    const replaced = this.replaced;
    if (replaced === null) return;
    replaced.get(plan, this.name);
    plan.capabilities |= (<u64>1) << CAP_SYS_ADMIN;
    if (this.oldMapId == 0) return;
    const step = plan.add(bpf.BPF_MAP_GET_FD_BY_ID, wire.PHASE_LOAD, this.name);
    this.oldMapSlot = plan.newSlot();
    step.slot = this.oldMapSlot;
    step.set('map_id', this.oldMapId);
  }

  /** What is replaced goes, its pins first: they come back after it, if it has to come back. */
  detach(plan: Plan, zeroKey: BlobRange): void {
    const replaced = this.replaced;
    if (replaced === null || this.updates) return;
    if (replaced.pin != 0) replaced.unpin(plan, this.name, replaced.pin);
    for (let i = 0; i < this.unpins.length; i++) {
      replaced.unpin(plan, this.name, this.unpins[i].value);
    }
    replaced.detach(plan, this.name, zeroKey);
    const end = replaced.isLink
      ? 'it is put back if the new one cannot be attached'
      : 'without a link, it cannot be put back if the new one cannot be attached';
    plan.warn(`nothing is in force while the old one is detached and the new one attached; ${end}`);
  }

  /** Of a map with a link whose value is ready. `map`: its slot. */
  attach(plan: Plan, map: u32): void {
    if (this.updates) {
      const step = plan.add(bpf.BPF_LINK_UPDATE, wire.PHASE_ATTACH, this.name);
      step.setSlot('link_fd', this.replaced!.slot);
      step.setSlot('new_map_fd', map);
      if (this.oldMapSlot == wire.NONE) return;
      step.set('flags', BPF_F_REPLACE);
      step.setSlot('old_map_fd', this.oldMapSlot);
      return;
    }
    const step = plan.add(bpf.BPF_LINK_CREATE, wire.PHASE_ATTACH, this.name);
    step.slot = plan.newSlot();
    step.setSlot('map_fd', map);
    step.set('attach_type', bpf.BPF_STRUCT_OPS);
    this.keep(plan, step.slot);
  }

  /** Pins a link, or a map without one: also where what it replaced was pinned. */
  keep(plan: Plan, slot: u32): void {
    const replaced = this.replaced;
    if (replaced !== null && replaced.pin != 0 && this.pin == 0) this.pin = replaced.pin;
    if (this.pin != 0) addPin(plan, this.name, this.pin, slot);
  }
}

/**
 * The entrances of all struct_ops variables, by map of the object; of a variable that is not created it is not used. What
 * is replaced is known first, then how: that decides whether it can be pinned.
 */
export function planEntrances(
  object: BpfObject,
  names: StaticArray<BlobRange>,
  options: Options,
  target: Target,
  faults: Faults,
): Entrance[] {
  const entrances: Entrance[] = [];
  for (let i = 0; i < object.maps.length; i++) entrances.push(new Entrance(names[i]));
  const reader = new EntranceReader(object.maps, entrances, target, faults);
  for (let i = 0; i < options.replace.length && reader.goesOn; i++) {
    reader.replace(options.replace[i]);
  }
  for (let i = 0; i < options.replaceMap.length && reader.goesOn; i++) {
    reader.replaceMap(options.replaceMap[i]);
  }
  for (let i = 0; i < options.unpin.length && reader.goesOn; i++) reader.unpin(options.unpin[i]);
  for (let i = 0; i < options.swap.length && reader.goesOn; i++) reader.swap(options.swap[i]);
  for (let i = 0; i < options.pins.length && reader.goesOn; i++) reader.pin(options.pins[i]);
  return entrances;
}

@final
class EntranceReader {
  private readonly search: SettingSearch;

  constructor(
    private readonly maps: ObjectMap[],
    private readonly entrances: Entrance[],
    private readonly target: Target,
    private readonly faults: Faults,
  ) {
    this.search = new SettingSearch(faults);
  }

  get goesOn(): bool {
    return !this.faults.full && !this.search.spent;
  }

  replace(setting: Setting): void {
    const map = this.map(setting);
    const replaced = Registration.parse(setting, this.faults);
    if (map === null || replaced === null) return;
    const entrance = this.entrances[map.index];
    entrance.replaced = replaced;
    const variable = map.structOps!;
    entrance.updates = this.canUpdate(variable, replaced);
  }

  replaceMap(setting: Setting): void {
    const map = this.map(setting);
    const number = parseInteger(setting.value);
    if (number === null || number.value == 0 || number.value > u32.MAX_VALUE) {
      refuseValue(this.faults, setting, 'the id of a map');
    } else if (map !== null && this.replaces(map, setting)) {
      this.entrances[map.index].oldMapId = <u32>number.value;
    }
  }

  unpin(setting: Setting): void {
    const map = this.map(setting);
    if (checkPath(setting, this.faults) && map !== null && this.replaces(map, setting)) {
      this.entrances[map.index].unpins.push(setting);
    }
  }

  pin(setting: Setting): void {
    const map = this.map(setting);
    if (!checkPath(setting, this.faults) || map === null) return;
    const entrance = this.entrances[map.index];
    entrance.pin = setting.value;
    if (entrance.updates) {
      refuseValue(this.faults, setting, 'nothing: a link that is updated keeps its pins');
    }
  }

  /** `update` or `detach`, instead of what is best for the kind. */
  swap(setting: Setting): void {
    const map = this.map(setting);
    if (map === null) return;
    const entrance = this.entrances[map.index];
    const isUpdate = nameIs(setting.value, 'update');
    const replaced = entrance.replaced;
    if (!isUpdate && !nameIs(setting.value, 'detach')) {
      refuseValue(this.faults, setting, 'update or detach');
    } else if (isUpdate && (replaced === null || !this.canUpdate(map.structOps!, replaced))) {
      refuseValue(this.faults, setting, 'detach: this kernel does not update such a registration');
    } else {
      entrance.updates = isUpdate;
    }
  }

  /** Whether the variable replaces something; else the setting means nothing, and is a fault. */
  private replaces(map: ObjectMap, setting: Setting): bool {
    if (this.entrances[map.index].replaced !== null) return true;
    refuseValue(this.faults, setting, `nothing without replace.${map.text}, which says what goes`);
    return false;
  }

  private canUpdate(variable: StructOpsVariable, replaced: Registration): bool {
    return variable.link && replaced.isLink && this.target.updates(variable.kernTypeName);
  }

  /** The map of the variable that the setting names; null and a fault. */
  private map(setting: Setting): ObjectMap | null {
    this.search.begin(setting.name);
    for (let i = 0; i < this.maps.length && this.search.goesOn(); i++) {
      const map = this.maps[i];
      if (map.structOps !== null && map.create && namesEqual(map.name, setting.name)) return map;
    }
    if (this.search.spent) return null;
    refuseName(this.faults, setting, 'is no struct_ops variable of the object that is created');
    return null;
  }
}
