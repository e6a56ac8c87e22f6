import {ByteWriter} from './bytes/byte_writer';
import {heapReserve} from './bytes/heap';
import {CoreRelocations} from './core_relo/core_relocations';
import {FaultCode} from './fault/fault_code';
import {Faults} from './fault/faults';
import {Inputs} from './inputs';
import {adaptBtf} from './kernel/adapt_btf';
import {AttachTargets} from './kernel/attach_targets';
import {KconfigValues} from './kernel/kconfig_values';
import {KernelEnums} from './kernel/kernel_enums';
import {Machine} from './kernel/machine';
import {readTarget} from './kernel/read_target';
import {ExternResolver} from './kernel/resolve_externs';
import {Feature, Target, wantFeatures} from './kernel/target';
import {WantedNames} from './kernel/wanted_names';
import {WANTED_NAMES_MAX} from './limits';
import {placeArenaDataLast, refuseSmallArena} from './object/arena_data';
import {BpfObject, openObject} from './object/bpf_object';
import {findExceptionCallbacks} from './object/exception_callbacks';
import {Options} from './options';
import {buildPlan} from './plan/plan_build';
import {encodePlan} from './plan/plan_encode';
import {SettingsWriter} from './settings/apply_settings';
import {setEnumConstants} from './settings/enum_constants';
import {placeHotplugCounter} from './settings/hotplug_counter';
import {adjustAutoload, refuseUnusable} from './struct_ops/attach_target';
import {StructOpsMatcher} from './struct_ops/match_kernel';

/** What opening an object takes at least: of its bytes so many times as much, and the tables. To grow once is quicker. */
const OPEN_RATIO: usize = 2;
const OPEN_TABLES: usize = 64 << 10;
const OPEN_MAX: usize = 4 << 20;

/** Object and kernel BTF in, plan out (docs/plan-format.md), or false and at least one fault. */
export function makePlan(inputs: Inputs, out: ByteWriter, faults: Faults): bool {
  const maker = new PlanMaker(inputs, faults);
  if (!maker.open()) return false;
  const target = readTarget(inputs, maker.wanted, maker.markers, faults);
  return target !== null && maker.finish(target, out);
}

/**
 * First the object alone, then all names that it asks for, then the kernel's BTF in one walk, then what the answers change in
 * the object, then the steps.
 */
@final
export class PlanMaker {
  readonly wanted: WantedNames;
  readonly markers: StaticArray<u32>;
  private readonly machine: Machine;
  private readonly enums: KernelEnums;
  private readonly options: Options;
  private object: BpfObject | null = null;
  private matcher: StructOpsMatcher | null = null;
  private externs: ExternResolver | null = null;
  private targets: AttachTargets | null = null;
  private relocations: CoreRelocations | null = null;

  constructor(
    private readonly inputs: Inputs,
    private readonly faults: Faults,
  ) {
    const wanted = new WantedNames();
    this.wanted = wanted;
    this.options = Options.parse(inputs.options, faults);
    this.markers = wantFeatures(wanted);
    this.machine = new Machine(wanted);
    this.enums = new KernelEnums(wanted, faults);
  }

  /** Reads the object, and collects the names that it asks for. */
  open(): bool {
    const faults = this.faults;
    const wanted = this.wanted;
    const file = this.inputs.object!;
    heapReserve(min<usize>(<usize>file.size * OPEN_RATIO + OPEN_TABLES, OPEN_MAX));
    const object = openObject(file.at, file.size, this.inputs.objectName, faults);
    if (object === null) return false;
    new SettingsWriter(object, faults).apply(this.options);
    refuseSmallArena(object.maps, faults);
    refuseSize(object, faults);
    if (faults.any) return false;
    const matcher = new StructOpsMatcher(object, faults);
    matcher.want(wanted);
    const externs = new ExternResolver(object.externs, faults);
    externs.want(wanted);
    const targets = new AttachTargets(object.programs, faults);
    targets.want(wanted);
    const relocations = new CoreRelocations(object, faults);
    relocations.want(wanted);
    if (wanted.crowded) {
      faults.add(
        FaultCode.OBJ_TOO_LARGE,
        'the names that the object asks the kernel for collide so often that they were made to',
      );
      return false;
    }
    this.object = object;
    this.matcher = matcher;
    this.externs = externs;
    this.targets = targets;
    this.relocations = relocations;
    return true;
  }

  /** Makes the plan for a kernel in which the names were looked up. */
  finish(target: Target, out: ByteWriter): bool {
    const faults = this.faults;
    const options = this.options;
    const object = this.object!;
    this.answer(object, target);
    if (faults.any || target.vmlinux.btf.misses) return false;

    object.btf = adaptBtf(object.btf, target, faults);
    if (options.enumConstants != 0) setEnumConstants(object, options.enumConstants, target);
    if (target.has(Feature.FullRangeOffset)) placeArenaDataLast(object.maps);
    const plan = buildPlan(object, this.inputs.objectName, options, target, faults);
    const losses = this.relocations!.losses;
    for (let i = 0; i < losses.length; i++) plan.loss(losses[i]);
    const warning = this.machine.warning(target.vmlinux);
    if (warning.length != 0) plan.warn(warning);
    return !faults.any && encodePlan(plan, out, faults);
  }

  /** What the kernel's answers change in the object. */
  private answer(object: BpfObject, target: Target): void {
    const faults = this.faults;
    const options = this.options;
    this.machine.refuseForeign(target.vmlinux, faults);
    this.enums.refuseMaps(object.maps, target);
    this.matcher!.match(target, options.nullUnknownCallbacks);
    this.externs!.resolve(object.btf, target);
    const kconfig = new KconfigValues(object.externs, object.maps, faults);
    kconfig.fill(options, this.inputs.kconfig, target);
    if (!faults.any) {
      adjustAutoload(object.programs, object.maps);
      refuseUnusable(object.programs, faults);
      findExceptionCallbacks(object.btf, object.programs, faults);
      this.targets!.resolve(target);
      this.enums.refusePrograms(object.programs, target);
      this.enums.refuseJumpTables(object.programs, target);
    }
    this.relocations!.apply(target);
    const counter = options.hotplugSeq;
    if (counter !== null) placeHotplugCounter(object, counter, faults);
  }
}

/** CO-RE may ask for as many names again. */
function refuseSize(object: BpfObject, faults: Faults): void {
  const names = object.externs.length + object.programs.length + 2 * object.maps.length;
  if (object.programs.length == 0 && object.maps.length == 0) {
    faults.add(FaultCode.OBJ_NOTHING, 'the object has neither programs nor maps');
  } else if (names > WANTED_NAMES_MAX / 2) {
    faults
      .add(FaultCode.OBJ_TOO_LARGE, 'the object asks the kernel for too many names')
      .differs(`at most ${WANTED_NAMES_MAX / 2}`, `${names}`);
  }
}
