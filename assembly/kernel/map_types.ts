import {enumeratorAt, enumeratorValue, vlenOf} from '../btf/btf_record';
import {nameFrom} from '../bytes/c_string';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {ObjectMap} from '../object/object_map';
import * as btf from '../uapi/btf';
import {mapTypeSince} from './since';
import {Target} from './target';
import {WantedNames} from './wanted_names';

const NAME = 'bpf_map_type';

/** The kernel's `enum bpf_map_type` tells which maps it can make: libbpf learns it from EINVAL. */
export function wantMapTypes(wanted: WantedNames): u32 {
  return wanted.add(nameFrom(NAME), NAME.length, 1 << btf.BTF_KIND_ENUM, false);
}

/** `wantedNumber` is what `wantMapTypes` gave. A kernel without the enum is asked nothing. */
export function refuseMapTypes(
  maps: ObjectMap[],
  target: Target,
  wantedNumber: u32,
  faults: Faults,
): void {
  const kern = target.vmlinux;
  const id = kern.id(wantedNumber);
  if (id == 0) return;
  const record = kern.btf.record(id);
  for (let i = 0; i < maps.length; i++) {
    const map = maps[i];
    if (!map.create || hasValue(record, map.type)) continue;
    faults
      .add(
        FaultCode.KERN_NO_MAP_TYPE,
        `this kernel has no maps of type ${map.type}, which map ${map.text} is of`,
      )
      .in(Input.Kernel)
      .ofSection(map.section.text)
      .ofSymbol(map.text)
      .needs(`maps of type ${map.type}`, mapTypeSince(map.type));
  }
}

function hasValue(record: usize, value: u32): bool {
  for (let i: u32 = 0; i < vlenOf(record); i++) {
    if (enumeratorValue(record, enumeratorAt(record, i)) == <u64>value) return true;
  }
  return false;
}
