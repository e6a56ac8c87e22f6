import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import type {CoreFunction, CoreExports as LibraryExports} from '../../src/core/core_instance.js';
import type {FaultReport} from '../../src/faults.js';
import {builtWasm} from './built_wasm.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What `npm run build` makes, and what ships. */
export const CORE_WASM = join(ROOT, 'build/core.wasm');

/** docs/embedding.md, "input kind". */
export const KIND = {
  object: 1,
  kernelBtf: 2,
  moduleBtf: 3,
  plan: 4,
  objectName: 5,
  moduleName: 6,
  options: 7,
  kconfig: 8,
  kernelImage: 9,
} as const;

/** docs/embedding.md, "status". */
export const STATUS = {done: 0, faults: 1, misuse: 2, more: 3, whole: 4, hash: 5} as const;

export type {CoreFunction};

/** With what the library does not use. */
export interface CoreExports extends LibraryExports {
  inputInWindows(kind: number, size: number): number;
  windowPointer(): number;
  windowOffset(): number;
  windowSize(): number;
  lendSha256(): void;
}

export type Inputs = Partial<Record<keyof typeof KIND, Uint8Array>>;

export interface Answer {
  readonly status: number;
  readonly output: Buffer;
}

interface WasmModule {
  readonly prototype?: never;
}

/** `WebAssembly` is of the runtime, but not of the library types of this project. */
declare const WebAssembly: {
  Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): readonly {name: string}[];
    exports(module: WasmModule): readonly {name: string; kind: string}[];
  };
  Instance: new (module: WasmModule) => {readonly exports: unknown};
};

/**
 * The core behind its bare ABI, without the library's care: a trap is thrown as what the engine
 * throws.
 */
export class CoreWasm {
  readonly #module: WasmModule;

  constructor(readonly bytes: Uint8Array) {
    this.#module = new WebAssembly.Module(bytes);
  }

  get imports(): readonly {name: string}[] {
    return WebAssembly.Module.imports(this.#module);
  }

  get exports(): readonly {name: string; kind: string}[] {
    return WebAssembly.Module.exports(this.#module);
  }

  instantiate(): CoreExports {
    return new WebAssembly.Instance(this.#module).exports as CoreExports;
  }

  /** One function in an instance of its own. */
  call(name: CoreFunction, inputs: Inputs): Answer {
    const core = this.instantiate();
    for (const [kind, bytes] of Object.entries(inputs)) {
      give(core, kind as keyof typeof KIND, bytes);
    }
    const status = core[name]();
    return {status, output: outputOf(core)};
  }
}

export function give(core: CoreExports, kind: keyof typeof KIND, bytes: Uint8Array): void {
  const at = core.input(KIND[kind], bytes.length) >>> 0;
  if (at === 0) throw new Error(`the core does not take ${bytes.length} bytes of ${kind}`);
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
}

/** What the core wants hashed, in its memory. */
export function toBeHashed(core: CoreExports): Uint8Array {
  return new Uint8Array(core.memory.buffer, core.hashPointer() >>> 0, core.hashSize() >>> 0);
}

/** Gives it the SHA-256 of that, or another answer. */
export function giveHash(
  core: CoreExports,
  digest = createHash('sha256').update(toBeHashed(core)).digest(),
): void {
  new Uint8Array(core.memory.buffer, core.digestPointer() >>> 0, digest.length).set(digest);
}

/** A copy. */
export function outputOf(core: CoreExports): Buffer {
  const at = core.outputPointer() >>> 0;
  return Buffer.from(new Uint8Array(core.memory.buffer, at, core.outputSize() >>> 0));
}

export function jsonOf<Json>({output}: Answer): Json {
  return JSON.parse(output.toString());
}

export function faultsOf({output}: Pick<Answer, 'output'>): FaultReport['faults'] {
  const report: FaultReport = JSON.parse(output.toString());
  if (report.schema !== 'structops.faults/1') throw new Error(`no faults: ${report.schema}`);
  return report.faults;
}

/** The path of build/core.wasm, of assembly/ as it is. */
export function builtCore(): Promise<string> {
  return builtWasm('core', 'index', 'release');
}

export async function openCore(): Promise<CoreWasm> {
  return new CoreWasm(await readFile(await builtCore()));
}

/** As `npm run build:wasm`, but into any file. */
export async function buildCore(path: string): Promise<void> {
  const options = ['assembly/index.ts', '--target', 'release', '--outFile', path];
  await execa('asc', options, {cwd: ROOT, preferLocal: true});
}
