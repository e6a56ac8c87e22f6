import {CoreBug, InputError, PlanError} from '../errors.js';
import type {FaultReport} from '../faults.js';
import {bytesEqual, lentSha256, sha256Hex} from './host_node.js';

/** Bytes that need not be in memory yet: they are read straight into the core's. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Fills all of `target`, which has `size` bytes. */
  readInto(target: Uint8Array): void;
  /** Whether its bytes are these, which are as many: what has not changed is not read into the core again. */
  isSame?(held: Uint8Array): boolean;
}

export type Bytes = Uint8Array | ByteSource;

/** The functions of docs/embedding.md. */
export type CoreFunction =
  | 'makePlan'
  | 'makeQuery'
  | 'describePlan'
  | 'describeInstructions'
  | 'inspectObject'
  | 'inspectInstructions'
  | 'inspectKernel'
  | 'describeTypes'
  | 'extractBtf';

export type InputKind = keyof typeof INPUTS;

export interface CoreInput {
  readonly kind: InputKind;
  readonly bytes: Bytes;
}

const MIB = 2 ** 20;

/** docs/embedding.md, "Inputs". */
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

export interface CoreExports extends Record<string, unknown> {
  readonly memory: {readonly buffer: ArrayBuffer};
  abiVersion(): number;
  reset(keep: number): number;
  input(kind: number, size: number): number;
  /** Cores of before it hash by themselves. */
  lendSha256?(): void;
  hashPointer(): number;
  hashSize(): number;
  digestPointer(): number;
  makePlan(): number;
  makeQuery(): number;
  describePlan(): number;
  describeInstructions(): number;
  inspectObject(): number;
  inspectInstructions(): number;
  inspectKernel(): number;
  describeTypes(): number;
  extractBtf(): number;
  outputPointer(): number;
  outputSize(): number;
}

interface PlacedInput {
  readonly kind: InputKind;
  readonly pointer: number;
  readonly size: number;
}

const ABI_VERSION = 2;

/** docs/embedding.md, "Status". */
const DONE = 0;
const FAULTS = 1;
const HASH = 5;

/** What they answer depends on whether there is a kernel: one that was not handed over must not be there. */
const USES_KERNEL: ReadonlySet<CoreFunction> = new Set([
  'makePlan',
  'makeQuery',
  'describeInstructions',
  'inspectKernel',
]);

/**
 * An instance of the core, for one call after the other. Between calls it keeps the last kernel's BTF: most
 * plans are for the kernel that the one before was for, and then it is compared, and not copied,
 * hashed and walked again.
 */
export class CoreInstance {
  /** False after a trap: it may hold anything. */
  usable = true;
  #placed: PlacedInput[] = [];
  #kernel: PlacedInput | undefined;

  /** @throws {CoreBug} It is a core of another ABI. */
  constructor(readonly exports: CoreExports) {
    const version = this.#guarded(() => exports.abiVersion());
    if (version === ABI_VERSION) return;
    throw new CoreBug(`the core has ABI ${version}, this library knows ${ABI_VERSION}`, []);
  }

  /** Bytes of its memory. */
  get size(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** Calls a function, and returns a copy of its output. Errors are those of `callCore`. */
  call(name: CoreFunction, inputs: readonly CoreInput[]): Uint8Array {
    const kernel = inputs.find(({kind}) => kind === 'kernelBtf');
    this.#begin(name, kernel);
    if (kernel !== undefined && this.#kernel === undefined) this.#kernel = this.#place(kernel);
    for (const input of inputs) if (input !== kernel) this.#place(input);
    const status = this.#run(name);
    const output = this.#copyOutput();
    if (status === DONE) return output;
    const faults = parseFaults(output);
    if (status === FAULTS && faults !== undefined) throw new PlanError(faults);
    this.usable = false;
    const text = faults?.[0]?.message ?? 'no reason given';
    throw new CoreBug(`${name} ended with status ${status}: ${text}`, this.#digests());
  }

  /** Hashes for the core where it asks for that: a large plan is mostly the hashing of it. */
  #run(name: CoreFunction): number {
    const core = this.exports;
    const sha256 = lentSha256;
    if (sha256 === undefined) return this.#guarded(() => core[name]());
    this.#guarded(() => core.lendSha256?.());
    let status = this.#guarded(() => core[name]());
    while (status === HASH) {
      this.#guarded(() => answerHash(core, sha256));
      status = this.#guarded(() => core[name]());
    }
    return status;
  }

  /** Forgets the inputs of the call before, but for a kernel that this call does not change. */
  #begin(name: CoreFunction, kernel: CoreInput | undefined): void {
    this.#placed = [];
    const fits = kernel === undefined ? !USES_KERNEL.has(name) : this.#holds(kernel.bytes);
    const keep = this.#kernel !== undefined && fits;
    const kept = this.#guarded(() => this.exports.reset(keep ? 1 : 0)) === 1;
    if (!kept) this.#kernel = undefined;
    else if (this.#kernel !== undefined) this.#placed.push(this.#kernel);
  }

  #holds(bytes: Bytes): boolean {
    if (this.#kernel === undefined) return false;
    const {pointer, size} = this.#kernel;
    const held = new Uint8Array(this.exports.memory.buffer, pointer, size);
    if (bytes instanceof Uint8Array) return bytesEqual(held, bytes);
    return bytes.size === size && bytes.isSame?.(held) === true;
  }

  #place({kind, bytes}: CoreInput): PlacedInput {
    const size = bytes instanceof Uint8Array ? bytes.length : bytes.size;
    const {number, text} = INPUTS[kind];
    const bytesMax = INPUT_BYTES_MAX[kind];
    const pointer =
      size > bytesMax ? 0 : this.#guarded(() => this.exports.input(number, size)) >>> 0;
    if (pointer === 0) {
      throw new InputError('INPUT_SIZE', {
        what: `${text} has ${size} bytes, which the core does not take`,
        why: `it takes at most ${bytesMax} bytes`,
      });
    }
    const placed = {kind, pointer, size};
    const target = new Uint8Array(this.exports.memory.buffer, pointer, size);
    if (bytes instanceof Uint8Array) target.set(bytes);
    else bytes.readInto(target);
    this.#placed.push(placed);
    return placed;
  }

  /** Anything thrown out of a module that imports nothing is a trap. */
  #guarded<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      this.usable = false;
      const text = this.#trapText() ?? (cause instanceof Error ? cause.message : String(cause));
      throw new CoreBug(`the core trapped: ${text}`, this.#digests(), {cause});
    }
  }

  /** What the core said before it trapped, if it came to that. */
  #trapText(): string | undefined {
    try {
      return parseFaults(this.#copyOutput())?.[0]?.message;
    } catch {
      return undefined;
    }
  }

  #copyOutput(): Uint8Array {
    const pointer = this.exports.outputPointer() >>> 0;
    return new Uint8Array(this.exports.memory.buffer).slice(
      pointer,
      pointer + (this.exports.outputSize() >>> 0),
    );
  }

  #digests() {
    return this.#placed.map(({kind, pointer, size}) => {
      const bytes = new Uint8Array(this.exports.memory.buffer, pointer, size);
      return {kind, size, sha256: sha256Hex(bytes)};
    });
  }
}

function answerHash(core: CoreExports, sha256: (bytes: Uint8Array) => Uint8Array): void {
  const {buffer} = core.memory;
  const bytes = new Uint8Array(buffer, core.hashPointer() >>> 0, core.hashSize() >>> 0);
  new Uint8Array(buffer).set(sha256(bytes), core.digestPointer() >>> 0);
}

function parseFaults(output: Uint8Array): FaultReport['faults'] | undefined {
  try {
    const report: FaultReport = JSON.parse(new TextDecoder().decode(output));
    return report.schema === 'structops.faults/1' ? report.faults : undefined;
  } catch {
    return undefined;
  }
}
