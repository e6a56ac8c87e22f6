import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex} from '@noble/hashes/utils.js';
import packagedCore from '../../build/core.wasm';

/** In the place of host_node.ts when scripts/bundle_browser.mjs makes the entry for browsers. */

/** The bytes of the core, which the bundle has in it. */
export function readPackagedCore(): Uint8Array {
  return packagedCore;
}

/** Nothing to lend: what browsers have answers later, and a SHA-256 in JavaScript gains little over the core's. */
export const lentSha256: ((bytes: Uint8Array) => Uint8Array) | undefined = undefined;

/** In hex. Browsers have a SHA-256 of their own, but it answers later, and errors are thrown now. */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** Browsers have no comparison of bytes: eight at a time, where both lie so that they can be read so. */
export function bytesEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  const wordCount = ((one.byteOffset | other.byteOffset) & 7) === 0 ? one.length >>> 3 : 0;
  const words = new BigUint64Array(one.buffer, wordCount && one.byteOffset, wordCount);
  const others = new BigUint64Array(other.buffer, wordCount && other.byteOffset, wordCount);
  for (let i = 0; i < wordCount; i++) if (words[i] !== others[i]) return false;
  for (let i = wordCount * 8; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
