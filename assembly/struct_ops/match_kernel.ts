import {memberAt, memberNameOffset, vlenOf} from '../btf/btf_record';
import {heapTake} from '../bytes/heap';
import {NameIndex} from '../bytes/name_index';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Feature, featureSince, featureText, Target} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {SKIPPED_MAX, VALUES_SIZE_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {findKernTypes, WantedKind, wantKind} from './kern_types';
import {KernVdataBuilder} from './kern_vdata';
import {StructOpsVariable} from './struct_ops_variable';

/** Matches the object's struct_ops variables with the kernel's kinds (`bpf_object__init_kern_struct_ops_maps` of libbpf). */
@final
export class StructOpsMatcher {
  /** The variables that the plan creates, and what each one asks for. */
  private readonly maps: ObjectMap[] = [];
  private readonly kinds: WantedKind[] = [];
  /** By module and type: the members of the kernel's struct. */
  private readonly members: Map<u64, NameIndex> = new Map<u64, NameIndex>();
  /** Of the value that is laid out. */
  private taken: usize = 0;
  private takenSize: u32 = 0;

  constructor(
    private readonly object: BpfObject,
    private readonly faults: Faults,
  ) {}

  want(wanted: WantedNames): void {
    const maps = this.object.maps;
    for (let i = 0; i < maps.length; i++) {
      if (maps[i].origin != MapOrigin.StructOps || !maps[i].create) continue;
      this.maps.push(maps[i]);
      this.kinds.push(wantKind(maps[i].structOps!, wanted));
    }
  }

  match(target: Target, nullUnknown: bool): void {
    let valueBytes: u64 = 0;
    let skippedCount: u32 = 0;
    for (let i = 0; i < this.maps.length && !this.faults.full; i++) {
      const map = this.maps[i];
      if (!findKernTypes(map, this.kinds[i], target, this.faults)) continue;
      valueBytes += map.structOps!.kernVtypeSize;
      if (valueBytes > VALUES_SIZE_MAX) {
        this.faults
          .add(FaultCode.OBJ_TOO_LARGE, 'the values of the struct_ops variables fit into no plan')
          .ofSymbol(map.text)
          .differs(`at most ${VALUES_SIZE_MAX} bytes`, `${valueBytes} bytes and more`);
        return;
      }
      if (map.structOps!.link && !target.has(Feature.StructOpsLink)) this.refuseLink(map);
      this.build(map, target, nullUnknown);
      skippedCount += map.structOps!.skipped.length;
      if (skippedCount > SKIPPED_MAX) {
        this.faults
          .add(
            FaultCode.OBJ_TOO_LARGE,
            'the struct_ops variables have more members that this kernel does not have than a plan can tell of',
          )
          .ofSymbol(map.text)
          .differs(`at most ${SKIPPED_MAX} members`, `${skippedCount} members and more`);
        return;
      }
    }
  }

  private build(map: ObjectMap, target: Target, nullUnknown: bool): void {
    const variable = map.structOps!;
    const members = this.membersOf(variable, target);
    const taken = this.zeros(variable.kernVtypeSize);
    const local = this.object.btf;
    new KernVdataBuilder(map, local, target, members, taken, nullUnknown, this.faults).build();
  }

  /** Made once for a kind. kern_types.ts bounds their number. */
  private membersOf(variable: StructOpsVariable, target: Target): NameIndex {
    const key = ((<u64>variable.module) << 32) | variable.kernTypeId;
    if (this.members.has(key)) return this.members.get(key);
    const kern = target.btf(variable.module).btf;
    const type = kern.record(variable.kernTypeId);
    const count = vlenOf(type);
    const index = new NameIndex(count);
    for (let i = count; i > 0; i--) {
      index.add(i - 1, kern.nameAt(memberNameOffset(memberAt(type, i - 1))));
    }
    this.members.set(key, index);
    return index;
  }

  /** So many, until the next call. */
  private zeros(size: u32): usize {
    if (size > this.takenSize) {
      this.taken = heapTake(size);
      this.takenSize = size;
    }
    memory.fill(this.taken, 0, size);
    return this.taken;
  }

  private refuseLink(map: ObjectMap): void {
    this.faults
      .add(
        FaultCode.KERN_NO_LINKS,
        `variable ${map.text} is in ${map.section.text}, but this kernel has no struct_ops links: Linux 6.4 and newer have them`,
      )
      .in(Input.Kernel)
      .ofSection(map.section.text)
      .ofSymbol(map.text)
      .differs('Linux 6.4 or newer', 'a kernel without struct bpf_struct_ops_link')
      .needs(featureText(Feature.StructOpsLink), featureSince(Feature.StructOpsLink));
  }
}
