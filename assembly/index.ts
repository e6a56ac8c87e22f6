/** The core's ABI, see docs/embedding.md. */
import {aborted, abortText} from './abort';
import {ByteWriter} from './bytes/byte_writer';
import {heapMark, heapRelease} from './bytes/heap';
import {
  answerPointer,
  askedBytes,
  askedPointer,
  asksForSha256,
  lendSha256 as lend,
  SHA256_SIZE,
} from './bytes/lent_sha256';
import {Input} from './fault/fault';
import {FaultCode} from './fault/fault_code';
import {writeFaults} from './fault/fault_json';
import {Faults} from './fault/faults';
import {InputBytes, Inputs} from './inputs';
import {describeTypes as types} from './inspect/describe_types';
import {inspectInstructions as inspectInsns} from './inspect/inspect_instructions';
import {inspectKernel as inspectBtf} from './inspect/inspect_kernel';
import {inspectObject as inspect} from './inspect/inspect_object';
import {BtfInput} from './kernel/btf_input';
import {BtfWindows, WindowStep} from './kernel/btf_windows';
import {extractBtf as extract} from './kernel/extract_btf';
import {makePlan as plan} from './make_plan';
import {describePlan as describe} from './plan/plan_describe';
import {digestedSize, sealPlan} from './plan/plan_encode';
import {describeInstructions as instructions} from './plan/plan_instructions';
import {makeQuery as query} from './plan/plan_query';
import {PlanInWindows} from './plan_in_windows';

const DONE: u32 = 0;
const FAULTS: u32 = 1;
const MISUSE: u32 = 2;
const MORE: u32 = 3;
const WHOLE: u32 = 4;
const HASH: u32 = 5;

/** After all that modules keep in variables of their own. */
const start = heapMark();
let inputs = new Inputs();
let output = new ByteWriter();
/** The vmlinux BTF, if it was handed over before all else, and a mark behind it; or null. */
let kept: BtfInput | null = null;
let keptEnd: usize = 0;
/** With `inputs.windows`. */
let inWindows: PlanInWindows | null = null;
/** A plan whose digest the host was asked for. */
let unsealed: ByteWriter | null = null;
/** What a failed assertion said is written once. */
let bugTold = false;

export function abiVersion(): u32 {
  return 2;
}

/** Forgets everything, as in a new instance; with `keep` all but the vmlinux BTF, if it was handed over first. */
export function reset(keep: u32): u32 {
  const kernel: BtfInput | null = keep == 0 || aborted() ? null : kept;
  heapRelease(kernel === null ? start : keptEnd);
  if (kernel !== null) {
    kernel.keep();
    keptEnd = heapMark();
  }
  kept = kernel;
  inputs = new Inputs();
  inputs.kernelBtf = kernel;
  inWindows = null;
  unsealed = null;
  output = new ByteWriter();
  lend(false);
  return kernel === null ? 0 : 1;
}

/** Where to write `size` bytes of an input; 0 when it is refused. */
export function input(kind: u32, size: u32): usize {
  const isFirst = inputs.size == 0 && output.size == 0 && kept === null;
  const at = inputs.take(kind, size);
  if (isFirst && inputs.kernelBtf !== null) {
    kept = inputs.kernelBtf;
    keptEnd = heapMark();
  }
  return at;
}

/** Makes ready for a vmlinux BTF of `size` bytes that makePlan() asks for window by window; 0 when it is refused. */
export function inputInWindows(kind: u32, size: u32): u32 {
  if (!inputs.takeInWindows(kind, size)) return 0;
  inWindows = new PlanInWindows();
  return 1;
}

/** What makePlan() asks for after the status 3: where to write, from where in the file, and how many bytes. */
export function windowPointer(): usize {
  const windows = inputs.windows;
  return windows === null ? 0 : windows.at;
}

export function windowOffset(): u32 {
  const windows = inputs.windows;
  return windows === null ? 0 : windows.offset;
}

export function windowSize(): u32 {
  const windows = inputs.windows;
  return windows === null ? 0 : windows.length;
}

/** The host hashes for the core from now to the next `reset`: see the status 5. */
export function lendSha256(): void {
  lend(true);
}

/** What is asked for with the status 5: the SHA-256 of which bytes, and where to write it. */
export function hashPointer(): usize {
  return askedPointer();
}

export function hashSize(): u32 {
  return askedBytes();
}

export function digestPointer(): usize {
  return answerPointer();
}

export function makePlan(): u32 {
  const made = unsealed;
  if (made !== null) return seal(made);
  const object = inputs.object;
  const windows = inputs.windows;
  if (object !== null && windows !== null) return asks(object) ? HASH : planInWindows(windows);
  const faults = begin();
  if (object === null) return missing('the object', Input.Object, faults);
  if (inputs.kernelBtf === null) return missing("the kernel's BTF", Input.Kernel, faults);
  if (asks(object)) return HASH;
  return plan(inputs, output, faults) ? seal(output) : end(false, faults);
}

export function makeQuery(): u32 {
  const faults = begin();
  if (inputs.options === null) return missing('the options', Input.Options, faults);
  return end(query(inputs, output, faults), faults);
}

export function describePlan(): u32 {
  const faults = begin();
  const bytes = inputs.plan;
  if (bytes === null) return missing('the plan', Input.Plan, faults);
  if (asksOfPlan(bytes)) return HASH;
  return end(describe(bytes.at, bytes.size, output, faults), faults);
}

export function describeInstructions(): u32 {
  const faults = begin();
  const bytes = inputs.plan;
  if (bytes === null) return missing('the plan', Input.Plan, faults);
  if (asksOfPlan(bytes)) return HASH;
  return end(instructions(bytes, inputs, output, faults), faults);
}

export function inspectObject(): u32 {
  const faults = begin();
  const bytes = inputs.object;
  if (bytes === null) return missing('the object', Input.Object, faults);
  if (asks(bytes)) return HASH;
  return end(inspect(bytes.at, bytes.size, inputs.objectName, output, faults), faults);
}

export function describeTypes(): u32 {
  const faults = begin();
  const bytes = inputs.object;
  if (bytes === null) return missing('the object', Input.Object, faults);
  return end(types(bytes.at, bytes.size, inputs.objectName, output, faults), faults);
}

export function inspectInstructions(): u32 {
  const faults = begin();
  const bytes = inputs.object;
  if (bytes === null) return missing('the object', Input.Object, faults);
  return end(inspectInsns(bytes.at, bytes.size, inputs.objectName, output, faults), faults);
}

export function inspectKernel(): u32 {
  const faults = begin();
  if (inputs.kernelBtf === null) return missing("the kernel's BTF", Input.Kernel, faults);
  return end(inspectBtf(inputs, output, faults), faults);
}

/** The raw BTF in a kernel's own file: what `/sys/kernel/btf/vmlinux` of it would be. */
export function extractBtf(): u32 {
  const faults = begin();
  const image = inputs.kernelImage;
  if (image === null) return missing('the kernel image', Input.Kernel, faults);
  const btf = extract(image.at, image.size, faults);
  if (btf !== null) output.bytes(btf.at, btf.size);
  return end(btf !== null, faults);
}

export function outputPointer(): usize {
  tellBug();
  return output.pointer;
}

export function outputSize(): u32 {
  tellBug();
  return output.size;
}

function planInWindows(windows: BtfWindows): u32 {
  const plan = inWindows!;
  const step = plan.run(inputs, windows);
  output = plan.out;
  if (step == WindowStep.Fill) return MORE;
  if (step == WindowStep.Whole) return WHOLE;
  return plan.faults.any ? end(false, plan.faults) : seal(output);
}

/** The last of a plan: its digest, by the host if that lends it. */
function seal(plan: ByteWriter): u32 {
  const asks = asksForSha256(plan.pointer, digestedSize(plan));
  unsealed = asks ? plan : null;
  if (!asks) sealPlan(plan);
  output = asks ? new ByteWriter() : plan;
  return asks ? HASH : DONE;
}

function asks(bytes: InputBytes): bool {
  return asksForSha256(bytes.at, bytes.size);
}

/** Of a plan all but the digest itself. */
function asksOfPlan(bytes: InputBytes): bool {
  return bytes.size > SHA256_SIZE && asksForSha256(bytes.at, bytes.size - SHA256_SIZE);
}

function begin(): Faults {
  unsealed = null;
  output = new ByteWriter();
  return new Faults();
}

function missing(what: string, where: Input, faults: Faults): u32 {
  faults.add(FaultCode.INPUT_MISSING, `${what} was not handed over`).in(where);
  writeFaults(faults, output);
  return MISUSE;
}

function end(done: bool, faults: Faults): u32 {
  if (done) return DONE;
  assert(faults.any, 'refused without a reason');
  output = new ByteWriter();
  writeFaults(faults, output);
  return FAULTS;
}

/** After a trap by an assertion the output is the report of it. */
function tellBug(): void {
  if (!aborted() || bugTold) return;
  bugTold = true;
  const faults = begin();
  faults.add(FaultCode.CORE_BUG, abortText()).in(Input.None);
  writeFaults(faults, output);
}
