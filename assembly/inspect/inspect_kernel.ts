import {ByteWriter} from '../bytes/byte_writer';
import {xxh64Text} from '../bytes/xxh64';
import {Input} from '../fault/fault';
import {Faults} from '../fault/faults';
import {Inputs} from '../inputs';
import {JsonWriter} from '../json/json_writer';
import {Machine} from '../kernel/machine';
import {readTarget} from '../kernel/read_target';
import {Feature, featureSince, featureText, Target, wantFeatures} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {kindsOf} from '../struct_ops/kernel_kinds';
import {OutputLimit} from './output_limit';
import {writeKind} from './write_kind';
import {writeName} from './write_name';

/**
 * Writes what the BTF of a kernel and its modules tells as `structops.kernel/1`, see docs/embedding.md. False when there
 * is a fault; what is in `out` then means nothing.
 */
export function inspectKernel(inputs: Inputs, out: ByteWriter, faults: Faults): bool {
  const wanted = new WantedNames();
  const markers = wantFeatures(wanted);
  const machine = new Machine(wanted);
  const target = readTarget(inputs, wanted, markers, faults);
  if (target === null) return false;
  const vmlinux = target.vmlinux;
  const json = new JsonWriter(out);
  json.beginObject();
  json.key('schema');
  json.text('structops.kernel/1');
  json.key('btf_size');
  json.number(inputs.kernelBtf!.size);
  json.key('btf_xxh64');
  json.text(xxh64Text(inputs.kernelBtf!.xxh64));
  json.key('machine');
  const name = machine.nameOf(vmlinux);
  json.text(name.length == 0 ? 'unknown' : name);
  json.key('pointer_size');
  json.number(machine.wordSize(vmlinux));
  json.key('struct_ops');
  json.beginArray();
  const kinds = kindsOf(target);
  for (let i = 0; i < kinds.length; i++) writeName(json, kinds[i].name);
  json.endArray();
  json.key('features');
  writeFeatures(json, target);
  json.key('kinds');
  json.beginArray();
  const limit = new OutputLimit(out, inputs.kernelBtf!.size, faults, Input.Kernel);
  for (let i = 0; i < kinds.length && !faults.any; i++) writeKind(target, kinds[i], json, limit);
  json.endArray();
  json.endObject();
  json.endLine();
  return !faults.any;
}

function writeFeatures(json: JsonWriter, target: Target): void {
  json.beginArray();
  for (let feature = 0; feature < <i32>Feature.COUNT; feature++) {
    // Those that tell one machine from another have none.
    if (featureText(<Feature>feature).length == 0) continue;
    json.beginObject();
    json.key('name');
    json.text(featureText(<Feature>feature));
    json.key('since');
    json.text(featureSince(<Feature>feature));
    json.key('present');
    json.boolean(target.has(<Feature>feature));
    json.endObject();
  }
  json.endArray();
}
