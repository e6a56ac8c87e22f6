import {resolveSize} from '../btf/btf_algebra';
import {memberAt, memberType} from '../btf/btf_record';
import {copyName, indexInName, namesEqual, nameText} from '../bytes/c_string';
import {Faults} from '../fault/faults';
import {BpfObject} from '../object/bpf_object';
import {MapOrigin} from '../object/object_map';
import {Setting} from '../options';
import {memberNamed} from '../struct_ops/struct_ops_variable';
import {refuseName} from './setting_faults';

const DOT: u8 = 0x2e;

/** Which member of kern_vdata the executor fills with the kernel's count of hotplug events: `VARIABLE.member`, 8 bytes. */
export function placeHotplugCounter(object: BpfObject, setting: Setting, faults: Faults): void {
  const dot = indexInName(setting.value, DOT);
  const variableName = copyName(setting.value, max(dot, 0));
  for (let i = 0; i < object.maps.length; i++) {
    const map = object.maps[i];
    if (map.origin != MapOrigin.StructOps || !namesEqual(map.name, variableName)) continue;
    const variable = map.structOps!;
    const type = object.btf.btf.record(variable.typeId);
    const index = dot < 0 ? -1 : memberNamed(object.btf.btf, type, setting.value + dot + 1);
    if (index < 0 || resolveSize(object.btf.btf, memberType(memberAt(type, index))) != 8) break;
    // A kernel without the member has nothing to compare the count with.
    variable.hotplugOffset = variable.kernOffsets[index];
    return;
  }
  refuseName(faults, setting, 'names no member of 8 bytes of a struct_ops variable').differs(
    'VARIABLE.member',
    nameText(setting.value),
  );
}
