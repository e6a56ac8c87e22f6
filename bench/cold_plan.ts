/** `cold_plan BTF OBJECT`: prints the milliseconds of this process's first plan. */
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {compileCore, openBtf, planObject} from '../src/index.js';

const [btf = '', object = ''] = process.argv.slice(2);
// As the command does for one plan.
setFlagsFromString('--wasm-tiering-budget=1000000000');
const start = performance.now();
planObject({
  object: readFileSync(object),
  objectName: basename(object),
  kernelBtf: openBtf(btf),
  core: compileCore(),
});
process.stdout.write(String(performance.now() - start));
