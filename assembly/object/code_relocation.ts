import {Program} from './program';

/** Of a jump table, in bytes: the place of an instruction in its section. */
export const TABLE_ENTRY_SIZE: u32 = 8;

/** What an instruction refers to (libbpf `enum reloc_type`). */
export enum RelocationKind {
  /** ldimm64 of a map's fd; `target` is the map. */
  Map,
  /** ldimm64 of an address in a data map; `target` is the map, `value` the symbol's offset in it. */
  Data,
  /** ldimm64 of an extern; `target` is the extern. */
  ExternLoad,
  /** call of an extern; `target` is the extern. */
  ExternCall,
  /** ldimm64 of a table in `.jumptables`; `target` is the table's size in bytes, `value` its offset. */
  JumpTable,
  /** call of a function in `.text`; `value` is the symbol's offset in bytes. */
  Call,
  /** ldimm64 of the address of a function in `.text`; `value` as above. */
  SubprogramAddress,
  /** The same without a relocation, so that nobody knows which function is meant. */
  UnknownAddress,
}

@final
export class CodeRelocation {
  /** The function that is meant, once it was looked for. */
  callee: Program | null = null;

  constructor(
    readonly kind: RelocationKind,
    /** Index of the instruction in its program. */
    readonly insn: u32,
    readonly target: u32,
    readonly value: u32,
  ) {}
}
