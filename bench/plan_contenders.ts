import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {compileCore, openBtf, planObject} from '../src/index.js';
import {type CoreExports, give, mustPlan, type WebAssemblyOfNode} from './bare_core.js';
import type {Contender} from './contender.js';
import type {Workload} from './workload.js';

const WASM = new URL('../build/core.wasm', import.meta.url);
const COLD_PLAN = fileURLToPath(new URL('cold_plan.ts', import.meta.url));

/** As a library user has it: one plan after the other, for one kernel. */
export function planFromMemory({object, objectName, kernel, goal = 0.15}: Workload): Contender {
  const core = compileCore();
  const kernelBtf = readFileSync(kernel.btf);
  return {
    name: 'planObject(), BTF in memory',
    goal,
    run: async () => time(() => planObject({object, objectName, kernelBtf, core})),
  };
}

/**
 * The same for two kernels in turns, so that nothing of the one before can be kept. They differ in
 * the last letter of their last name, where it is found last.
 */
export function planForOtherKernel({object, objectName, kernel}: Workload): Contender {
  const core = compileCore();
  const kernelBtfs = [readFileSync(kernel.btf), readFileSync(kernel.btf)] as const;
  const last = kernelBtfs[1].length - 2;
  kernelBtfs[1].writeUInt8(kernelBtfs[1].readUInt8(last) ^ 1, last);
  let turn: 0 | 1 = 0;
  return {
    name: 'planObject(), another kernel than before',
    async run() {
      turn = turn === 0 ? 1 : 0;
      const kernelBtf = kernelBtfs[turn];
      return time(() => planObject({object, objectName, kernelBtf, core}));
    },
  };
}

/** The same, with the BTF read from its file, which is in the page cache. */
export function planFromFile({object, objectName, kernel}: Workload): Contender {
  const core = compileCore();
  const plan = () => planObject({object, objectName, kernelBtf: openBtf(kernel.btf), core});
  return {name: 'planObject(), reading the BTF', goal: 0.25, run: async () => time(plan)};
}

/** Of that: `makePlan()` alone, the inputs being in the memory of a fresh instance already. */
export function planAlone(workload: Workload): Contender {
  const instantiate = preparer(workload);
  return {
    name: 'of it: makePlan()',
    async run() {
      const {core} = instantiate();
      return time(() => mustPlan(core));
    },
  };
}

/** Of that: reading and `makePlan()`, in memory that was written to before. */
export function planAloneFromFile(workload: Workload): Contender {
  const instantiate = preparer(workload);
  const kernelBtf = openBtf(workload.kernel.btf);
  if (kernelBtf instanceof Uint8Array) throw new Error('the BTF was read at once');
  return {
    name: 'of it: reading, makePlan()',
    async run() {
      const {core, btfRoom} = instantiate();
      return time(() => {
        kernelBtf.readInto(btfRoom);
        mustPlan(core);
      });
    },
  };
}

/** The first plan of a new Node process: compile, read, plan. Node's own start is not counted. */
export function planCold({objectPath, kernel}: Workload): Contender {
  return {
    name: 'Node, cold',
    goal: 0.75,
    async run() {
      const args = ['--import=tsx', COLD_PLAN, kernel.btf, objectPath];
      return Number((await execa(process.execPath, args)).stdout);
    },
  };
}

declare const WebAssembly: WebAssemblyOfNode;

/** Makes fresh instances with all inputs in their memory. */
function preparer({object, objectName, kernel}: Workload) {
  const module = new WebAssembly.Module(readFileSync(WASM));
  const kernelBtf = readFileSync(kernel.btf);
  return () => {
    const core = new WebAssembly.Instance(module).exports as CoreExports;
    const rooms = [
      {kind: 2, bytes: kernelBtf},
      {kind: 1, bytes: object},
      {kind: 5, bytes: Buffer.from(objectName)},
    ].map(({kind, bytes}) => ({bytes, pointer: core.input(kind, bytes.length) >>> 0}));
    // Only now: a later input may move the memory.
    const [btfRoom] = rooms.map(({bytes, pointer}) => {
      const room = new Uint8Array(core.memory.buffer, pointer, bytes.length);
      room.set(bytes);
      return room;
    });
    if (btfRoom === undefined) throw new Error('no room for the BTF');
    return {core, btfRoom};
  };
}

/** Bytes of the core's memory after a plan, less those of the BTF. */
export function memoryBesideBtf(workload: Workload): number {
  return memoryParts(workload).besideBtf;
}

/** Bytes of the same, of a new instance, and of the plan in it. */
export function memoryParts(workload: Workload) {
  const module = new WebAssembly.Module(readFileSync(WASM));
  const fresh = (new WebAssembly.Instance(module).exports as CoreExports).memory.buffer.byteLength;
  const {core, btfRoom} = preparer(workload)();
  // Later the view may be empty.
  const btfSize = btfRoom.length;
  mustPlan(core);
  return {besideBtf: core.memory.buffer.byteLength - btfSize, fresh, plan: core.outputSize()};
}

/** Bytes of the core's memory after a plan for which the BTF came in windows. */
export function memoryInWindows({object, objectName, kernel}: Workload): number {
  const module = new WebAssembly.Module(readFileSync(WASM));
  const core = new WebAssembly.Instance(module).exports as CoreExports;
  const kernelBtf = readFileSync(kernel.btf);
  core.inputInWindows(2, kernelBtf.length);
  give(core, 1, object);
  give(core, 5, Buffer.from(objectName));
  mustPlan(core, kernelBtf);
  return core.memory.buffer.byteLength;
}

/** Milliseconds. */
function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
