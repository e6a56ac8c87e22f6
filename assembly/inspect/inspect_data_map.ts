import {Btf} from '../btf/btf';
import {
  kindOf,
  secinfoAt,
  secinfoOffset,
  secinfoSize,
  secinfoType,
  typeOf,
  vlenOf,
} from '../btf/btf_record';
import {TypeText} from '../btf/type_text';
import {JsonWriter} from '../json/json_writer';
import {ObjectMap} from '../object/object_map';
import {BTF_KIND_VAR} from '../uapi/btf';
import {OutputLimit} from './output_limit';
import {writeName} from './write_name';

/** Describes maps of global variables, as the DATASEC lists them: static ones too. */
@final
export class DataMapInspection {
  private readonly text: TypeText;

  constructor(
    private readonly btf: Btf,
    private readonly json: JsonWriter,
    private readonly limit: OutputLimit,
  ) {
    this.text = new TypeText(btf);
  }

  write(map: ObjectMap): void {
    const json = this.json;
    json.beginObject();
    json.key('name');
    writeName(json, map.name);
    json.key('section');
    writeName(json, map.section.name);
    json.key('size');
    json.number(map.valueSize);
    json.key('variables');
    json.beginArray();
    // 0 when the object's BTF does not describe the section. Maps of `.maps` have no variables.
    const datasec = map.holdsData ? this.btf.record(map.btfValueTypeId) : 0;
    const count: u32 = datasec == 0 ? 0 : vlenOf(datasec);
    for (let i: u32 = 0; i < count; i++) this.variable(secinfoAt(datasec, i));
    json.endArray();
    json.endObject();
  }

  private variable(entry: usize): void {
    const json = this.json;
    const variable = this.btf.record(secinfoType(entry));
    if (kindOf(variable) != BTF_KIND_VAR || !this.limit.allows(this.btf.nameOf(variable))) return;
    json.beginObject();
    json.key('name');
    writeName(json, this.btf.nameOf(variable));
    json.key('offset');
    json.number(secinfoOffset(entry));
    json.key('size');
    json.number(secinfoSize(entry));
    json.key('type');
    this.text.write(typeOf(variable));
    json.bytesText(this.text.pointer, this.text.size);
    json.endObject();
  }
}
