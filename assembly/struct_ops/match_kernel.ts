import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Feature, featureSince, featureText, Target} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {FRAME_SIZE_MAX, NOTES_MAX} from '../limits';
import {BpfObject} from '../object/bpf_object';
import {MapOrigin, ObjectMap} from '../object/object_map';
import {findKernTypes, WantedKind, wantKind} from './kern_types';
import {KernVdataBuilder} from './kern_vdata';

/** Matches the object's struct_ops variables with the kernel's kinds (`bpf_object__init_kern_struct_ops_maps` of libbpf). */
@final
export class StructOpsMatcher {
  /** The variables that the plan creates, and what each one asks for. */
  private readonly maps: ObjectMap[] = [];
  private readonly kinds: WantedKind[] = [];

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
    let noteCount: u64 = 0;
    for (let i = 0; i < this.maps.length && !this.faults.full; i++) {
      const map = this.maps[i];
      if (!findKernTypes(map, this.kinds[i], target, this.faults)) continue;
      valueBytes += map.structOps!.kernVtypeSize;
      if (valueBytes > FRAME_SIZE_MAX) {
        this.faults
          .add(FaultCode.OBJ_TOO_LARGE, 'the values of the struct_ops variables fit into no plan')
          .ofSymbol(map.text)
          .differs(`at most ${FRAME_SIZE_MAX} bytes`, `${valueBytes} bytes and more`);
        return;
      }
      if (map.structOps!.link && !target.has(Feature.StructOpsLink)) this.refuseLink(map);
      new KernVdataBuilder(map, this.object.btf, target, nullUnknown, this.faults).build();
      noteCount += map.structOps!.noteCount;
      if (noteCount > NOTES_MAX) {
        this.faults
          .add(
            FaultCode.OBJ_TOO_LARGE,
            'the struct_ops variables have more members than a plan can tell of',
          )
          .ofSymbol(map.text)
          .differs(`at most ${NOTES_MAX} members`, `${noteCount} members and more`);
        return;
      }
    }
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
