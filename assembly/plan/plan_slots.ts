import {nameLength} from '../bytes/c_string';
import {Target} from '../kernel/target';
import {BpfObject} from '../object/bpf_object';
import {Plan, PlanModule} from './plan';
import {BlobRange} from './plan_step';
import {NONE} from './plan_wire';

/** Which slot each thing of the object gets, and the names that its steps carry. */
@final
export class PlanSlots {
  readonly btf: u32;
  /** By map of the object; NONE for one that is not created. */
  readonly maps: StaticArray<u32>;
  readonly mapNames: StaticArray<BlobRange>;
  /** What each map of maps holds, by map. */
  readonly innerMaps: StaticArray<u32>;
  /** By program of the object; NONE for one that is not loaded. */
  readonly programs: StaticArray<u32>;
  /** By module number; 0 is vmlinux, which needs none. */
  private readonly modules: StaticArray<u32>;

  constructor(
    private readonly plan: Plan,
    object: BpfObject,
    private readonly target: Target,
  ) {
    this.btf = plan.newSlot();
    this.maps = new StaticArray<u32>(object.maps.length);
    this.mapNames = new StaticArray<BlobRange>(object.maps.length);
    this.innerMaps = new StaticArray<u32>(object.maps.length);
    this.programs = new StaticArray<u32>(object.programs.length);
    this.modules = new StaticArray<u32>(target.count);
    for (let i = 0; i < object.maps.length; i++) {
      const map = object.maps[i];
      this.maps[i] = map.create ? plan.newSlot() : NONE;
      this.innerMaps[i] = map.create && map.inner !== null ? plan.newSlot() : NONE;
      this.mapNames[i] = plan.shared.name(map.name);
    }
    for (let i = 0; i < object.programs.length; i++) {
      this.programs[i] = object.programs[i].loaded ? plan.newSlot() : NONE;
    }
    for (let i: u32 = 1; i < target.count; i++) {
      this.modules[i] = target.btf(i).used ? this.addModule(i) : NONE;
    }
  }

  /** The slot of a module's BTF fd. */
  module(number: u32): u32 {
    const slot = this.modules[number];
    assert(slot != NONE, 'a module that the plan does not name');
    return slot;
  }

  private addModule(number: u32): u32 {
    const kern = this.target.btf(number);
    const slot = this.plan.newSlot();
    const name = this.plan.shared.add(kern.moduleName, nameLength(kern.moduleName));
    this.plan.modules.push(new PlanModule(name, kern.input.size, kern.input.xxh64, slot));
    return slot;
  }
}
