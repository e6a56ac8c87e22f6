import {instantiateSync} from '@assemblyscript/loader';
import {CoreBug, InputError, PlanError} from './errors.js';
import type {FaultReport} from './faults.js';
import {readPackagedCore, sha256Hex} from './host_node.js';

/**
 * A compiled core, a `WebAssembly.Module` in hosts whose types know that class. What
 * `compileCore` returns, or what a host has compiled from `build/core.wasm` itself.
 */
export type CoreModule = typeof globalThis extends {
  WebAssembly: {Module: {prototype: infer Module}};
}
  ? Module
  : object;

/** Bytes that need not be in memory yet: they are read straight into the core's. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Fills all of `target`, which has `size` bytes. */
  readInto(target: Uint8Array): void;
}

export type Bytes = Uint8Array | ByteSource;

/** The functions of docs/core-abi.md. */
export type CoreFunction =
  | 'makePlan'
  | 'describePlan'
  | 'describeInstructions'
  | 'inspectObject'
  | 'inspectKernel'
  | 'extractBtf';

export type InputKind = keyof typeof INPUTS;

export interface CoreInput {
  readonly kind: InputKind;
  readonly bytes: Bytes;
}

const MIB = 2 ** 20;

/** docs/core-abi.md, "input kind". */
const INPUTS = {
  object: {number: 1, text: 'the object'},
  kernelBtf: {number: 2, text: 'the kernel BTF'},
  moduleBtf: {number: 3, text: 'a module BTF'},
  plan: {number: 4, text: 'the plan'},
  objectName: {number: 5, text: "the object's name"},
  moduleName: {number: 6, text: "a module's name"},
  options: {number: 7, text: 'the options'},
  kconfig: {number: 8, text: "the kernel's configuration"},
  kernelImage: {number: 9, text: 'the kernel image'},
} as const;

/** The most bytes that the core takes of each kind. */
export const INPUT_BYTES_MAX: Readonly<Record<InputKind, number>> = {
  object: 64 * MIB,
  kernelBtf: 256 * MIB,
  moduleBtf: 64 * MIB,
  plan: 64 * MIB,
  objectName: 255,
  moduleName: 55,
  options: MIB,
  kconfig: 16 * MIB,
  kernelImage: 1000 * MIB,
};

interface CoreExports extends Record<string, unknown> {
  readonly memory: {readonly buffer: ArrayBuffer};
  abiVersion(): number;
  input(kind: number, size: number): number;
  makePlan(): number;
  describePlan(): number;
  describeInstructions(): number;
  inspectObject(): number;
  inspectKernel(): number;
  extractBtf(): number;
  outputPointer(): number;
  outputSize(): number;
}

interface PlacedInput {
  readonly kind: InputKind;
  readonly pointer: number;
  readonly size: number;
}

const ABI_VERSION = 1;

let ownCore: CoreModule | undefined;

/**
 * Calls one function of the core in an instance of its own and returns a copy of its output.
 *
 * @throws {PlanError} The core refused an input.
 * @throws {InputError} An input is larger than the core takes, or cannot be read.
 * @throws {CoreBug} The core trapped, or answered what its ABI does not have.
 */
export function callCore(
  name: CoreFunction,
  inputs: readonly CoreInput[],
  core: CoreModule = packagedCore(),
): Uint8Array {
  const exports = instantiate(core).exports;
  const placed: PlacedInput[] = [];
  const guard = <Result>(action: () => Result) => guarded(exports, placed, action);
  const version = guard(() => exports.abiVersion());
  if (version !== ABI_VERSION) {
    throw new CoreBug(`the core has ABI ${version}, this library knows ${ABI_VERSION}`, []);
  }
  for (const input of inputs) placed.push(place(exports, input, guard));
  const status = guard(() => exports[name]());
  const output = copyOutput(exports);
  if (status === 0) return output;
  const faults = parseFaults(output);
  if (status === 1 && faults !== undefined) throw new PlanError(faults);
  const text = faults?.[0]?.message ?? 'no reason given';
  throw new CoreBug(`${name} ended with status ${status}: ${text}`, digests(exports, placed));
}

/** As `callCore`, for a function whose output is JSON. */
export function callCoreForJson<Description>(
  name: CoreFunction,
  inputs: readonly CoreInput[],
  core?: CoreModule,
): Description {
  return JSON.parse(new TextDecoder().decode(callCore(name, inputs, core)));
}

/** Text as an input of the core. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The core of this package, compiled once. */
function packagedCore(): CoreModule {
  ownCore ??= compileCore();
  return ownCore;
}

/** Compiles the core that ships with this package, or the bytes of one. */
export function compileCore(wasm?: Uint8Array): CoreModule {
  return instantiate(wasm ?? readPackagedCore()).module;
}

function instantiate(source: CoreModule | Uint8Array): {module: CoreModule; exports: CoreExports} {
  return instantiateSync<CoreExports>(source as Parameters<typeof instantiateSync>[0]);
}

function place(
  exports: CoreExports,
  {kind, bytes}: CoreInput,
  guard: (action: () => number) => number,
): PlacedInput {
  const size = bytes instanceof Uint8Array ? bytes.length : bytes.size;
  const {number, text} = INPUTS[kind];
  const bytesMax = INPUT_BYTES_MAX[kind];
  const pointer = size > bytesMax ? 0 : guard(() => exports.input(number, size)) >>> 0;
  if (pointer === 0) {
    throw new InputError('INPUT_SIZE', {
      what: `${text} has ${size} bytes, which the core does not take`,
      why: `it takes at most ${bytesMax} bytes`,
    });
  }
  const target = new Uint8Array(exports.memory.buffer, pointer, size);
  if (bytes instanceof Uint8Array) target.set(bytes);
  else bytes.readInto(target);
  return {kind, pointer, size};
}

/** Anything thrown out of a module that imports nothing is a trap. */
function guarded<Result>(
  exports: CoreExports,
  placed: readonly PlacedInput[],
  action: () => Result,
): Result {
  try {
    return action();
  } catch (cause) {
    const text = trapText(exports) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new CoreBug(`the core trapped: ${text}`, digests(exports, placed), {cause});
  }
}

/** What the core said before it trapped, if it came to that. */
function trapText(exports: CoreExports): string | undefined {
  try {
    return parseFaults(copyOutput(exports))?.[0]?.message;
  } catch {
    return undefined;
  }
}

function copyOutput(exports: CoreExports): Uint8Array {
  const pointer = exports.outputPointer() >>> 0;
  return new Uint8Array(exports.memory.buffer).slice(
    pointer,
    pointer + (exports.outputSize() >>> 0),
  );
}

function parseFaults(output: Uint8Array): FaultReport['faults'] | undefined {
  try {
    const report: FaultReport = JSON.parse(new TextDecoder().decode(output));
    return report.schema === 'structops.faults/1' ? report.faults : undefined;
  } catch {
    return undefined;
  }
}

function digests(exports: CoreExports, placed: readonly PlacedInput[]) {
  return placed.map(({kind, pointer, size}) => {
    const bytes = new Uint8Array(exports.memory.buffer, pointer, size);
    return {kind, size, sha256: sha256Hex(bytes)};
  });
}
