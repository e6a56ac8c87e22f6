/** `cold_steps BTF OBJECT`: prints the milliseconds of each part of this process's first plan, as JSON. */
import {closeSync, fstatSync, openSync, readFileSync, readSync} from 'node:fs';
import {basename} from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {type CoreExports, give, mustPlan, type WebAssemblyOfNode} from './bare_core.js';

declare const WebAssembly: WebAssemblyOfNode;

const [btf = '', object = ''] = process.argv.slice(2);
const parts: Record<string, number> = {};

function timed<Result>(part: string, work: () => Result): Result {
  const start = performance.now();
  const result = work();
  parts[part] = performance.now() - start;
  return result;
}

/** As host_node.ts and open_input.ts read it, but for errors. */
function giveBtf(core: CoreExports): void {
  const fd = openSync(btf, 'r');
  const {size} = fstatSync(fd);
  // Before the view is made: it moves the memory.
  const pointer = core.input(2, size) >>> 0;
  const room = new Uint8Array(core.memory.buffer, pointer, size);
  const window = 256 * 1024;
  for (let at = 0; at < size; at += window) readSync(fd, room, at, Math.min(window, size - at), at);
  closeSync(fd);
}

function instantiate(): CoreExports {
  return new WebAssembly.Instance(module).exports as CoreExports;
}

setFlagsFromString('--wasm-tiering-budget=1000000000');
const wasm = timed('read core.wasm', () =>
  readFileSync(new URL('../build/core.wasm', import.meta.url)),
);
const module = timed('validate it', () => new WebAssembly.Module(wasm));
const first = timed('make an instance', instantiate);
timed('read the BTF into new memory', () => giveBtf(first));
timed('read the object', () => {
  give(first, 1, readFileSync(object));
  give(first, 5, Buffer.from(basename(object)));
});
timed('makePlan()', () => mustPlan(first));

// The module's code is there by now.
const second = instantiate();
giveBtf(second);
give(second, 1, readFileSync(object));
give(second, 5, Buffer.from(basename(object)));
timed('of it: running', () => mustPlan(second));
process.stdout.write(JSON.stringify(parts));
