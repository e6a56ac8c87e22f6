import {namesEqual} from '../bytes/c_string';
import {digestOf, SHA256_SIZE} from '../bytes/lent_sha256';
import {Faults} from '../fault/faults';
import {Feature, Target} from '../kernel/target';
import {BpfObject} from '../object/bpf_object';
import {ExternKind} from '../object/extern';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {Options} from '../options';
import {refuseValue} from '../settings/setting_faults';
import * as bpf from '../uapi/bpf';
import {BPF_PROG_ASSOC_STRUCT_OPS} from '../uapi/bpf_attr';
import {neededCapabilities} from './needed_capabilities';
import {Plan} from './plan';
import {MapSteps} from './plan_maps';
import {ProgramSteps} from './plan_programs';
import {PlanSlots} from './plan_slots';
import {BlobRange} from './plan_step';
import {planEntrances} from './plan_swap';
import * as wire from './plan_wire';

/**
 * The steps in libbpf's order of load and attach: the object's BTF, its maps, its programs, then the value and the link of
 * each struct_ops variable. Program fds reach a value only after their loads. `name` is the object's file name.
 */
export function buildPlan(
  object: BpfObject,
  name: usize,
  options: Options,
  target: Target,
  faults: Faults,
): Plan {
  const plan = new Plan();
  identify(plan, object, name, target);
  const slots = new PlanSlots(plan, object, target);
  const entrances = planEntrances(object, slots.mapNames, options, target, faults);
  for (let i = 0; i < entrances.length; i++) entrances[i].get(plan);
  const programs = new ProgramSteps(plan, slots, object, options.kernelVersion, faults);
  programs.linkAll();
  if (!target.has(Feature.ContextTag)) programs.fixContexts(target, faults);
  loadBtf(plan, slots, object);
  const maps = new MapSteps(plan, slots, object);
  maps.createAll();
  programs.loadAll();
  maps.fillProgramArrays();
  associate(plan, slots, object, options, target, faults);
  maps.attachAll(entrances);
  noteMissingExterns(plan, object);
  for (let i = 0; i < options.all.length && !plan.full; i++) plan.setting(options.all[i].text);
  return plan;
}

function identify(plan: Plan, object: BpfObject, name: usize, target: Target): void {
  plan.objectName = plan.shared.name(name);
  plan.objectSize = object.elf.size;
  plan.objectSha256 = heap.alloc(SHA256_SIZE);
  digestOf(object.elf.file, object.elf.size, plan.objectSha256);
  plan.btfSize = target.vmlinux.input.size;
  plan.btfXxh64 = target.vmlinux.input.xxh64;
  plan.capabilities = neededCapabilities(object, target);
}

function loadBtf(plan: Plan, slots: PlanSlots, object: BpfObject): void {
  const step = plan.add(bpf.BPF_BTF_LOAD, wire.PHASE_LOAD, plan.objectName);
  step.slot = slots.btf;
  step.setAddress('btf', new BlobRange(object.btf.raw, object.btf.rawSize, false));
  step.set('btf_size', object.btf.rawSize);
}

function noteMissingExterns(plan: Plan, object: BpfObject): void {
  for (let i = 0; i < object.externs.length && !plan.full; i++) {
    const extern = object.externs[i];
    if (extern.assumed) {
      plan.warn(`${extern.text} is 0: the kernel's configuration was not given`);
    }
    if (extern.resolved || !extern.inBtf) continue;
    const what = extern.kind == ExternKind.Function ? 'kfunc' : 'kernel variable';
    plan.loss(
      `this kernel has no ${what} ${extern.text} of that type, which is weak in the object`,
    );
  }
}

/** Lets programs of other types act for a struct_ops variable, on kernels that know of it (`bpf_program__assoc_struct_ops`). */
function associate(
  plan: Plan,
  slots: PlanSlots,
  object: BpfObject,
  options: Options,
  target: Target,
  faults: Faults,
): void {
  const setting = options.associate;
  if (setting === null) return;
  let map = 0;
  while (map < object.maps.length && !isVariable(object.maps[map], setting.value)) map++;
  if (map == object.maps.length) {
    refuseValue(faults, setting, 'a struct_ops variable that is created');
    return;
  }
  if (!target.has(Feature.ProgramAssociation)) {
    plan.loss('this kernel does not associate programs with a struct_ops variable: Linux 7.0 does');
    return;
  }
  for (let i = 0; i < object.programs.length && !plan.full; i++) {
    const program = object.programs[i];
    if (!program.loaded || program.type == bpf.BPF_PROG_TYPE_STRUCT_OPS) continue;
    const name = plan.shared.name(program.name);
    const step = plan.add(BPF_PROG_ASSOC_STRUCT_OPS, wire.PHASE_LOAD, name);
    step.setSlot('map_fd', slots.maps[map]);
    step.setSlot('prog_fd', slots.programs[i]);
    step.flags = wire.FLAG_MAY_FAIL;
  }
}

function isVariable(map: ObjectMap, name: usize): bool {
  return map.origin == MapOrigin.StructOps && map.create && namesEqual(map.name, name);
}
