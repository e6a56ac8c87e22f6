/**
 * SHA-256 with a host that lends its own. Processors have instructions for it, which Wasm does not reach: a host that
 * does is fifteen times faster. What is to be hashed is asked for before a function begins, or after all else is done.
 */
import {sha256} from './sha256';

export const SHA256_SIZE: u32 = 32;

/** Where the host writes. */
const ANSWER: usize = memory.data(32, 8);

let lent = false;
/** What the host was asked for last: all that ANSWER may be used for. */
let asked: usize = 0;
let askedSize: u32 = 0;

/** With `false` as in a new instance. */
export function lendSha256(lends: bool): void {
  lent = lends;
  asked = 0;
  askedSize = 0;
}

/** Whether the host is to be asked for the digest of these bytes, which it was not asked for before. */
export function asksForSha256(from: usize, size: u32): bool {
  if (!lent || (from == asked && size == askedSize)) return false;
  asked = from;
  askedSize = size;
  return true;
}

export function askedPointer(): usize {
  return asked;
}

export function askedBytes(): u32 {
  return askedSize;
}

/** 0 while nothing is asked for. */
export function answerPointer(): usize {
  return asked == 0 ? 0 : ANSWER;
}

/** Writes the digest to `to`: what the host answered, if these are the bytes that it was asked for. */
export function digestOf(from: usize, size: u32, to: usize): void {
  if (asked != 0 && from == asked && size == askedSize) memory.copy(to, ANSWER, SHA256_SIZE);
  else sha256(from, size, to);
}
