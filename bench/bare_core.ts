import {lentSha256} from '../src/core/host_node.js';

/** The core without the library: docs/embedding.md. */
export interface CoreExports {
  readonly memory: {readonly buffer: ArrayBuffer};
  input(kind: number, size: number): number;
  inputInWindows(kind: number, size: number): number;
  windowPointer(): number;
  windowOffset(): number;
  windowSize(): number;
  lendSha256(): void;
  hashPointer(): number;
  hashSize(): number;
  digestPointer(): number;
  makePlan(): number;
  outputSize(): number;
}

/** What Node has; the types of Node 20 lack it. */
export interface WebAssemblyOfNode {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {readonly exports: unknown};
}

const MORE = 3;
const HASH = 5;

export function give(core: CoreExports, kind: number, bytes: Uint8Array): void {
  const pointer = core.input(kind, bytes.length) >>> 0;
  new Uint8Array(core.memory.buffer, pointer, bytes.length).set(bytes);
}

/** makePlan(), with Node's SHA-256 as the library lends it. `kernelBtf`: the file of a BTF in windows. */
export function mustPlan(core: CoreExports, kernelBtf?: Uint8Array): void {
  core.lendSha256();
  for (;;) {
    const status = core.makePlan();
    if (status === 0) return;
    if (status === HASH) answerHash(core);
    else if (status === MORE && kernelBtf !== undefined) fillWindow(core, kernelBtf);
    else throw new Error(`makePlan() ended with status ${status}`);
  }
}

function answerHash(core: CoreExports): void {
  const {buffer} = core.memory;
  const bytes = new Uint8Array(buffer, core.hashPointer() >>> 0, core.hashSize() >>> 0);
  const digest = lentSha256?.(bytes);
  if (digest !== undefined) new Uint8Array(buffer).set(digest, core.digestPointer() >>> 0);
}

function fillWindow(core: CoreExports, kernelBtf: Uint8Array): void {
  const offset = core.windowOffset() >>> 0;
  const part = kernelBtf.subarray(offset, offset + (core.windowSize() >>> 0));
  new Uint8Array(core.memory.buffer).set(part, core.windowPointer() >>> 0);
}
