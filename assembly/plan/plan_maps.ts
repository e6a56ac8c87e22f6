import {heapKeepRoom} from '../bytes/heap';
import {isZero} from '../bytes/zeros';
import {BpfObject} from '../object/bpf_object';
import {ObjectMap} from '../object/object_map';
import {VALUE_PREFIX} from '../struct_ops/kernel_kinds';
import {StructOpsVariable} from '../struct_ops/struct_ops_variable';
import * as bpf from '../uapi/bpf';
import {STRUCTOPS_ARENA_MAP, STRUCTOPS_PINNED_MAP} from '../uapi/bpf_attr';
import {Plan} from './plan';
import {PlanSlots} from './plan_slots';
import {BlobRange, PlanNote, PlanStep} from './plan_step';
import {Entrance} from './plan_swap';
import * as wire from './plan_wire';
import {pathRange, zeroKeyOf} from './registration';

/** The steps that make maps and give them their values. */
@final
export class MapSteps {
  /** Of every map with one value. */
  private readonly zeroKey: BlobRange;

  constructor(
    private readonly plan: Plan,
    private readonly slots: PlanSlots,
    private readonly object: BpfObject,
  ) {
    this.zeroKey = zeroKeyOf(plan);
  }

  /** `bpf_object__create_maps` of libbpf. */
  createAll(): void {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length && !this.plan.full; i++) {
      const map = maps[i];
      if (!map.create) continue;
      this.create(map);
      if (map.holdsData) this.fill(i);
      if (map.type == bpf.BPF_MAP_TYPE_ARENA) this.mapArena(map);
      if (map.holdsMaps && this.holdsEarlierOnly(map)) this.fillSlots(map);
    }
    // Differs from libbpf: a map that is held by one before it can only be put there once it exists.
    for (let i = 0; i < maps.length; i++) {
      const map = maps[i];
      if (map.create && map.holdsMaps && !this.holdsEarlierOnly(map)) this.fillSlots(map);
    }
  }

  /** Programs can only be put into maps once they are loaded (`bpf_object_init_prog_arrays` of libbpf). */
  fillProgramArrays(): void {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].create && !maps[i].holdsMaps) this.fillSlots(maps[i]);
    }
  }

  /** `bpf_object__create_map` of libbpf: what a map of maps holds is told by a map of that kind. */
  private create(map: ObjectMap): void {
    const index = map.index;
    const inner = map.inner;
    if (inner !== null) {
      const step = this.createStep(inner, this.plan.shared.name(inner.name));
      step.slot = this.slots.innerMaps[index];
    }
    const step = this.createStep(map, this.slots.mapNames[index]);
    step.slot = this.slots.maps[index];
    if (inner !== null) step.setSlot('inner_map_fd', this.slots.innerMaps[index]);
    const variable = map.structOps;
    if (variable === null) return;
    step.set('value_size', variable.kernVtypeSize);
    step.set('btf_vmlinux_value_type_id', variable.kernVtypeId);
    if (variable.module == 0) return;
    step.set('map_flags', map.flags | bpf.BPF_F_VTYPE_BTF_OBJ_FD);
    step.setSlot('value_type_btf_obj_fd', this.slots.module(variable.module));
  }

  private createStep(map: ObjectMap, name: BlobRange): PlanStep {
    const cmd = map.pinned ? STRUCTOPS_PINNED_MAP : bpf.BPF_MAP_CREATE;
    const step = this.plan.add(cmd, wire.PHASE_LOAD, name);
    if (map.pinned) step.setAddress('pathname', pathRange(this.plan, map.name));
    step.set('map_type', map.type);
    step.set('key_size', map.keySize);
    step.set('value_size', map.valueSize);
    if (map.type == bpf.BPF_MAP_TYPE_PERF_EVENT_ARRAY && map.maxEntries == 0) {
      step.setValue('max_entries', wire.VALUE_POSSIBLE_CPUS);
    } else {
      step.set('max_entries', map.maxEntries);
    }
    step.set('map_flags', map.flags);
    step.set('numa_node', map.numaNode);
    step.setName('map_name', map.kernelName);
    step.set('map_extra', map.mapExtra);
    if (map.numaNode != 0 && (map.flags & bpf.BPF_F_NUMA_NODE) != 0) {
      const what = `map ${map.text} is to be on NUMA node ${map.numaNode}`;
      this.plan.warn(`${what}: a machine that has no such node refuses it`, this.plan.lastStep);
    }
    if (map.takesBtf) {
      step.setSlot('btf_fd', this.slots.btf);
      step.set('btf_key_type_id', map.btfKeyTypeId);
      step.set('btf_value_type_id', map.btfValueTypeId);
    }
    return step;
  }

  /** Programs can only be loaded once user space has mapped the arena. */
  private mapArena(map: ObjectMap): void {
    const name = this.slots.mapNames[map.index];
    const step = this.plan.add(STRUCTOPS_ARENA_MAP, wire.PHASE_LOAD, name);
    step.setSlot('map_fd', this.slots.maps[map.index]);
    if (map.arenaDataSize == 0 || isZero(map.data, map.arenaDataSize)) return;
    step.set('offset', map.arenaDataOffset);
    step.setAddress('data', new BlobRange(map.data, map.arenaDataSize, false));
    step.set('data_size', map.arenaDataSize);
  }

  /** Or itself, which is there by then. */
  private holdsEarlierOnly(map: ObjectMap): bool {
    for (let i = 0; i < map.slots.length; i++) {
      if (map.slots[i].map!.index > map.index) return false;
    }
    return true;
  }

  private fillSlots(map: ObjectMap): void {
    let left = '';
    let leftCount = 0;
    for (let i = 0; i < map.slots.length && !this.plan.full; i++) {
      const slot = map.slots[i];
      const program = slot.program;
      const fd =
        program === null ? this.slots.maps[slot.map!.index] : this.slots.programs[program.index];
      // Differs from libbpf, which asks for the fd of a program that is not loaded, so that the load ends with EBADF:
      // its place stays empty, a tail call to it goes on behind the call, and the plan says so.
      if (fd == wire.NONE) {
        if (leftCount++ == 0) left = `${slot.index}: program ${program!.text} is not loaded`;
        continue;
      }
      const key = heap.alloc(4);
      store<u32>(key, slot.index);
      const value = heap.alloc(4);
      store<u32>(value, 0);
      const range = new BlobRange(value, 4, false);
      const step = this.update(map.index, wire.PHASE_LOAD, this.plan.shared.add(key, 4), range);
      step.setSlotIn(range, 0, 4, fd);
    }
    if (leftCount == 0) return;
    const others = leftCount > 1 ? `, and so do ${leftCount - 1} more` : '';
    this.plan.warn(`${map.text} stays empty at ${left}${others}`);
  }

  /**
   * The first value of a map of global variables. Differs from libbpf: a value of zeros is not written, since a new map
   * has it already.
   */
  private fill(index: u32): void {
    const map = this.object.maps[index];
    if (map.data != 0 && !isZero(map.data, map.valueSize)) {
      this.update(
        index,
        wire.PHASE_LOAD,
        this.zeroKey,
        new BlobRange(map.data, map.valueSize, false),
      );
    }
    if ((map.flags & bpf.BPF_F_RDONLY_PROG) == 0) return;
    const freeze = this.plan.add(bpf.BPF_MAP_FREEZE, wire.PHASE_LOAD, this.slots.mapNames[index]);
    freeze.setSlot('map_fd', this.slots.maps[index]);
  }

  private update(index: u32, phase: u32, key: BlobRange, value: BlobRange): PlanStep {
    const step = this.plan.add(bpf.BPF_MAP_UPDATE_ELEM, phase, this.slots.mapNames[index]);
    step.setSlot('map_fd', this.slots.maps[index]);
    step.setAddress('key', key);
    step.setAddress('value', value);
    return step;
  }

  /**
   * Registers every struct_ops variable (`bpf_map__attach_struct_ops` of libbpf): the update does it for a map without a
   * link, else it makes the value ready and the link registers it.
   */
  attachAll(entrances: Entrance[]): void {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      const variable = maps[i].structOps;
      if (variable === null || !maps[i].create) continue;
      const entrance = entrances[i];
      const slot = this.slots.maps[i];
      // The value of a map with a link is only made ready: what can fail does before the old one goes.
      if (variable.link) {
        this.setValue(i, maps[i], variable);
        entrance.detach(this.plan, this.zeroKey);
        entrance.attach(this.plan, slot);
      } else {
        entrance.detach(this.plan, this.zeroKey);
        this.setValue(i, maps[i], variable);
        entrance.keep(this.plan, slot);
      }
    }
  }

  private setValue(index: u32, map: ObjectMap, variable: StructOpsVariable): void {
    const value = new BlobRange(variable.kernVdata, variable.kernVtypeSize, false);
    const step = this.update(index, wire.PHASE_ATTACH, this.zeroKey, value);
    for (let i = 0; i < variable.slots.length; i++) {
      const slot = variable.slots[i];
      step.setSlotIn(value, slot.offset, 8, this.slots.programs[slot.program.index]);
    }
    const counter = variable.hotplugOffset;
    if (counter >= 0) {
      store<u64>(variable.kernVdata + counter, 0);
      step.setValueIn(value, counter, 8, wire.VALUE_HOTPLUG_SEQ, 0);
    }
    this.describe(map, variable, value, this.plan.lastStep);
  }

  private describe(map: ObjectMap, variable: StructOpsVariable, value: BlobRange, step: u32): void {
    const plan = this.plan;
    const type = plan.shared.text(VALUE_PREFIX + variable.structText);
    plan.notes.push(new PlanNote(wire.NOTE_VALUE_TYPE, step, type));
    for (let i = 0; i < variable.members.length && !plan.full; i++) {
      heapKeepRoom();
      const member = variable.members[i];
      const name = plan.shared.name(member.name);
      plan.notes.push(
        new PlanNote(wire.NOTE_MEMBER, step, name, value, member.offset, member.size, member.kind),
      );
    }
    for (let i = 0; i < variable.skipped.length && !plan.full; i++) {
      plan.loss(
        `${map.text}: this kernel's ${variable.structText} has no member ${variable.skipped[i]} in the object`,
        step,
      );
    }
    if (variable.link) return;
    plan.warn(
      `${map.text} is registered without a link: a killed executor leaves it registered (.struct_ops.link does not)`,
      step,
    );
  }
}
