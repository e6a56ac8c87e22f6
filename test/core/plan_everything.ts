/**
 * Run by Node and by Bun: plans every given object for every given kernel BTF, with the core and
 * the library of this checkout. Writes JSON lines: the engine, then for each plan its SHA-256 or
 * its faults.
 *
 * Arguments: the paths of the objects, `--`, the paths of the BTFs.
 */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {PlanError, planObject} from '../../src/index.js';

const split = process.argv.indexOf('--');
const objects = process.argv.slice(2, split);
const btfs = process.argv.slice(split + 1);

console.log(JSON.stringify(process.versions.bun === undefined ? 'V8' : 'JavaScriptCore'));
for (const btf of btfs) {
  const kernelBtf = readFileSync(btf);
  for (const path of objects) {
    const request = {object: readFileSync(path), objectName: basename(path), kernelBtf};
    const line = {kernel: basename(btf), object: basename(path), ...outcome(request)};
    console.log(JSON.stringify(line));
  }
}

function outcome(request: Parameters<typeof planObject>[0]) {
  try {
    const {bytes} = planObject(request);
    return {size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')};
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return {faults: error.faults.map(({code}) => code)};
  }
}
