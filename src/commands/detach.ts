import {Command} from 'commander';
import {registrationJson} from '../render/registration_json.js';
import {renderDetached} from '../render/registrations.js';
import {screenOf} from '../render/screen.js';
import {type ExecutorArguments, executorOptions, withExecutorOptions} from './executor_options.js';
import {type OutputOptions, printJson, printLine} from './output.js';

const EXAMPLES = `
Examples:
  sudo structops detach so_second                  by its name
  sudo structops detach link:7                     by its link; map:41
  sudo structops detach /sys/fs/bpf/cc/so_second   by a pin
`;

interface Options extends ExecutorArguments, OutputOptions {}

export function detachCommand(): Command {
  const command = new Command('detach')
    .summary('take one out of force, whatever loaded it')
    .description(
      'Takes a struct_ops out of force and removes the pins that kept it. A process that holds\n' +
        'it goes on, with a link that does nothing any more.',
    )
    .argument('<what>', 'a name, link:ID, map:ID, or the path of a pin')
    .option('--json', 'print structops.detached/1 (docs/registrations.md)');
  return withExecutorOptions(command).addHelpText('after', EXAMPLES).action(runDetach);
}

async function runDetach(what: string, {json = false, ...executor}: Options): Promise<void> {
  const {detachRegistration} = await import('../registered/detach_registration.js');
  const registration = await detachRegistration(what, executorOptions(executor));
  if (json) {
    printJson({schema: 'structops.detached/1', ...registrationJson(registration)});
  } else {
    printLine(renderDetached(registration, screenOf(process.stdout)));
  }
}
