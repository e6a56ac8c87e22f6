import {readdir, readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import type {Fault} from '../../src/faults.js';
import {renderFault} from '../../src/render/error.js';
import {screenOf} from '../../src/render/screen.js';
import {faultsOf, type Inputs, STATUS} from '../helpers/core_wasm.js';
import {core, smallKernel} from '../malformed/small_kernel.js';
import {REPOSITORY} from '../rig/cache.js';

/** docs/faults.md: every fault, from the one table of the core, with an example that it really gives. */

export const FAULTS_DOC = join(REPOSITORY, 'docs/faults.md');

const TABLES = ['fault_table', 'fault_table_object', 'fault_table_kernel'];
const ENTRY =
  /\/\*\*\s*((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*case FaultCode\.(\w+):\s*return new FaultEntry\(\s*'\w+',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),?\s*\)/g;

export interface FaultRow {
  readonly code: string;
  readonly number: number;
  readonly sentence: string;
  readonly cause: string;
  readonly remedy: string;
}

/** The table of the core, in the order of its numbers. */
export async function faultRows(): Promise<FaultRow[]> {
  const folder = join(REPOSITORY, 'assembly/fault');
  const codes = await readFile(join(folder, 'fault_code.ts'), 'utf8');
  const numbers = new Map(
    [...codes.matchAll(/^ {2}([A-Z0-9_]+) = (\d+),$/gm)].map(([, name, number]) => [
      name ?? '',
      Number(number),
    ]),
  );
  const texts = await Promise.all(TABLES.map(name => readFile(join(folder, `${name}.ts`), 'utf8')));
  const rows = texts.flatMap(text =>
    [...text.matchAll(ENTRY)].map(([, comment = '', code = '', single, double = '']) => {
      const words = comment.replace(/(^|\n)\s*\*\s*/g, ' ').trim();
      const [, sentence = '', cause = ''] = /^(.*?\.) ([A-Z].*)$/.exec(words) ?? [];
      const remedy = (single ?? double).replace(/\\(['"])/g, '$1');
      return {code, number: numbers.get(code) ?? 0, sentence, cause, remedy};
    }),
  );
  return rows.sort((a, b) => a.number - b.number);
}

export async function faultsDocument(): Promise<string> {
  const examples = await exampleFaults();
  const rows = await faultRows();
  const sections = rows.map(({code, number, sentence, cause, remedy}) => {
    const example = examples.get(code);
    return [
      `## ${code} (${number})`,
      '',
      `${sentence} ${cause}`,
      '',
      `Try: ${remedy}.`,
      ...(example === undefined ? [] : ['', ...exampleLines(example)]),
      '',
    ].join('\n');
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Faults

Every reason why structops refuses an input: its stable code and number, what it means, how it comes about and what to try.
Made from \`assembly/fault/\` by \`npm run docs\`. The examples are what the test objects of this repository give.
`;

function exampleLines(fault: Fault): string[] {
  const text = renderFault(fault, screenOf({isTTY: false}, {}));
  return text.split('\n').map(line => `    ${line}`);
}

/** By code, the first that the test objects give. */
async function exampleFaults(): Promise<ReadonlyMap<string, Fault>> {
  const examples = new Map<string, Fault>();
  for (const inputs of await exampleInputs()) {
    const name = inputs.plan === undefined ? 'makePlan' : 'describePlan';
    const answer = (await core()).call(name, inputs);
    if (answer.status === STATUS.done) continue;
    for (const fault of faultsOf(answer)) {
      if (!examples.has(fault.code)) examples.set(fault.code, fault);
    }
  }
  return examples;
}

async function exampleInputs(): Promise<Inputs[]> {
  const kernelBtf = await smallKernel();
  const folder = join(REPOSITORY, 'test/bpf');
  const names = (await readdir(folder, {recursive: true})).filter(name => name.endsWith('.bpf.o'));
  const objects = await Promise.all(names.sort().map(name => readFile(join(folder, name))));
  const [good = Buffer.alloc(0)] = objects;
  const options = (text: string) => ({...planOf(good, kernelBtf), options: Buffer.from(text)});
  return [
    ...objects.map((object, i) => planOf(object, kernelBtf, basename(names[i] ?? ''))),
    ...[Buffer.from('text'), good.subarray(0, 40), good.subarray(0, -9), withByte(good, 4, 1)].map(
      object => planOf(object, kernelBtf),
    ),
    ...[withByte(good, 5, 2), withByte(good, 16, 2), withByte(good, 18, 62)].map(object =>
      planOf(object, kernelBtf),
    ),
    ...[Buffer.from('text'), kernelBtf.subarray(0, 400), withByte(kernelBtf, 24, 99)].map(kernel =>
      planOf(good, kernel),
    ),
    options('set.no_such_variable=1\n'),
    options('create.no_such_variable=maybe\n'),
    {plan: Buffer.from('text')},
  ];
}

function planOf(object: Buffer, kernelBtf: Buffer, name = 'x.bpf.o'): Inputs {
  return {object, objectName: Buffer.from(name), kernelBtf};
}

function withByte(bytes: Buffer, offset: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(value, offset);
  return changed;
}
