import {kindOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import * as btf from '../uapi/btf';
import {Feature, Target} from './target';

const QUESTION_MARK: u8 = 0x3f;
const UNDERSCORE: u8 = 0x5f;

/**
 * Rewrites what the target kernel does not take in the object's BTF (`bpf_object__sanitize_btf` of libbpf). Of its rules one
 * can apply to kernels that have their BTF in sysfs and struct_ops maps: before 6.9 section names begin with no `?`.
 */
export function adaptBtf(local: LocalBtf, target: Target): void {
  if (target.has(Feature.QuestionMarkSections)) return;
  for (let id: u32 = 1; id < local.btf.endId; id++) {
    const record = local.btf.record(id);
    if (kindOf(record) != btf.BTF_KIND_DATASEC) continue;
    const name = local.btf.nameOf(record);
    if (load<u8>(name) == QUESTION_MARK) store<u8>(name, UNDERSCORE);
  }
}
