import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';

/** What planning needs of Node. In a browser host_browser.ts takes this file's place. */

/** The bytes of the core that ships with this package. */
export function readPackagedCore(): Uint8Array {
  // src/ and dist/ both lie beside build/.
  return readFileSync(new URL('../../build/core.wasm', import.meta.url));
}

/** What the core borrows: by the processor's instructions for it, which Wasm does not have. */
export const lentSha256: ((bytes: Uint8Array) => Uint8Array) | undefined = bytes =>
  createHash('sha256').update(bytes).digest();

/** In hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function bytesEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
