import {PlanError, ShimError, StructopsError} from '../errors.js';
import type {Fault} from '../faults.js';
import {faultFacts} from './fault_facts.js';
import type {Screen} from './screen.js';
import {indented, printable, printableJson} from './text.js';

/** Lines of a log that fit on a screen or two. */
const LOG_LINES_MAX = 60;

/** What, where, why and what to try, for a terminal. */
export function renderError(error: unknown, screen: Screen): string {
  if (error instanceof PlanError) {
    const faults = error.faults.map(fault => renderFault(fault, screen));
    return [
      ...(error.subject === undefined ? [] : [`${printable(error.subject)}:`]),
      ...faults,
    ].join('\n\n');
  }
  if (!(error instanceof StructopsError)) return renderOurs(error, screen);
  const lines = [
    title(error.shortMessage, screen),
    ...reason(error.why),
    ...advice(error.hint, screen),
  ];
  const log = error instanceof ShimError ? error.verifierLog : undefined;
  return [...lines, ...(log === undefined ? [] : renderLog(log, screen))].join('\n');
}

/** An error that nobody foresaw is a defect of this package. */
function renderOurs(error: unknown, screen: Screen): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [title('a defect of structops itself; please report it:', screen), ...reason(stack)].join(
    '\n',
  );
}

/** One reason, with its place and what to try. */
export function renderFault(untrusted: Fault, screen: Screen): string {
  const fault = printableJson(untrusted);
  return [
    title(fault.message, screen),
    ...faultFacts(fault).flatMap(([name, text]) =>
      name === 'try' ? advice(text, screen) : [`  ${name}: ${text}`],
    ),
    screen.colors.dim(`  ${fault.code} (${fault.number})`),
  ].join('\n');
}

function title(text: string, {colors}: Screen): string {
  return `${colors.bold(colors.red('error:'))} ${printable(text)}`;
}

function reason(text: string): string[] {
  return indented(printableLines(text), 2);
}

function advice(text: string, {colors}: Screen): string[] {
  const [first, ...rest] = printableLines(text);
  if (first === undefined) return [];
  return [`  ${colors.green('try:')} ${first}`, ...indented(rest, 7)];
}

function printableLines(text: string): string[] {
  return text === '' ? [] : text.split('\n').map(printable);
}

/**
 * The end of a verifier log, where it says what is wrong: before Linux 7.3 in the last lines,
 * since then in sections named Reason, At and Suggestion, which stand at the end as well.
 */
export function renderLog(log: string, {colors}: Screen): string[] {
  // A log may have 64 MiB: only what is shown is looked at closely.
  const lines = log.trimEnd().split('\n');
  const skipped = Math.max(0, lines.length - LOG_LINES_MAX);
  const shown = lines.slice(skipped).map(line => printable(line.replaceAll('\t', '    ')));
  const more = `… ${skipped} lines before these: --log FILE keeps all`;
  return [
    '',
    colors.bold("the kernel's log:"),
    ...indented([...(skipped === 0 ? [] : [colors.dim(more)]), ...shown], 2),
  ];
}
