import type {Command} from 'commander';

/** What completion scripts and the manual page tell of a command; from its own definition. */
export interface CommandText {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Such as `plan [options] <object>`. */
  readonly usage: string;
  readonly options: readonly OptionText[];
  /** Words that its first argument may be; none: a file, or what is in force. */
  readonly choices: readonly string[];
  /** Whether its first argument is the name of what is in force. */
  readonly takesRegistered: boolean;
  /** How names of files end that it takes as arguments; none: it takes no file. */
  readonly endings: readonly string[];
  /** What its help says behind the options: examples and more. */
  readonly epilogue: string;
}

export interface OptionText {
  /** As the help shows it: `-o, --output <file>`. */
  readonly flags: string;
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly takesValue: boolean;
}

/** By the names of arguments. */
const FILE_ENDINGS: Readonly<Record<string, readonly string[]>> = {
  object: ['.o'],
  plan: ['.plan'],
  'plan|object': ['.plan', '.o'],
  old: ['.plan', '.o'],
  new: ['.plan', '.o'],
};

/** The program itself comes first, without a name. */
export function commandTree(program: Command): readonly CommandText[] {
  return [{...textOf(program), name: ''}, ...program.commands.map(textOf)];
}

function textOf(command: Command): CommandText {
  const help = command.createHelp();
  // Also those that its own help leaves to another command's.
  const options = [...command.options, help.visibleOptions(command).find(isHelp)];
  return {
    name: command.name(),
    summary: command.summary(),
    description: command.description(),
    usage: help.commandUsage(command),
    options: options.flatMap(option => {
      if (option?.long === undefined || option.long === null) return [];
      const {flags, long, short, description, required, optional} = option;
      const takesValue = required || optional;
      return [{flags, long, ...(short && {short}), description, takesValue}];
    }),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    takesRegistered: command.registeredArguments[0]?.name() === 'what',
    endings: [
      ...new Set(command.registeredArguments.flatMap(one => FILE_ENDINGS[one.name()] ?? [])),
    ],
    epilogue: epilogueOf(command),
  };
}

function isHelp({long}: {readonly long?: string | null | undefined}): boolean {
  return long === '--help';
}

/** Commander keeps such texts to itself until it prints the help. */
function epilogueOf(command: Command): string {
  let printed = '';
  const before = command.configureOutput();
  command.configureOutput({
    writeOut: text => {
      printed += text;
    },
  });
  command.outputHelp();
  command.configureOutput(before);
  return printed.slice(command.helpInformation().length).trim();
}
