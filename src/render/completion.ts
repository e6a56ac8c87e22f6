import type {CommandText, OptionText} from '../commands/command_tree.js';

/** The shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** A script that completes commands, options and files; it starts no process. */
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
  const cases = named(commands).flatMap(({name, options, choices}) => [
    `\t\t${name})`,
    `\t\t\toptions='${options.flatMap(flagsOf).join(' ')}'`,
    `\t\t\twith_value='${options
      .filter(one => one.takesValue)
      .flatMap(flagsOf)
      .join(' ')}'`,
    `\t\t\twords='${choices.join(' ')}'`,
    '\t\t\t;;',
  ]);
  return [
    '# bash completion for structops: source it, or put it into',
    '# ~/.local/share/bash-completion/completions/structops',
    '_structops() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    '\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}',
    "\tlocal options='' with_value='' words=''",
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
    '\t\t*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;',
    '\tesac',
    '}',
    'complete -o default -F _structops structops',
  ];
}

function zshLines(commands: readonly CommandText[]): string[] {
  const cases = named(commands).flatMap(({name, options, choices}) => [
    `\t\t\t\t${name})`,
    '\t\t\t\t\t_arguments \\',
    ...options.flatMap(zshOption).map(spec => `\t\t\t\t\t\t${spec} \\`),
    `\t\t\t\t\t\t${choices.length > 0 ? `'1:word:(${choices.join(' ')})'` : "'*:file:_files'"}`,
    '\t\t\t\t\t;;',
  ]);
  return [
    '#compdef structops',
    '# zsh completion for structops: put it into a directory of $fpath as _structops',
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
    ...programOptions(commands).map(option => fishOption(first, option)),
    ...named(commands).flatMap(({name, options, choices}) => {
      const here = `-n '__fish_seen_subcommand_from ${name}'`;
      return [
        ...options.map(option => fishOption(here, option)),
        ...choices.map(choice => `complete -c structops ${here} -f -a ${choice}`),
      ];
    }),
  ];
}

function fishOption(condition: string, {long, short, description, takesValue}: OptionText): string {
  const words = [
    `complete -c structops ${condition} -l ${long.slice(2)}`,
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
