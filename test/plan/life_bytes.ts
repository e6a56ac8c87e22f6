/** Run by Bun: the core, an object, a kernel's BTF, then options of plans (`q` before those of a query): a SHA-256 for each. */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {CoreWasm} from '../helpers/core_wasm.js';

const [core = '', object = '', kernelBtf = '', ...lines] = process.argv.slice(2);
const wasm = new CoreWasm(readFileSync(core));
const inputs = {object: readFileSync(object), kernelBtf: readFileSync(kernelBtf)};
if (process.versions.bun === undefined) throw new Error('this is not Bun');
for (const line of lines) {
  const isQuery = line.startsWith('q ');
  const options = Buffer.from((isQuery ? line.slice(2) : line).replaceAll(' ', '\n'));
  const answer = isQuery
    ? wasm.call('makeQuery', {options})
    : wasm.call('makePlan', {...inputs, options});
  console.log(createHash('sha256').update(answer.output).digest('hex'));
}
