import {BTF_TYPE, type BtfEdit, type BtfType} from '../../helpers/btf_edit.js';
import {EHDR, ElfEdit, SYM} from '../../helpers/elf_edit.js';

const STT_OBJECT = 1;
const STT_FUNC = 2;
const SHT_REL = 9;
const REL_SIZE = 16;
const SHDR_INFO = 44;
const SHDR_SIZE = 64;
const WRAPPER = 'LINUX_HAS_SYSCALL_WRAPPER';
const TAG = 'arg:ctx';
const MARK_OF_TAG = 'ARG_TAG_CTX';

/** What no compiler writes, so that libbpf and a plan may take it in two ways. */
export type Oddity =
  | 'two functions at one place'
  | 'a slot of a map twice'
  | 'an optional section with two variables'
  | 'an extern twice'
  | 'no struct_ops'
  | 'a function that returns no type'
  | 'two members at one place'
  | 'a type called as a section'
  | 'two variables of one name'
  | 'section headers of another size'
  | 'a question for the wrapper of system calls'
  | 'a tag of a context on a kernel that does not say that it knows it'
  | 'a bit-field'
  | 'a type that holds itself';

/** Of a damaged object, as far as it can be read, beside the BTF of a kernel that has tags of contexts, if it has. */
export function odditiesOf(object: Uint8Array, tagging?: Uint8Array): ReadonlySet<Oddity> {
  const odd = new Set<Oddity>();
  const isUnmarked = tagging !== undefined && !Buffer.from(tagging).includes(MARK_OF_TAG);
  if (isUnmarked && Buffer.from(object).includes(TAG)) {
    odd.add('a tag of a context on a kernel that does not say that it knows it');
  }
  if (Buffer.from(object).includes(WRAPPER)) odd.add('a question for the wrapper of system calls');
  if (object.length > EHDR.size && Buffer.from(object).readUInt16LE(EHDR.shentsize) !== SHDR_SIZE) {
    odd.add('section headers of another size');
  }
  for (const read of [readSections, readSymbols, readSlots, readTypes, readHolders]) {
    try {
      read(new ElfEdit(object), what => odd.add(what));
    } catch {
      // This part cannot be read.
    }
  }
  return odd;
}

type Add = (what: Oddity) => void;

function readSections({sections}: ElfEdit, add: Add): void {
  if (!sections.some(({name}) => /^\??\.struct_ops/.test(name))) add('no struct_ops');
}

function readSymbols({bytes, sections, symbols}: ElfEdit, add: Add): void {
  const seen = new Seen();
  for (const {name, at} of symbols) {
    const type = bytes.readUInt8(at + SYM.info) & 15;
    const section = bytes.readUInt16LE(at + SYM.shndx);
    const place = `${section} ${bytes.readBigUInt64LE(at + SYM.value)}`;
    if (type === STT_FUNC && seen.has(`function ${place}`)) add('two functions at one place');
    if (section === 0 && name !== '' && seen.has(`extern ${name}`)) add('an extern twice');
    const isOptional =
      type === STT_OBJECT && sections[section]?.name.startsWith('?.struct_ops') === true;
    if (isOptional && seen.has('optional')) add('an optional section with two variables');
  }
}

function readSlots({bytes, sections}: ElfEdit, add: Add): void {
  const slots = new Seen();
  for (const {type, header, offset, size} of sections) {
    const target = sections[bytes.readUInt32LE(header + SHDR_INFO)];
    if (type !== SHT_REL || target?.name !== '.maps') continue;
    for (let at = offset; at + REL_SIZE <= offset + size; at += REL_SIZE) {
      if (slots.has(`${bytes.readBigUInt64LE(at)}`)) add('a slot of a map twice');
    }
  }
}

function readTypes({btf}: ElfEdit, add: Add): void {
  const {bytes, types} = btf;
  const variables = new Seen();
  for (const type of types) {
    const {kind, name, at, vlen} = type;
    if (kind === 'FUNC_PROTO' && bytes.readUInt32LE(at + 8) > types.length) {
      add('a function that returns no type');
    }
    if (kind === 'VAR' && variables.has(name)) add('two variables of one name');
    if (kind !== 'DATASEC' && /^\.(data|rodata|bss|kconfig)/.test(name)) {
      add('a type called as a section');
    }
    if (kind !== 'STRUCT') continue;
    if (bytes.readUInt32LE(at + BTF_TYPE.info) >>> 31 === 1) add('a bit-field');
    const places = new Seen();
    for (let i = 0; i < vlen; i++) {
      const place = bytes.readUInt32LE(btf.part(type, i) + 8);
      if (places.has(`${place}`)) add('two members at one place');
    }
  }
}

/** What a type has in itself: what its members, its elements, or it under another name are. */
function heldBy(btf: BtfEdit, type: BtfType): number[] {
  const {bytes} = btf;
  const {kind, at, vlen} = type;
  if (kind === 'STRUCT' || kind === 'UNION') {
    return Array.from({length: vlen}, (_, i) => bytes.readUInt32LE(btf.part(type, i) + 4));
  }
  if (kind === 'ARRAY') return [bytes.readUInt32LE(at + BTF_TYPE.more)];
  const isChain = /^(PTR|TYPEDEF|VOLATILE|CONST|RESTRICT|TYPE_TAG)$/.test(kind);
  return isChain ? [bytes.readUInt32LE(at + BTF_TYPE.size_or_type)] : [];
}

/** Structs that hold themselves, and chains of pointers, arrays and modifiers that do not end. */
function readHolders({btf}: ElfEdit, add: Add): void {
  for (const isChain of [false, true]) {
    const held = btf.types.map(type => {
      const isHolder = isChain ? !/^(STRUCT|UNION)$/.test(type.kind) : type.kind !== 'PTR';
      return isHolder ? heldBy(btf, type).filter(id => id > 0 && id <= btf.types.length) : [];
    });
    if (hasCycle(held.map(ids => ids.map(id => id - 1)))) add('a type that holds itself');
  }
}

/** Who holds nothing that is left is left out, until nobody is. */
function hasCycle(held: readonly (readonly number[])[]): boolean {
  const holders = held.map((): number[] => []);
  const left = held.map(parts => parts.length);
  for (const [i, parts] of held.entries()) for (const part of parts) holders[part]?.push(i);
  const free = [...left.keys()].filter(i => left[i] === 0);
  for (let i = free.pop(); i !== undefined; i = free.pop()) {
    for (const holder of holders[i] ?? []) {
      left[holder] = (left[holder] ?? 0) - 1;
      if (left[holder] === 0) free.push(holder);
    }
  }
  return left.some(count => count > 0);
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
