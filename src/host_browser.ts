import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex} from '@noble/hashes/utils.js';
import packagedCore from '../build/core.wasm';

/** In the place of host_node.ts when scripts/bundle_browser.mjs makes the entry for browsers. */

/** The bytes of the core, which the bundle has in it. */
export function readPackagedCore(): Uint8Array {
  return packagedCore;
}

/** In hex. Browsers have a SHA-256 of their own, but it answers later, and errors are thrown now. */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}
