import {ByteWriter} from '../bytes/byte_writer';
import {JsonWriter} from '../json/json_writer';
import {Fault, Input, NO_OFFSET} from './fault';
import {faultEntry} from './fault_table';
import {Faults} from './faults';

/** Writes `structops.faults/1`, see docs/embedding.md. */
export function writeFaults(faults: Faults, out: ByteWriter): void {
  const json = new JsonWriter(out);
  json.beginObject();
  json.key('schema');
  json.text('structops.faults/1');
  json.key('faults');
  json.beginArray();
  for (let i = 0; i < faults.count; i++) writeFault(faults.list[i], json);
  json.endArray();
  json.endObject();
  json.endLine();
}

function writeFault(fault: Fault, json: JsonWriter): void {
  const entry = faultEntry(fault.code);
  assert(entry !== null, 'a fault code without an entry in fault_table.ts');
  json.beginObject();
  json.key('code');
  json.text(entry!.name);
  json.key('number');
  json.number(fault.code);
  json.key('message');
  json.text(fault.message);
  json.key('hint');
  json.text(fault.hint.length != 0 ? fault.hint : entry!.hint);
  json.key('where');
  json.beginObject();
  writeIfAny('input', inputName(fault.input), json);
  if (fault.offset != NO_OFFSET) {
    json.key('offset');
    json.number(fault.offset);
  }
  writeIfAny('section', fault.section, json);
  writeIfAny('symbol', fault.symbol, json);
  writeIfAny('struct', fault.struct, json);
  writeIfAny('member', fault.member, json);
  json.endObject();
  writeIfAny('wanted', fault.wanted, json);
  writeIfAny('found', fault.found, json);
  writeIfAny('feature', fault.feature, json);
  writeIfAny('since', fault.since, json);
  writeIfAny('did_you_mean', fault.near, json);
  json.endObject();
}

function writeIfAny(key: string, text: string, json: JsonWriter): void {
  if (text.length == 0) return;
  json.key(key);
  json.text(text);
}

function inputName(input: Input): string {
  switch (input) {
    case Input.Object:
      return 'object';
    case Input.Kernel:
      return 'kernel';
    case Input.Module:
      return 'module';
    case Input.Plan:
      return 'plan';
    case Input.Options:
      return 'options';
    default:
      return '';
  }
}
