// A whole host of the core in plain JavaScript, for any engine: docs/embedding.md has the ABI.
const KIND = {
  object: 1,
  kernelBtf: 2,
  moduleBtf: 3,
  objectName: 5,
  moduleName: 6,
  options: 7,
  kconfig: 8,
};
const DONE = 0;
const FAULTS = 1;

export class Core {
  #exports;

  /** @param {Uint8Array} wasm - the bytes of build/core.wasm */
  constructor(wasm) {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
    const version = this.#exports.abiVersion();
    if (version !== 2) throw new Error(`the core has ABI ${version}`);
  }

  /**
   * One plan. Inputs are pairs of a kind and bytes; a module's name goes before its BTF.
   * Gives {plan} or {faults}; throws when the core breaks off, which is a defect of it.
   */
  plan(inputs) {
    this.#exports.reset(0);
    for (const [kind, bytes] of inputs) this.#give(kind, bytes);
    const status = this.#exports.makePlan();
    if (status === DONE) return {plan: this.#output()};
    const {faults} = JSON.parse(new TextDecoder().decode(this.#output()));
    if (status === FAULTS) return {faults};
    throw new Error(`status ${status}: ${faults[0].message}`);
  }

  #give(kind, bytes) {
    const at = this.#exports.input(KIND[kind], bytes.length) >>> 0;
    if (at === 0) throw new Error(`the core does not take ${bytes.length} bytes of ${kind}`);
    // Made anew each time: memory that grows leaves old views empty.
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
  }

  /** A copy: the next call writes over it. */
  #output() {
    const at = this.#exports.outputPointer() >>> 0;
    const size = this.#exports.outputSize() >>> 0;
    return new Uint8Array(this.#exports.memory.buffer).slice(at, at + size);
  }
}

/** The lines that every program of this directory prints: the plan's SHA-256, or codes of faults. */
export async function lineOf(core, object, kernel) {
  const name = new TextEncoder().encode(object.name);
  const inputs = [
    ['kernelBtf', kernel.bytes],
    ['object', object.bytes],
    ['objectName', name],
  ];
  const {plan, faults} = core.plan(inputs);
  const digest = plan && new Uint8Array(await crypto.subtle.digest('SHA-256', plan));
  const hex = digest && [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return `${hex ?? faults.map(({code}) => code).join()} ${object.name} ${kernel.name}`;
}
