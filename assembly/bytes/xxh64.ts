/** XXH64 with seed 0: which kernel build a BTF is of, see docs/plan-format.md. */
import {rotateLeft64} from './rotate';

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;
const STRIPE_SIZE: u32 = 32;

export function xxh64(from: usize, size: u32): u64 {
  const sum = new Xxh64();
  const whole = size & ~(STRIPE_SIZE - 1);
  sum.add(from, whole);
  return sum.finish(from + whole, size - whole);
}

/** As `xxh64sum` prints it: 16 hex digits. */
export function xxh64Text(sum: u64): string {
  return sum.toString(16).padStart(16, '0');
}

/** Of bytes that come piece by piece. */
@final
export class Xxh64 {
  private size: u64 = 0;
  private lane0: u64 = PRIME_1 + PRIME_2;
  private lane1: u64 = PRIME_2;
  private lane2: u64 = 0;
  private lane3: u64 = 0 - PRIME_1;

  /** A multiple of 32 bytes: four lanes side by side. */
  add(from: usize, size: u32): void {
    const end = from + size;
    let lane0 = this.lane0;
    let lane1 = this.lane1;
    let lane2 = this.lane2;
    let lane3 = this.lane3;
    for (let at = from; at < end; at += STRIPE_SIZE) {
      lane0 = lane(lane0, load<u64>(at));
      lane1 = lane(lane1, load<u64>(at, 8));
      lane2 = lane(lane2, load<u64>(at, 16));
      lane3 = lane(lane3, load<u64>(at, 24));
    }
    this.lane0 = lane0;
    this.lane1 = lane1;
    this.lane2 = lane2;
    this.lane3 = lane3;
    this.size += size;
  }

  /** The sum, with the last bytes: fewer than 32. */
  finish(from: usize, size: u32): u64 {
    let sum = this.size == 0 ? PRIME_5 : this.merged();
    const end = from + size;
    let at = from;
    sum += this.size + size;
    for (; end - at >= 8; at += 8) {
      sum ^= lane(0, load<u64>(at));
      sum = rotateLeft64(sum, 27) * PRIME_1 + PRIME_4;
    }
    if (end - at >= 4) {
      sum ^= <u64>load<u32>(at) * PRIME_1;
      sum = rotateLeft64(sum, 23) * PRIME_2 + PRIME_3;
      at += 4;
    }
    for (; at < end; at++) {
      sum ^= <u64>load<u8>(at) * PRIME_5;
      sum = rotateLeft64(sum, 11) * PRIME_1;
    }
    return avalanche(sum);
  }

  private merged(): u64 {
    let sum =
      rotateLeft64(this.lane0, 1) +
      rotateLeft64(this.lane1, 7) +
      rotateLeft64(this.lane2, 12) +
      rotateLeft64(this.lane3, 18);
    sum = merge(sum, this.lane0);
    sum = merge(sum, this.lane1);
    sum = merge(sum, this.lane2);
    return merge(sum, this.lane3);
  }
}

function lane(sum: u64, word: u64): u64 {
  return rotateLeft64(sum + word * PRIME_2, 31) * PRIME_1;
}

function merge(sum: u64, value: u64): u64 {
  return (sum ^ lane(0, value)) * PRIME_1 + PRIME_4;
}

function avalanche(sum: u64): u64 {
  sum = (sum ^ (sum >> 33)) * PRIME_2;
  sum = (sum ^ (sum >> 29)) * PRIME_3;
  return sum ^ (sum >> 32);
}
