import type {CommandText} from '../commands/command_tree.js';

/** The manual page structops(1), for man(1): from the definitions that `--help` is made from. */
export function manPage(commands: readonly CommandText[], version: string): string {
  const [program, ...rest] = commands as readonly [CommandText, ...CommandText[]];
  const lines = [
    `.TH STRUCTOPS 1 "" "structops ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `structops \\- ${roff(program.description.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    ...rest.flatMap(({usage}) => ['.br', `.B ${roff(usage)}`]).slice(1),
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...rest.flatMap(commandLines),
    '.SH NOTES',
    ...verbatim(program.epilogue),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: CommandText): string[] {
  return [
    `.SS structops ${roff(command.name)}`,
    roff(command.description).replaceAll('\n', '\n.br\n'),
    ...optionLines(command),
    ...verbatim(command.epilogue),
  ];
}

function optionLines({options}: CommandText): string[] {
  return options.flatMap(({flags, description}) => ['.TP', `.B ${roff(flags)}`, roff(description)]);
}

function verbatim(text: string): string[] {
  return text === '' ? [] : ['.PP', '.nf', roff(text), '.fi'];
}

/** A line must not begin as a request does. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^(?=[.'])/gm, '\\&');
}
