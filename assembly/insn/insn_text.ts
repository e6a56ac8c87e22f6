import {ByteWriter} from '../bytes/byte_writer';
import {writeDecimal, writeHex} from '../bytes/number_text';
import * as uapi from '../uapi/bpf';
import {codeOf, dstOf, imm64Of, immOf, offOf, srcOf} from './bpf_insn';

/** Of ALU operations, by the upper half of the opcode; NEG, MOV and END are written otherwise. */
const ALU_SIGNS: StaticArray<string> = [
  '+=',
  '-=',
  '*=',
  '/=',
  '|=',
  '&=',
  '<<=',
  '>>=',
  '',
  '%=',
  '^=',
  '',
  's>>=',
  '',
];
/** Of conditional jumps; JA, CALL, EXIT and JCOND are written otherwise. */
const JUMP_SIGNS: StaticArray<string> = [
  '',
  '==',
  '>',
  '>=',
  '&',
  '!=',
  's>',
  's>=',
  '',
  '',
  '<',
  '<=',
  's<',
  's<=',
];
const UNSIGNED: StaticArray<string> = ['u32', 'u16', 'u8', 'u64'];
const SIGNED: StaticArray<string> = ['s32', 's16', 's8', 's64'];
/** Of atomic operations with BPF_FETCH taken off. */
const ATOMIC_ADD: u32 = 0x00;
const ATOMIC_OR: u32 = 0x40;
const ATOMIC_AND: u32 = 0x50;
const ATOMIC_XOR: u32 = 0xa0;

/**
 * Writes instructions as the kernel's verifier writes them in its log (kernel/bpf/disasm.c): `r1 = *(u64 *)(r6 +8)`,
 * `if w0 == 0 goto pc+5`. What no kernel knows is `unknown` and its bytes. The same instruction is the same text.
 */
@final
export class InsnText {
  constructor(private readonly out: ByteWriter) {}

  /** `insn` and, for a load of 64 bits, the eight bytes behind it. */
  write(insn: usize): void {
    switch (codeOf(insn) & uapi.BPF_CLASS_MASK) {
      case uapi.BPF_LD:
        this.loadOld(insn);
        break;
      case uapi.BPF_LDX:
        this.loadFromMemory(insn);
        break;
      case uapi.BPF_ST:
      case uapi.BPF_STX:
        this.store(insn);
        break;
      case uapi.BPF_ALU:
      case uapi.BPF_ALU64:
        this.compute(insn);
        break;
      default:
        this.jump(insn);
    }
  }

  /** `r3 = ` */
  assign(register: u32): void {
    this.register('r', register);
    this.out.ascii(' = ');
  }

  unknown(insn: usize): void {
    this.out.ascii('unknown ');
    writeHex(bswap<u64>(load<u64>(insn)), this.out);
  }

  private compute(insn: usize): void {
    const code = codeOf(insn);
    const is64 = (code & uapi.BPF_CLASS_MASK) == uapi.BPF_ALU64;
    const letter = is64 ? 'r' : 'w';
    const operation = code & uapi.BPF_OP_MASK;
    if (operation == uapi.BPF_END) {
      this.swapBytes(insn, is64);
      return;
    }
    if (operation > uapi.BPF_END) {
      this.unknown(insn);
      return;
    }
    this.register(letter, dstOf(insn));
    this.out.u8(0x20);
    const off = offOf(insn);
    if (operation == uapi.BPF_NEG) {
      this.out.ascii('= -');
      this.register(letter, dstOf(insn));
      return;
    }
    if (operation == uapi.BPF_MOV) {
      this.move(insn, letter, off);
      return;
    }
    // The division that is signed has its sign in the offset.
    if (off == 1 && (operation == uapi.BPF_DIV || operation == uapi.BPF_MOD)) this.out.u8(0x73);
    this.out.ascii(ALU_SIGNS[operation >> 4]);
    this.out.u8(0x20);
    this.operand(insn, letter);
  }

  private move(insn: usize, letter: string, off: i32): void {
    const out = this.out;
    const fromRegister = (codeOf(insn) & uapi.BPF_X) != 0;
    out.ascii('= ');
    if (fromRegister && off == 1 && immOf(insn) != 0) {
      out.ascii('addr_space_cast(');
      this.register('r', srcOf(insn));
      out.ascii(', ');
      writeDecimal(<u32>immOf(insn) >> 16, out);
      out.ascii(', ');
      writeDecimal(immOf(insn) & 0xffff, out);
      out.ascii(')');
      return;
    }
    if (fromRegister && off != 0) {
      out.ascii('(s');
      writeDecimal(off, out);
      out.ascii(')');
    }
    this.operand(insn, letter);
  }

  /** `r1 = be16 r1`, and without regard to the machine's order `r1 = bswap16 r1`. */
  private swapBytes(insn: usize, always: bool): void {
    this.assign(dstOf(insn));
    const toBig = (codeOf(insn) & uapi.BPF_X) != 0;
    this.out.ascii(always ? 'bswap' : toBig ? 'be' : 'le');
    writeDecimal(immOf(insn), this.out);
    this.out.u8(0x20);
    this.register('r', dstOf(insn));
  }

  private loadOld(insn: usize): void {
    const code = codeOf(insn);
    const mode = code & uapi.BPF_MODE_MASK;
    if (code == uapi.OPCODE_LDIMM64) {
      this.assign(dstOf(insn));
      writeHex(imm64Of(insn), this.out);
    } else if (mode == uapi.BPF_ABS || mode == uapi.BPF_IND) {
      this.out.ascii('r0 = *(');
      this.out.ascii(UNSIGNED[sizeIndex(code)]);
      this.out.ascii(' *)skb[');
      if (mode == uapi.BPF_IND) {
        this.register('r', srcOf(insn));
        this.out.ascii(' + ');
      }
      writeDecimal(immOf(insn), this.out);
      this.out.u8(0x5d);
    } else {
      this.unknown(insn);
    }
  }

  private loadFromMemory(insn: usize): void {
    const code = codeOf(insn);
    const mode = code & uapi.BPF_MODE_MASK;
    if (mode != uapi.BPF_MEM && mode != uapi.BPF_MEMSX) {
      this.unknown(insn);
      return;
    }
    this.assign(dstOf(insn));
    this.out.u8(0x2a);
    this.place((mode == uapi.BPF_MEMSX ? SIGNED : UNSIGNED)[sizeIndex(code)], srcOf(insn), insn);
  }

  private store(insn: usize): void {
    const code = codeOf(insn);
    const mode = code & uapi.BPF_MODE_MASK;
    const fromRegister = (code & uapi.BPF_CLASS_MASK) == uapi.BPF_STX;
    if (fromRegister && mode == uapi.BPF_ATOMIC) {
      this.atomic(insn);
      return;
    }
    if (mode != uapi.BPF_MEM) {
      this.unknown(insn);
      return;
    }
    this.out.u8(0x2a);
    this.place(UNSIGNED[sizeIndex(code)], dstOf(insn), insn);
    this.out.ascii(' = ');
    if (fromRegister) this.register('r', srcOf(insn));
    else writeDecimal(immOf(insn), this.out);
  }

  private atomic(insn: usize): void {
    const size = UNSIGNED[sizeIndex(codeOf(insn))];
    const operation = <u32>immOf(insn);
    const sign = atomicSign(operation);
    if (sign != '') {
      this.out.ascii('lock *');
      this.place(size, dstOf(insn), insn);
      this.out.u8(0x20);
      this.out.ascii(sign);
      this.out.u8(0x20);
      this.register('r', srcOf(insn));
      return;
    }
    const name = atomicName(operation);
    if (name == '') {
      this.unknown(insn);
      return;
    }
    const isLoad = operation == uapi.BPF_LOAD_ACQ;
    const compares = operation == uapi.BPF_CMPXCHG;
    if (isLoad) this.assign(dstOf(insn));
    else if (compares) this.assign(0);
    else if (operation != uapi.BPF_STORE_REL) this.assign(srcOf(insn));
    this.out.ascii(name);
    this.out.u8(0x28);
    this.place(size, isLoad ? srcOf(insn) : dstOf(insn), insn);
    if (compares) this.out.ascii(', r0');
    if (!isLoad) {
      this.out.ascii(', ');
      this.register('r', srcOf(insn));
    }
    this.out.u8(0x29);
  }

  private jump(insn: usize): void {
    const code = codeOf(insn);
    const is64 = (code & uapi.BPF_CLASS_MASK) == uapi.BPF_JMP;
    const operation = code & uapi.BPF_OP_MASK;
    const out = this.out;
    if (code == uapi.OPCODE_CALL) {
      this.call(insn);
    } else if (code == uapi.OPCODE_EXIT) {
      out.ascii('exit');
    } else if (is64 && operation == uapi.BPF_JA && (code & uapi.BPF_X) != 0) {
      out.ascii('gotox ');
      this.register('r', dstOf(insn));
    } else if (operation == uapi.BPF_JA) {
      out.ascii(is64 ? 'goto ' : 'gotol ');
      this.target(is64 ? offOf(insn) : immOf(insn));
    } else if (is64 && code == uapi.OPCODE_JCOND) {
      out.ascii(immOf(insn) == 0 && srcOf(insn) == 0 ? 'may_goto ' : 'jcond ');
      this.target(offOf(insn));
    } else if (operation > uapi.BPF_JSLE || JUMP_SIGNS[operation >> 4] == '') {
      this.unknown(insn);
    } else {
      const letter = is64 ? 'r' : 'w';
      out.ascii('if ');
      this.register(letter, dstOf(insn));
      out.u8(0x20);
      out.ascii(JUMP_SIGNS[operation >> 4]);
      out.u8(0x20);
      this.operand(insn, letter);
      out.ascii(' goto ');
      this.target(offOf(insn));
    }
  }

  private call(insn: usize): void {
    this.out.ascii('call ');
    if (srcOf(insn) == uapi.BPF_PSEUDO_CALL) {
      this.target(immOf(insn));
      return;
    }
    this.out.ascii(srcOf(insn) == uapi.BPF_PSEUDO_KFUNC_CALL ? 'kernel function ' : 'helper ');
    writeDecimal(immOf(insn), this.out);
  }

  /** Where to, counted from the next instruction. */
  target(distance: i32): void {
    this.out.ascii('pc');
    this.distance(distance);
  }

  /** With its sign, always. */
  distance(value: i32): void {
    if (value >= 0) this.out.u8(0x2b);
    writeDecimal(value, this.out);
  }

  /** `(u32 *)(r6 +8)` */
  private place(size: string, register: u32, insn: usize): void {
    this.out.u8(0x28);
    this.out.ascii(size);
    this.out.ascii(' *)(');
    this.register('r', register);
    this.out.u8(0x20);
    this.distance(offOf(insn));
    this.out.u8(0x29);
  }

  private operand(insn: usize, letter: string): void {
    if ((codeOf(insn) & uapi.BPF_X) != 0) this.register(letter, srcOf(insn));
    else writeDecimal(immOf(insn), this.out);
  }

  private register(letter: string, number: u32): void {
    this.out.ascii(letter);
    writeDecimal(number, this.out);
  }
}

function sizeIndex(code: u32): u32 {
  return (code & uapi.BPF_SIZE_MASK) >> 3;
}

function atomicSign(operation: u32): string {
  switch (operation) {
    case ATOMIC_ADD:
      return '+=';
    case ATOMIC_OR:
      return '|=';
    case ATOMIC_AND:
      return '&=';
    case ATOMIC_XOR:
      return '^=';
    default:
      return '';
  }
}

function atomicName(operation: u32): string {
  switch (operation) {
    case ATOMIC_ADD | uapi.BPF_FETCH:
      return 'atomic_fetch_add';
    case ATOMIC_OR | uapi.BPF_FETCH:
      return 'atomic_fetch_or';
    case ATOMIC_AND | uapi.BPF_FETCH:
      return 'atomic_fetch_and';
    case ATOMIC_XOR | uapi.BPF_FETCH:
      return 'atomic_fetch_xor';
    case uapi.BPF_XCHG:
      return 'atomic_xchg';
    case uapi.BPF_CMPXCHG:
      return 'atomic_cmpxchg';
    case uapi.BPF_LOAD_ACQ:
      return 'load_acquire';
    case uapi.BPF_STORE_REL:
      return 'store_release';
    default:
      return '';
  }
}
