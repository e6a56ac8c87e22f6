import {Command} from 'commander';
import {listJson, shownOf} from '../render/registration_json.js';
import {renderRegistrations} from '../render/registrations.js';
import {screenOf} from '../render/screen.js';
import {printable} from '../render/text.js';
import {type ExecutorArguments, executorOptions, withExecutorOptions} from './executor_options.js';
import {type OutputOptions, printJson, printLine} from './output.js';

const EXAMPLES = `
Examples:
  sudo structops list                 what is in force, who holds it, since when
  sudo structops list --all           also maps that are not in force
  sudo structops list --json | jq -r '.registrations[] | [.id, .name] | @tsv'
`;

interface Options extends ExecutorArguments, OutputOptions {
  readonly all?: boolean;
  readonly names?: boolean;
}

export function listCommand(): Command {
  const command = new Command('list')
    .summary('what is in force, whatever loaded it')
    .description(
      'Lists the struct_ops of this machine with kind, link, map, programs, pins and holders;\n' +
        'also sockets, of a congestion control. What nobody holds is shown with its removal.',
    )
    .option('--all', 'also maps that are loaded, but not in force')
    .option('--names', 'only their names, one a line: for scripts')
    .option('--json', 'print structops.list/1 (docs/registrations.md)');
  return withExecutorOptions(command).addHelpText('after', EXAMPLES).action(runList);
}

async function runList({all = false, names, json, ...executor}: Options): Promise<void> {
  const {listRegistrations} = await import('../registered/list_registrations.js');
  const list = await listRegistrations(executorOptions(executor));
  if (json) printJson(listJson(list, all));
  else if (names) for (const {name} of shownOf(list, all)) printLine(printable(name));
  else printLine(renderRegistrations(list, all, screenOf(process.stdout)));
}
