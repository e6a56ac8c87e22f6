/** SHA-256, FIPS 180-4. */

const BLOCK_SIZE: u32 = 64;

/** Section 4.2.2: fractions of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** Section 5.3.3: fractions of the square roots of the first 8 primes. */
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Scratch space: the state, the message schedule of one block, and the last blocks with their padding. */
const STATE: usize = memory.data(32, 8);
const SCHEDULE: usize = memory.data(256, 8);
const TAIL: usize = memory.data(128, 8);

/** Writes the 32 bytes of the digest of `size` bytes to `to`. */
export function sha256(from: usize, size: u32, to: usize): void {
  memory.copy(STATE, INITIAL, 32);
  const end = from + (size & ~(BLOCK_SIZE - 1));
  for (let at = from; at < end; at += BLOCK_SIZE) compress(at);
  const rest = size & (BLOCK_SIZE - 1);
  // A bit, zeros, and the length in bits as a big-endian u64 at the end of a block.
  const tailSize = rest + 9 <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
  memory.fill(TAIL, 0, tailSize);
  memory.copy(TAIL, end, rest);
  store<u8>(TAIL + rest, 0x80);
  store<u64>(TAIL + tailSize - 8, bswap<u64>((<u64>size) << 3));
  compress(TAIL);
  if (tailSize > BLOCK_SIZE) compress(TAIL + BLOCK_SIZE);
  for (let i = 0; i < 32; i += 4) store<u32>(to + i, bswap<u32>(load<u32>(STATE + i)));
}

/** Section 6.2.2, step 1. */
function expand(block: usize): void {
  for (let i = 0; i < 64; i += 4) store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let at = SCHEDULE; at < SCHEDULE + 192; at += 4) {
    const w1 = load<u32>(at, 4);
    const w14 = load<u32>(at, 56);
    const sigma0 = rotr<u32>(w1, 7) ^ rotr<u32>(w1, 18) ^ (w1 >> 3);
    const sigma1 = rotr<u32>(w14, 17) ^ rotr<u32>(w14, 19) ^ (w14 >> 10);
    store<u32>(at, load<u32>(at) + sigma0 + load<u32>(at, 36) + sigma1, 64);
  }
}

/** Eight rounds at a time: the eight variables change their roles and are back after that. */
function compress(block: usize): void {
  expand(block);
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  for (let i: usize = 0; i < 256; i += 32) {
    const k = ROUND_CONSTANTS + i;
    const w = SCHEDULE + i;
    h += lower(e, f, g) + load<u32>(k) + load<u32>(w);
    d += h;
    h += upper(a, b, c);
    g += lower(d, e, f) + load<u32>(k, 4) + load<u32>(w, 4);
    c += g;
    g += upper(h, a, b);
    f += lower(c, d, e) + load<u32>(k, 8) + load<u32>(w, 8);
    b += f;
    f += upper(g, h, a);
    e += lower(b, c, d) + load<u32>(k, 12) + load<u32>(w, 12);
    a += e;
    e += upper(f, g, h);
    d += lower(a, b, c) + load<u32>(k, 16) + load<u32>(w, 16);
    h += d;
    d += upper(e, f, g);
    c += lower(h, a, b) + load<u32>(k, 20) + load<u32>(w, 20);
    g += c;
    c += upper(d, e, f);
    b += lower(g, h, a) + load<u32>(k, 24) + load<u32>(w, 24);
    f += b;
    b += upper(c, d, e);
    a += lower(f, g, h) + load<u32>(k, 28) + load<u32>(w, 28);
    e += a;
    a += upper(b, c, d);
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
  add(20, f);
  add(24, g);
  add(28, h);
}

function add(offset: usize, value: u32): void {
  store<u32>(STATE + offset, load<u32>(STATE + offset) + value);
}

/** The part of a round that depends on e, f and g. */
function lower(e: u32, f: u32, g: u32): u32 {
  return (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (g ^ (e & (f ^ g)));
}

/** The part of a round that depends on a, b and c. */
function upper(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
}
