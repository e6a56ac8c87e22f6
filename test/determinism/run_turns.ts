/**
 * Run by Node and by Bun: `run_turns.ts CORE DIRECTORY` makes the plans that standard input asks for, a line each: the case,
 * the memory (orders.ts), the object, the kernel, and where in the file `options` its lines are. Answers with a line each:
 * the case, the status, the SHA-256 of the output.
 */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {
  type CoreExports,
  CoreWasm,
  give,
  giveHash,
  KIND,
  outputOf,
  STATUS,
} from '../helpers/core_wasm.js';
import {MEMORY} from './orders.js';

const [core = '', directory = ''] = process.argv.slice(2);
const wasm = new CoreWasm(readFileSync(core));
const options = readFileSync(join(directory, 'options'));

const files = new Map<string, Buffer>();
function file(name: string): Buffer {
  const bytes = files.get(name) ?? readFileSync(join(directory, name));
  files.set(name, bytes);
  return bytes;
}

let instance: CoreExports = wasm.instantiate();
/** The kernel that the instance has; -1: none. */
let has = -1;

function prepare(memory: number, kernel: number): void {
  if (memory === MEMORY.new) {
    instance = wasm.instantiate();
  } else if (instance.reset(Number(memory === MEMORY.keep && has === kernel)) === 1) {
    return;
  }
  give(instance, 'kernelBtf', file(`kernel-${kernel}`));
  has = kernel;
}

interface Turn {
  readonly memory: number;
  readonly kernel: number;
  readonly object: number;
  readonly lines: Uint8Array;
  /** Whether this host hashes for the core. */
  readonly lends: boolean;
}

function giveOthers({object, lines, lends}: Turn): void {
  give(instance, 'object', file(`object-${object}`));
  if (lines.length > 0) give(instance, 'options', lines);
  if (lends) instance.lendSha256();
}

/** makePlan(), with what it wants hashed. */
function makePlan(): number {
  let status = instance.makePlan();
  for (; status === STATUS.hash; status = instance.makePlan()) giveHash(instance);
  return status;
}

function planWhole(turn: Turn): number {
  prepare(turn.memory, turn.kernel);
  giveOthers(turn);
  return makePlan();
}

function planInWindows(turn: Turn): number {
  const btf = file(`kernel-${turn.kernel}`);
  has = -1;
  instance.reset(0);
  instance.inputInWindows(KIND.kernelBtf, btf.length);
  giveOthers(turn);
  for (;;) {
    const status = makePlan();
    if (status !== STATUS.more) return status;
    const offset = instance.windowOffset();
    const size = instance.windowSize();
    const window = new Uint8Array(instance.memory.buffer, instance.windowPointer(), size);
    window.set(btf.subarray(offset, offset + size));
  }
}

const lines = readFileSync(0, 'utf8').trimEnd().split('\n');
const answers = lines.map(line => {
  const [index = 0, memory = 0, object = 0, kernel = 0, at = 0, size = 0] = line
    .split(' ')
    .map(Number);
  const lends = index % 2 === 1;
  const turn = {memory, kernel, object, lines: options.subarray(at, at + size), lends};
  const first = memory === MEMORY.windows ? planInWindows(turn) : STATUS.whole;
  const status = first === STATUS.whole ? planWhole(turn) : first;
  return `${index} ${status} ${createHash('sha256').update(outputOf(instance)).digest('hex')}\n`;
});
process.stdout.write(answers.join(''));
