import {nameLengthWithin} from '../bytes/c_string';
import {JsonWriter} from '../json/json_writer';
import {NAME_LENGTH_MAX} from '../limits';

/** A NUL-terminated name as a JSON string. Longer ones, which only a kernel's BTF may have, are cut. */
export function writeName(json: JsonWriter, name: usize): void {
  json.bytesText(name, nameLengthWithin(name, NAME_LENGTH_MAX));
}
