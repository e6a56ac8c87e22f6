import {Command} from 'commander';
import {type DiagnoseOptions, diagnose} from '../doctor/diagnose.js';
import {renderDiagnosis} from '../render/diagnosis.js';
import {screenOf} from '../render/screen.js';
import {EXIT} from './exit_code.js';
import {type OutputOptions, printJson, printLine} from './output.js';

const EXAMPLES = `
Exits with 1 where something stands in the way of every struct_ops, else with 0.

Examples:
  structops doctor
  sudo structops doctor                            as root may do it
  structops doctor --json | jq '.findings[] | select(.severity != "ok")'
`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('whether this machine can do it, and what to change')
    .description(
      'Looks at what planning and applying need of this machine: BTF, kinds of struct_ops,\n' +
        'privileges, JIT, lockdown and more. Reads files only. docs/doctor.md has each finding.',
    )
    .option('--shim <file>', 'the executor to look for, instead of its usual places')
    .option('--root <dir>', 'look at the files of a machine below a directory')
    .option('--json', 'print structops.doctor/1 (docs/doctor.md)')
    .addHelpText('after', EXAMPLES)
    .action(({json = false, ...options}: DiagnoseOptions & OutputOptions) => {
      const diagnosis = diagnose(options);
      if (json) printJson(diagnosis);
      else printLine(renderDiagnosis(diagnosis, screenOf(process.stdout)));
      if (!diagnosis.usable) process.exitCode = EXIT.refused;
    });
}
