import type {CommandText, OptionText} from '../commands/command_tree.js';

/** The shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** What names of what is in force come from; it says nothing where this user may not see them. */
const REGISTERED = 'structops list --names 2> /dev/null';

/** A script that completes commands, options, files, and names of what is in force. */
export function completionScript(shell: Shell, commands: readonly CommandText[]): string {
  const lines = {bash: bashLines, zsh: zshLines, fish: fishLines}[shell](commands);
  return `${lines.join('\n')}\n`;
}

const named = (commands: readonly CommandText[]) => commands.filter(({name}) => name !== '');
const programOptions = (commands: readonly CommandText[]) => commands[0]?.options ?? [];
const flagsOf = ({short, long}: OptionText) => [...(short === undefined ? [] : [short]), long];

function bashLines(commands: readonly CommandText[]): string[] {
  const first = [
    ...named(commands).map(({name}) => name),
    ...programOptions(commands).flatMap(flagsOf),
  ];
  const cases = named(commands).flatMap(({name, options, choices, endings, takesRegistered}) => [
    `\t\t${name})`,
    `\t\t\toptions='${options.flatMap(flagsOf).join(' ')}'`,
    `\t\t\twith_value='${options
      .filter(one => one.takesValue)
      .flatMap(flagsOf)
      .join(' ')}'`,
    `\t\t\twords='${choices.join(' ')}'`,
    `\t\t\tendings='${endings.join(' ')}'`,
    ...(takesRegistered ? [`\t\t\twords=$(${REGISTERED})`] : []),
    '\t\t\t;;',
  ]);
  return [
    '# bash completion for structops: source it, or put it into',
    '# ~/.local/share/bash-completion/completions/structops',
    '_structops() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    '\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}',
    "\tlocal options='' with_value='' words='' endings='' ending files=()",
    '\tCOMPREPLY=()',
    '\tif [ "$COMP_CWORD" = 1 ]; then',
    `\t\tCOMPREPLY=($(compgen -W '${first.join(' ')}' -- "$current"))`,
    '\t\treturn',
    '\tfi',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    '\tcase ${COMP_WORDS[1]} in',
    ...cases,
    '\tesac',
    '\t# No word: then bash offers files.',
    '\tcase " $with_value " in *" $previous "*) return ;; esac',
    '\tcase $current in',
    '\t\t-*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;',
    '\t\t*)',
    '\t\t\tCOMPREPLY=($(compgen -W "$words" -- "$current"))',
    '\t\t\tfor ending in $endings; do',
    '\t\t\t\tmapfile -t files < <(compgen -f -X "!*$ending" -- "$current")',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    '\t\t\t\tCOMPREPLY+=("${files[@]}")',
    '\t\t\tdone',
    '\t\t\t[ -n "$endings" ] || return',
    '\t\t\tmapfile -t files < <(compgen -d -- "$current")',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    '\t\t\tCOMPREPLY+=("${files[@]}")',
    '\t\t\tcompopt -o filenames 2> /dev/null',
    '\t\t\t;;',
    '\tesac',
    '}',
    'complete -o default -F _structops structops',
  ];
}

function zshLines(commands: readonly CommandText[]): string[] {
  const cases = named(commands).flatMap(command => [
    `\t\t\t\t${command.name})`,
    '\t\t\t\t\t_arguments \\',
    ...command.options.flatMap(zshOption).map(spec => `\t\t\t\t\t\t${spec} \\`),
    `\t\t\t\t\t\t${zshArguments(command)}`,
    '\t\t\t\t\t;;',
  ]);
  return [
    '#compdef structops',
    '# zsh completion for structops: put it into a directory of $fpath as _structops',
    '_structops_registered() {',
    '\tlocal -a names',
    `\tnames=(\${(f)"$(${REGISTERED})"})`,
    "\t_wanted names expl 'in force' compadd -a names",
    '}',
    '_structops() {',
    '\tlocal context state line',
    '\tlocal -a commands',
    '\ttypeset -A opt_args',
    '\tcommands=(',
    ...named(commands).map(({name, summary}) => `\t\t${quoted(`${name}:${summary}`)}`),
    '\t)',
    '\t_arguments -C \\',
    ...programOptions(commands)
      .flatMap(zshOption)
      .map(spec => `\t\t${spec} \\`),
    "\t\t'1:command:->command' '*::argument:->argument'",
    '\tcase $state in',
    '\t\tcommand) _describe command commands ;;',
    '\t\targument)',
    '\t\t\tcase $words[1] in',
    ...cases,
    '\t\t\tesac',
    '\t\t\t;;',
    '\tesac',
    '}',
    'if [ "$funcstack[1]" = _structops ]; then _structops "$@"; else compdef _structops structops; fi',
  ];
}

function zshArguments({choices, endings, takesRegistered}: CommandText): string {
  if (choices.length > 0) return `'1:word:(${choices.join(' ')})'`;
  const patterns = endings.map(ending => `*${ending}`).join(' ');
  const files = endings.length === 0 ? [] : [quoted(`*:file:_files -g "${patterns}"`)];
  return [...(takesRegistered ? ["'1:name:_structops_registered'"] : []), ...files].join(' ');
}

/** `'--btf[its raw BTF]:value:_files'` for each spelling; options may come again. */
function zshOption(option: OptionText): string[] {
  const description = option.description.replace(/[[\]:\\]/g, '\\$&');
  const value = option.takesValue ? ':value:_files' : '';
  return flagsOf(option).map(flag => quoted(`*${flag}[${description}]${value}`));
}

function fishLines(commands: readonly CommandText[]): string[] {
  const first = '-n __fish_use_subcommand';
  return [
    '# fish completion for structops: put it into',
    '# ~/.config/fish/completions/structops.fish',
    ...named(commands).map(
      ({name, summary}) => `complete -c structops ${first} -f -a ${name} -d ${quoted(summary)}`,
    ),
    ...programOptions(commands).map(option => fishOption(`complete -c structops ${first}`, option)),
    ...named(commands).flatMap(({name, options, choices, endings, takesRegistered}) => {
      const here = `complete -c structops -n '__fish_seen_subcommand_from ${name}'`;
      const globs = endings.map(ending => `(commandline -ct)*${ending}`).join(' ');
      const files = `(for file in ${globs}; echo $file; end; __fish_complete_directories)`;
      return [
        ...options.map(option => fishOption(here, option)),
        ...choices.map(choice => `${here} -f -a ${choice}`),
        ...(takesRegistered ? [`${here} -f -a '(${REGISTERED})'`] : []),
        ...(globs === '' ? [] : [`${here} -f -a ${quoted(files)}`]),
      ];
    }),
  ];
}

function fishOption(here: string, {long, short, description, takesValue}: OptionText): string {
  const words = [
    `${here} -l ${long.slice(2)}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(takesValue ? ['-r'] : []),
    `-d ${quoted(description)}`,
  ];
  return words.join(' ');
}

/** In single quotes, as all three shells read them. */
function quoted(text: string): string {
  const oneLine = text.replace(/\s+/g, ' ');
  return `'${oneLine.replaceAll("'", "'\\''")}'`;
}
