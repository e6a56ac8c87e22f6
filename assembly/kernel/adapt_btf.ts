import {kindOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {Faults} from '../fault/faults';
import * as btf from '../uapi/btf';
import {Feature, Target} from './target';

const QUESTION_MARK: u8 = 0x3f;
const UNDERSCORE: u8 = 0x5f;

/**
 * What the target kernel takes of the object's BTF (`bpf_object__sanitize_btf` of libbpf). Of its rules two can apply to
 * kernels that have struct_ops and their BTF in sysfs: before 6.9 section names begin with no `?`, and before 7.1 there is
 * no layout.
 */
export function adaptBtf(object: LocalBtf, target: Target, faults: Faults): LocalBtf {
  const local = target.has(Feature.BtfLayout) ? object : object.withoutLayout(faults);
  if (target.has(Feature.QuestionMarkSections)) return local;
  for (let id: u32 = 1; id < local.btf.endId; id++) {
    const record = local.btf.record(id);
    if (kindOf(record) != btf.BTF_KIND_DATASEC) continue;
    const name = local.btf.nameOf(record);
    if (load<u8>(name) == QUESTION_MARK) store<u8>(name, UNDERSCORE);
  }
  return local;
}
