/** `cold_plan BTF OBJECT`: prints the milliseconds of this process's first plan. */
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {compileCore, openBtf, planObject} from '../src/index.js';

const [btf = '', object = ''] = process.argv.slice(2);
const start = performance.now();
planObject({
  object: readFileSync(object),
  objectName: basename(object),
  kernelBtf: openBtf(btf),
  core: compileCore(),
});
process.stdout.write(String(performance.now() - start));
