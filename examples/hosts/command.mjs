// `node command.mjs CORE OBJECT... -- BTF...`, also with Bun and Deno.
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import process from 'node:process';
import {Core, lineOf} from './core.mjs';

const [wasm, ...paths] = process.argv.slice(2);
const split = paths.indexOf('--');
const open = path => ({name: basename(path), bytes: readFileSync(path)});
const core = new Core(readFileSync(wasm));
for (const kernel of paths.slice(split + 1).map(open)) {
  for (const object of paths.slice(0, split).map(open))
    console.log(await lineOf(core, object, kernel));
}
