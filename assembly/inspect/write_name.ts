import {nameLength} from '../bytes/c_string';
import {JsonWriter} from '../json/json_writer';

/** A NUL-terminated name as a JSON string. */
export function writeName(json: JsonWriter, name: usize): void {
  json.bytesText(name, nameLength(name));
}
