/** For tests only: the parts of the core one by one, as `build/probe.wasm`. */
import './abort';
import {ByteWriter} from './bytes/byte_writer';
import {sha256} from './bytes/sha256';
import {StringSection} from './bytes/string_section';
import {xxh64} from './bytes/xxh64';
import {Input} from './fault/fault';
import {FaultCode} from './fault/fault_code';
import {writeFaults} from './fault/fault_json';
import {faultEntry} from './fault/fault_table';
import {Faults} from './fault/faults';
import {INSN_SIZE, isLdimm64} from './insn/bpf_insn';
import {InsnText} from './insn/insn_text';
import {JsonWriter} from './json/json_writer';
import {kfuncSince, kindSince, mapTypeSince} from './kernel/since';
import {describePlan} from './plan/plan_describe';

let output = new ByteWriter();

/** Room for `size` bytes of input. */
export function room(size: u32): usize {
  return heap.alloc(size);
}

export function outputPointer(): usize {
  return output.pointer;
}

export function outputSize(): u32 {
  return output.size;
}

export function probeSha256(from: usize, size: u32): void {
  const digest = heap.alloc(32);
  sha256(from, size, digest);
  output = new ByteWriter();
  output.bytes(digest, 32);
}

export function probeXxh64(from: usize, size: u32): u64 {
  return xxh64(from, size);
}

/** For each offset of a string section a byte: 1 where a name is longer than names may be. */
export function longNames(from: usize, size: u32): void {
  const section = new StringSection(from, size);
  output = new ByteWriter();
  for (let offset: u32 = 0; offset < size; offset++) output.u8(section.isLong(offset) ? 1 : 0);
}

/** A line for each instruction. */
export function instructions(from: usize, size: u32): void {
  output = new ByteWriter();
  const text = new InsnText(output);
  for (let at = from; at < from + size; at += INSN_SIZE) {
    text.write(at);
    output.u8(0x0a);
    if (isLdimm64(at)) at += INSN_SIZE;
  }
}

export function jsonOfBytes(from: usize, size: u32): void {
  writer().bytesText(from, size);
}

/** `size` bytes of UTF-16. */
export function jsonOfUtf16(from: usize, size: u32): void {
  writer().text(String.UTF16.decodeUnsafe(from, size));
}

export function jsonOfHex(from: usize, size: u32): void {
  writer().hex(from, size);
}

export function jsonOfNumber(value: u64): void {
  writer().number(value);
}

/** Everything that a document may hold, nested and empty. */
export function jsonOfEverything(): void {
  const json = writer();
  json.beginObject();
  json.key('empty');
  json.beginArray();
  json.beginObject();
  json.endObject();
  json.beginArray();
  json.endArray();
  json.endArray();
  json.key('values');
  json.beginArray();
  json.number(0);
  json.text('');
  json.bytesText(0, 0);
  json.hex(0, 0);
  json.boolean(true);
  json.boolean(false);
  json.nothing();
  json.endArray();
  json.key('last');
  json.beginObject();
  json.key('a');
  json.number(1);
  json.key('b');
  json.number(2);
  json.endObject();
  json.endObject();
  json.endLine();
}

/** The name and the hint of a fault code as JSON; `[]` for no code. */
export function faultTexts(code: u32): void {
  const json = writer();
  const entry = faultEntry(<FaultCode>code);
  json.beginArray();
  if (entry !== null) {
    json.text(entry.name);
    json.text(entry.hint);
  }
  json.endArray();
}

/** Since when Linux has a kfunc, or a kind of struct_ops; empty: not known. */
export function sinceOfKfunc(name: usize, size: u32): void {
  writer().text(kfuncSince(String.UTF8.decodeUnsafe(name, size)));
}

export function sinceOfKind(name: usize, size: u32): void {
  writer().text(kindSince(String.UTF8.decodeUnsafe(name, size)));
}

export function sinceOfMapType(type: u32): void {
  writer().text(mapTypeSince(type));
}

/** One fault that has everything, and one that has nothing. */
export function faultsOfEveryShape(): void {
  const faults = new Faults();
  faults
    .add(FaultCode.KERN_MEMBER_SIZE, 'a message with "quotes"')
    .in(Input.Kernel)
    .at(u64.MAX_VALUE - 1)
    .ofSection('.struct_ops')
    .ofSymbol('x')
    .ofMember('s', 'm')
    .differs('1 byte', '2 bytes')
    .advise('own advice');
  faults.add(FaultCode.INPUT_MISSING, '').in(Input.None);
  output = new ByteWriter();
  writeFaults(faults, output);
}

/** 0: the output is `structops.plan/1`; 1: `structops.faults/1`. */
export function describe(plan: usize, size: u32): u32 {
  const faults = new Faults();
  output = new ByteWriter();
  if (describePlan(plan, size, output, faults)) return 0;
  assert(output.size == 0 && faults.count == 1, 'a description and faults at once');
  writeFaults(faults, output);
  return 1;
}

function writer(): JsonWriter {
  output = new ByteWriter();
  return new JsonWriter(output);
}
