import {Command} from 'commander';
import {inspectObject} from '../inspect/inspect_object.js';
import {renderInspection} from '../render/inspection.js';
import {screenOf} from '../render/screen.js';
import {readObject} from './inputs.js';
import {type OutputOptions, printJson, printLine} from './output.js';

const EXAMPLES = `
Examples:
  structops inspect second.bpf.o
  structops inspect second.bpf.o --json | jq '.externs[].name'
`;

export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('what an object declares and what it asks of a kernel')
    .description('Shows what an object declares and what it asks of a kernel. Needs no kernel.')
    .argument('<object>', 'a compiled BPF object; - is standard input')
    .option('--json', 'print structops.inspect/1 (docs/embedding.md)')
    .addHelpText('after', EXAMPLES)
    .action((path: string, {json = false}: OutputOptions) => {
      const inspection = inspectObject(readObject(path));
      if (json) printJson(inspection);
      else printLine(renderInspection(inspection, screenOf(process.stdout)));
    });
}
