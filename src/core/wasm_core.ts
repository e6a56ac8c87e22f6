import {instantiateSync} from '@assemblyscript/loader';
import {
  type CoreExports,
  type CoreFunction,
  type CoreInput,
  CoreInstance,
} from './core_instance.js';
import {readPackagedCore} from './host_node.js';

export {
  type ByteSource,
  type Bytes,
  type CoreFunction,
  type CoreInput,
  INPUT_BYTES_MAX,
} from './core_instance.js';

/**
 * A compiled core, a `WebAssembly.Module` in hosts whose types know that class. What
 * `compileCore` returns, or what a host has compiled from `build/core.wasm` itself.
 */
export type CoreModule = typeof globalThis extends {
  WebAssembly: {Module: {prototype: infer Module}};
}
  ? Module
  : object;

/** An instance that has grown beyond this is not kept. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;

let ownCore: CoreModule | undefined;

/** Of each core the instance of the last call: fresh memory costs more time than a plan. */
const kept = new WeakMap<CoreModule, CoreInstance>();

/**
 * Calls one function of the core and returns a copy of its output. What was called before, and in which
 * instance, makes no difference to it.
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
  const instance = kept.get(core) ?? new CoreInstance(instantiate(core).exports);
  // A source of bytes that plans itself, while it is read, gets another one.
  kept.delete(core);
  try {
    return instance.call(name, inputs);
  } finally {
    if (instance.usable && instance.size <= KEPT_BYTES_MAX) kept.set(core, instance);
  }
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

/**
 * Compiles the core that ships with this package, or the bytes of one.
 *
 * @throws {CoreBug} They are a core of another ABI.
 */
export function compileCore(wasm?: Uint8Array): CoreModule {
  const {module, exports} = instantiate(wasm ?? readPackagedCore());
  // The loader has made an instance on the way: the first call has it.
  kept.set(module, new CoreInstance(exports));
  return module;
}

function instantiate(source: CoreModule | Uint8Array): {module: CoreModule; exports: CoreExports} {
  return instantiateSync<CoreExports>(source as Parameters<typeof instantiateSync>[0]);
}
