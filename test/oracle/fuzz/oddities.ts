import {ElfEdit, SYM} from '../../helpers/elf_edit.js';

const STT_FUNC = 2;
const SHT_REL = 9;
const REL_SIZE = 16;
const SHDR_INFO = 44;

/** What no compiler writes, so that libbpf and a plan may take it in two ways. */
export type Oddity =
  | 'a name twice'
  | 'a program without a name'
  | 'a place twice'
  | 'an optional section';

/** Of a damaged object, as far as it can be read. */
export function odditiesOf(object: Uint8Array): ReadonlySet<Oddity> {
  try {
    return read(new ElfEdit(object));
  } catch {
    return new Set();
  }
}

function read(elf: ElfEdit): Set<Oddity> {
  const odd = new Set<Oddity>();
  const {bytes} = elf;
  const names = new Seen();
  const places = new Seen();
  for (const {name} of elf.sections) {
    if (name.startsWith('?.struct_ops')) odd.add('an optional section');
    if (name !== '' && names.has(`section ${name}`)) odd.add('a name twice');
  }
  for (const {name, at} of elf.symbols) {
    const type = bytes.readUInt8(at + SYM.info) & 15;
    const section = bytes.readUInt16LE(at + SYM.shndx);
    if (name !== '' && names.has(name)) odd.add('a name twice');
    if (type !== STT_FUNC) continue;
    if (name === '') odd.add('a program without a name');
    if (places.has(`${section} ${bytes.readBigUInt64LE(at + SYM.value)}`)) odd.add('a place twice');
  }
  for (const {type, header, offset, size} of elf.sections) {
    if (type !== SHT_REL) continue;
    const target = elf.sections[bytes.readUInt32LE(header + SHDR_INFO)];
    if (target === undefined || target.name.startsWith('.BTF')) continue;
    for (let at = offset; at + REL_SIZE <= offset + size; at += REL_SIZE) {
      if (places.has(`relocation ${header} ${bytes.readBigUInt64LE(at)}`)) odd.add('a place twice');
    }
  }
  return odd;
}

class Seen {
  readonly #known = new Set<string>();

  /** Whether it was there; it is from now on. */
  has(what: string): boolean {
    const is = this.#known.has(what);
    this.#known.add(what);
    return is;
  }
}
