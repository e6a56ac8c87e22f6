import {readFile} from 'node:fs/promises';
import {builtWasm} from './built_wasm.js';

interface ProbeExports {
  readonly memory: {readonly buffer: ArrayBuffer};
  room(size: number): number;
  outputPointer(): number;
  outputSize(): number;
  probeSha256(from: number, size: number): void;
  probeXxh64(from: number, size: number): bigint;
  longNames(from: number, size: number): void;
  instructions(from: number, size: number): void;
  jsonOfBytes(from: number, size: number): void;
  jsonOfUtf16(from: number, size: number): void;
  jsonOfHex(from: number, size: number): void;
  jsonOfNumber(value: bigint): void;
  jsonOfEverything(): void;
  faultTexts(code: number): void;
  sinceOfKfunc(from: number, size: number): void;
  sinceOfKind(from: number, size: number): void;
  sinceOfMapType(type: number): void;
  faultsOfEveryShape(): void;
  describe(from: number, size: number): number;
}

/** `WebAssembly` is of the runtime, but not of the library types of this project. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => {readonly exports: unknown};
};

type BytesFunction = {
  [Name in keyof ProbeExports]: ProbeExports[Name] extends (from: number, size: number) => infer _
    ? Name
    : never;
}[keyof ProbeExports];

/** The parts of the core, one by one: `assembly/probe.ts`. */
export class WasmProbe {
  #exports: ProbeExports;

  constructor(private readonly module: object) {
    this.#exports = this.#instantiate();
  }

  /** Calls a function that takes bytes; what it wrote is `output()`. */
  call<Name extends BytesFunction>(name: Name, input: Uint8Array): ReturnType<ProbeExports[Name]> {
    const exports = this.#freshExports(input.length);
    const at = exports.room(input.length) >>> 0;
    new Uint8Array(exports.memory.buffer, at, input.length).set(input);
    const take = exports[name] as (from: number, size: number) => ReturnType<ProbeExports[Name]>;
    return take(at, input.length);
  }

  /** The functions that take no bytes. */
  get exports(): ProbeExports {
    return this.#exports;
  }

  output(): Buffer {
    const {memory, outputPointer, outputSize} = this.#exports;
    return Buffer.from(
      memory.buffer.slice(outputPointer() >>> 0, (outputPointer() >>> 0) + (outputSize() >>> 0)),
    );
  }

  text(): string {
    return this.output().toString();
  }

  json(): unknown {
    return JSON.parse(this.text());
  }

  /** The core frees nothing: an instance is for one call, and for tests with many small ones until it is large. */
  #freshExports(size: number): ProbeExports {
    const isLarge = this.#exports.memory.buffer.byteLength > 32 << 20;
    if (isLarge || size > 1 << 20) this.#exports = this.#instantiate();
    return this.#exports;
  }

  #instantiate(): ProbeExports {
    return new WebAssembly.Instance(this.module).exports as ProbeExports;
  }
}

/** A probe of assembly/ as it is. */
export async function openProbe(): Promise<WasmProbe> {
  const path = await builtWasm('probe', 'probe', 'probe');
  return new WasmProbe(new WebAssembly.Module(await readFile(path)));
}
