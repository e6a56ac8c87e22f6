import {Command} from 'commander';
import {declarationsOf, describeTypes} from '../inspect/declarations.js';
import {readObject} from './inputs.js';
import {type OutputOptions, printJson, printLine, writeOutput} from './output.js';

const EXAMPLES = `
Examples:
  structops types second.bpf.o -o second.types.ts
  structops types second.bpf.o --name Second --json

  import type {Second} from './second.types.js';
  await loadObject<Second>({…, settings: {set: {window_min: 4}}});
`;

interface Options extends OutputOptions {
  readonly output?: string;
  readonly name?: string;
}

export function typesCommand(): Command {
  return new Command('types')
    .summary('TypeScript declarations of what can be set in an object')
    .description(
      "Declares an object's variables, members, maps and programs in TypeScript, so that\n" +
        'settings with a wrong name or type are refused at compile time. Needs no kernel.',
    )
    .argument('<object>', 'a compiled BPF object; - is standard input')
    .option('-o, --output <file>', 'write them to a file')
    .option('--name <name>', "of the interface (default: made from the file's)")
    .option('--json', 'print structops.types/1 (docs/embedding.md)')
    .addHelpText('after', EXAMPLES)
    .action((path: string, {json = false, output, name}: Options) => {
      const types = describeTypes(readObject(path));
      const declarations = declarationsOf(types, name);
      if (output !== undefined) writeOutput(output, 'the declarations', declarations);
      if (json) printJson(types);
      else if (output === undefined) printLine(declarations.trimEnd());
    });
}
