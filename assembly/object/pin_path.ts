import {indexInName} from '../bytes/c_string';
import {PIN_NAME_MAX, PIN_PATH_MAX} from '../limits';

const SLASH: u8 = 0x2f;
const DOT: u8 = 0x2e;

/** Whether it is a path below the pin root as docs/plan-format.md has it: bpffs keeps names with a dot for itself. */
export function isPinPath(path: usize): bool {
  let nameSize: u32 = 0;
  let size: u32 = 0;
  for (; load<u8>(path + size) != 0; size++) {
    const byte = load<u8>(path + size);
    if (byte == DOT || (byte == SLASH && nameSize == 0)) return false;
    nameSize = byte == SLASH ? 0 : nameSize + 1;
    if (nameSize > PIN_NAME_MAX) return false;
  }
  return nameSize != 0 && size <= PIN_PATH_MAX;
}

/** The same of one file in the pin root. */
export function isPinName(name: usize): bool {
  return indexInName(name, SLASH) < 0 && isPinPath(name);
}
