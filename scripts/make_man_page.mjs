import {writeFileSync} from 'node:fs';
import {commandTree} from '../dist/commands/command_tree.js';
import {createProgram} from '../dist/commands/program.js';
import {manPage} from '../dist/render/man_page.js';

/** dist/structops.1, out of what `structops --help` is made from. */
const program = await createProgram();
const page = manPage(commandTree(program), program.version());
writeFileSync(new URL('../dist/structops.1', import.meta.url), page);
