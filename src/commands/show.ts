import {Command} from 'commander';
import {renderPlan} from '../render/plan.js';
import {screenOf} from '../render/screen.js';
import {readPlan} from './inputs.js';
import {type OutputOptions, printJson, printLine} from './output.js';

const EXAMPLES = `
Examples:
  structops show second.plan
  diff <(structops show --json old.plan) <(structops show --json new.plan)
`;

export function showCommand(): Command {
  return new Command('show')
    .summary('a kept plan, as a dry run')
    .description('Shows a plan that `structops plan -o` kept, from its bytes alone.')
    .argument('<plan>', 'a kept plan; - is standard input')
    .option('--json', 'print structops.plan/1, with every byte (docs/plan-json.md)')
    .addHelpText('after', EXAMPLES)
    .action((path: string, {json = false}: OutputOptions) => {
      const description = readPlan(path).describe();
      if (json) printJson(description);
      else printLine(renderPlan(description, screenOf(process.stdout)));
    });
}
