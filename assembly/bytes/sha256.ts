/** SHA-256, FIPS 180-4. */
import {rotateRight32} from './rotate';

const BLOCK_SIZE: u32 = 64;

/** Section 5.3.3: fractions of the square roots of the first 8 primes. */
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Scratch space: the state, and the last blocks with their padding. */
const STATE: usize = memory.data(32, 8);
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
  for (let i = 0; i < 32; i += 4) store<u32>(to + i, bigEndian(load<u32>(STATE + i)));
}

/**
 * Section 6.2.2, with the constants of 4.2.2: fractions of the cube roots of the first 64 primes. The message schedule is in
 * sixteen variables, and so the rounds are written out: this is most of the work of a large plan, and a loop over sixteen
 * of them takes a tenth longer. The eight variables change their roles from round to round. `p` and `q` in turn are where
 * the two after the first differ, which the round before knows (the majority of a, b and c).
 */
// biome-ignore format: a line for each round
function compress(block: usize): void {
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  let w0 = bigEndian(load<u32>(block));
  let w1 = bigEndian(load<u32>(block, 4));
  let w2 = bigEndian(load<u32>(block, 8));
  let w3 = bigEndian(load<u32>(block, 12));
  let w4 = bigEndian(load<u32>(block, 16));
  let w5 = bigEndian(load<u32>(block, 20));
  let w6 = bigEndian(load<u32>(block, 24));
  let w7 = bigEndian(load<u32>(block, 28));
  let w8 = bigEndian(load<u32>(block, 32));
  let w9 = bigEndian(load<u32>(block, 36));
  let w10 = bigEndian(load<u32>(block, 40));
  let w11 = bigEndian(load<u32>(block, 44));
  let w12 = bigEndian(load<u32>(block, 48));
  let w13 = bigEndian(load<u32>(block, 52));
  let w14 = bigEndian(load<u32>(block, 56));
  let w15 = bigEndian(load<u32>(block, 60));
  let p = b ^ c;
  let q: u32 = 0;
  h += lower(e, f, g) + 0x428a2f98 + w0; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  g += lower(d, e, f) + 0x71374491 + w1; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  f += lower(c, d, e) + 0xb5c0fbcf + w2; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  e += lower(b, c, d) + 0xe9b5dba5 + w3; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  d += lower(a, b, c) + 0x3956c25b + w4; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  c += lower(h, a, b) + 0x59f111f1 + w5; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  b += lower(g, h, a) + 0x923f82a4 + w6; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  a += lower(f, g, h) + 0xab1c5ed5 + w7; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  h += lower(e, f, g) + 0xd807aa98 + w8; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  g += lower(d, e, f) + 0x12835b01 + w9; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  f += lower(c, d, e) + 0x243185be + w10; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  e += lower(b, c, d) + 0x550c7dc3 + w11; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  d += lower(a, b, c) + 0x72be5d74 + w12; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  c += lower(h, a, b) + 0x80deb1fe + w13; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  b += lower(g, h, a) + 0x9bdc06a7 + w14; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  a += lower(f, g, h) + 0xc19bf174 + w15; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w0 += schedule(w1, w9, w14); h += lower(e, f, g) + 0xe49b69c1 + w0; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w1 += schedule(w2, w10, w15); g += lower(d, e, f) + 0xefbe4786 + w1; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w2 += schedule(w3, w11, w0); f += lower(c, d, e) + 0x0fc19dc6 + w2; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w3 += schedule(w4, w12, w1); e += lower(b, c, d) + 0x240ca1cc + w3; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w4 += schedule(w5, w13, w2); d += lower(a, b, c) + 0x2de92c6f + w4; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w5 += schedule(w6, w14, w3); c += lower(h, a, b) + 0x4a7484aa + w5; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w6 += schedule(w7, w15, w4); b += lower(g, h, a) + 0x5cb0a9dc + w6; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w7 += schedule(w8, w0, w5); a += lower(f, g, h) + 0x76f988da + w7; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w8 += schedule(w9, w1, w6); h += lower(e, f, g) + 0x983e5152 + w8; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w9 += schedule(w10, w2, w7); g += lower(d, e, f) + 0xa831c66d + w9; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w10 += schedule(w11, w3, w8); f += lower(c, d, e) + 0xb00327c8 + w10; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w11 += schedule(w12, w4, w9); e += lower(b, c, d) + 0xbf597fc7 + w11; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w12 += schedule(w13, w5, w10); d += lower(a, b, c) + 0xc6e00bf3 + w12; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w13 += schedule(w14, w6, w11); c += lower(h, a, b) + 0xd5a79147 + w13; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w14 += schedule(w15, w7, w12); b += lower(g, h, a) + 0x06ca6351 + w14; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w15 += schedule(w0, w8, w13); a += lower(f, g, h) + 0x14292967 + w15; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w0 += schedule(w1, w9, w14); h += lower(e, f, g) + 0x27b70a85 + w0; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w1 += schedule(w2, w10, w15); g += lower(d, e, f) + 0x2e1b2138 + w1; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w2 += schedule(w3, w11, w0); f += lower(c, d, e) + 0x4d2c6dfc + w2; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w3 += schedule(w4, w12, w1); e += lower(b, c, d) + 0x53380d13 + w3; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w4 += schedule(w5, w13, w2); d += lower(a, b, c) + 0x650a7354 + w4; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w5 += schedule(w6, w14, w3); c += lower(h, a, b) + 0x766a0abb + w5; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w6 += schedule(w7, w15, w4); b += lower(g, h, a) + 0x81c2c92e + w6; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w7 += schedule(w8, w0, w5); a += lower(f, g, h) + 0x92722c85 + w7; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w8 += schedule(w9, w1, w6); h += lower(e, f, g) + 0xa2bfe8a1 + w8; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w9 += schedule(w10, w2, w7); g += lower(d, e, f) + 0xa81a664b + w9; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w10 += schedule(w11, w3, w8); f += lower(c, d, e) + 0xc24b8b70 + w10; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w11 += schedule(w12, w4, w9); e += lower(b, c, d) + 0xc76c51a3 + w11; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w12 += schedule(w13, w5, w10); d += lower(a, b, c) + 0xd192e819 + w12; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w13 += schedule(w14, w6, w11); c += lower(h, a, b) + 0xd6990624 + w13; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w14 += schedule(w15, w7, w12); b += lower(g, h, a) + 0xf40e3585 + w14; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w15 += schedule(w0, w8, w13); a += lower(f, g, h) + 0x106aa070 + w15; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w0 += schedule(w1, w9, w14); h += lower(e, f, g) + 0x19a4c116 + w0; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w1 += schedule(w2, w10, w15); g += lower(d, e, f) + 0x1e376c08 + w1; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w2 += schedule(w3, w11, w0); f += lower(c, d, e) + 0x2748774c + w2; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w3 += schedule(w4, w12, w1); e += lower(b, c, d) + 0x34b0bcb5 + w3; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w4 += schedule(w5, w13, w2); d += lower(a, b, c) + 0x391c0cb3 + w4; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w5 += schedule(w6, w14, w3); c += lower(h, a, b) + 0x4ed8aa4a + w5; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w6 += schedule(w7, w15, w4); b += lower(g, h, a) + 0x5b9cca4f + w6; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w7 += schedule(w8, w0, w5); a += lower(f, g, h) + 0x682e6ff3 + w7; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  w8 += schedule(w9, w1, w6); h += lower(e, f, g) + 0x748f82ee + w8; d += h; q = a ^ b; h += upper(a) + (b ^ (p & q));
  w9 += schedule(w10, w2, w7); g += lower(d, e, f) + 0x78a5636f + w9; c += g; p = h ^ a; g += upper(h) + (a ^ (q & p));
  w10 += schedule(w11, w3, w8); f += lower(c, d, e) + 0x84c87814 + w10; b += f; q = g ^ h; f += upper(g) + (h ^ (p & q));
  w11 += schedule(w12, w4, w9); e += lower(b, c, d) + 0x8cc70208 + w11; a += e; p = f ^ g; e += upper(f) + (g ^ (q & p));
  w12 += schedule(w13, w5, w10); d += lower(a, b, c) + 0x90befffa + w12; h += d; q = e ^ f; d += upper(e) + (f ^ (p & q));
  w13 += schedule(w14, w6, w11); c += lower(h, a, b) + 0xa4506ceb + w13; g += c; p = d ^ e; c += upper(d) + (e ^ (q & p));
  w14 += schedule(w15, w7, w12); b += lower(g, h, a) + 0xbef9a3f7 + w14; f += b; q = c ^ d; b += upper(c) + (d ^ (p & q));
  w15 += schedule(w0, w8, w13); a += lower(f, g, h) + 0xc67178f2 + w15; e += a; p = b ^ c; a += upper(b) + (c ^ (q & p));
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
  add(20, f);
  add(24, g);
  add(28, h);
}

/** A word of the message, or of a digest. Not `bswap`, which rotates: see rotate.ts. */
function bigEndian(word: u32): u32 {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | (word >> 24);
}

/** Section 6.2.2, step 1, of the words 15, 7 and 2 places before. Rotated by 7 and 18, and by 17 and 19. */
function schedule(w1: u32, w9: u32, w14: u32): u32 {
  const sigma0 = rotateRight32(w1 ^ rotateRight32(w1, 11), 7) ^ (w1 >> 3);
  const sigma1 = rotateRight32(w14 ^ rotateRight32(w14, 2), 17) ^ (w14 >> 10);
  return sigma0 + w9 + sigma1;
}

/** The part of a round that depends on e, f and g; the rotations by 6, 11 and 25 one in the other. */
function lower(e: u32, f: u32, g: u32): u32 {
  return rotateRight32(e ^ rotateRight32(e ^ rotateRight32(e, 14), 5), 6) + (g ^ (e & (f ^ g)));
}

/** The part of a round that depends on a alone: rotated by 2, 13 and 22. */
function upper(a: u32): u32 {
  return rotateRight32(a ^ rotateRight32(a ^ rotateRight32(a, 9), 11), 2);
}

function add(offset: usize, value: u32): void {
  store<u32>(STATE + offset, load<u32>(STATE + offset) + value);
}
