import {Argument, Command} from 'commander';
import {completionScript, SHELLS, type Shell} from '../render/completion.js';
import {commandTree} from './command_tree.js';
import {printLine} from './output.js';

const EXAMPLES = `
Examples:
  structops completion bash | sudo tee /etc/bash_completion.d/structops
  structops completion zsh > "\${fpath[1]}/_structops"
  structops completion fish > ~/.config/fish/completions/structops.fish
`;

export function completionCommand(): Command {
  return new Command('completion')
    .summary('a script that completes commands, options and files')
    .description('Prints a script that makes a shell complete commands, options and files.')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, _options: object, command: Command) => {
      const program = command.parent as Command;
      printLine(completionScript(shell, commandTree(program)).trimEnd());
    });
}
