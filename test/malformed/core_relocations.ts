import {type BtfBuilder, btfExt} from '../helpers/btf_builder.js';
import {buildElf, type NewSymbol, SHF_EXECINSTR, STT} from '../helpers/elf_builder.js';

/** enum bpf_core_relo_kind */
export const CORE = {byteOffset: 0, fieldExists: 2, typeExists: 8, enumvalExists: 10} as const;

/** One CO-RE relocation, of an instruction of its own. */
export interface CoreRelo {
  readonly type: number;
  readonly access: string;
  readonly kind: number;
  /** What the instruction holds. */
  readonly value?: number;
}

const license = {name: 'license', content: Buffer.from('GPL\0')};
const EXIT = Buffer.from('9500000000000000', 'hex');

/** `r0 = value` */
function move(value: number): Buffer {
  const insn = Buffer.from('b700000000000000', 'hex');
  insn.writeInt32LE(value, 4);
  return insn;
}

/** An object of one program with these relocations; `btf` has their types, and is built here. */
export function relocated(btf: BtfBuilder, relos: readonly CoreRelo[], distinct = true): Buffer {
  const section = btf.string('syscall');
  const count = distinct ? relos.length : Math.min(1, relos.length);
  const code = Buffer.concat([
    ...relos.slice(0, count).map(({value = 1}) => move(value)),
    Buffer.from('b700000000000000', 'hex'),
    EXIT,
  ]);
  const words = relos.flatMap(({type, access, kind}, i) => [
    ...[distinct ? 8 * i : 0, type, btf.string(access), kind],
  ]);
  const sections = [
    license,
    {name: 'syscall', flags: SHF_EXECINSTR, content: code},
    {name: '.BTF', content: btf.build()},
    {name: '.BTF.ext', content: btfExt('coreRelo', [16, section, relos.length, ...words])},
  ];
  const symbols: NewSymbol[] = [{name: 'f', type: STT.FUNC, section: 'syscall', size: code.length}];
  return buildElf(sections, symbols);
}
