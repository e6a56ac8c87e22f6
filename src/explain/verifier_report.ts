import type {VerifierPlace} from './verifier_log.js';

/**
 * What Linux 7.3 writes behind the lines of the old form: why, where, how the program came there, and
 * what to do (the kernel's kernel/bpf/diagnostics.c). When it was new there, it had source and
 * instructions side by side; both forms are read.
 */
export interface VerifierReport {
  readonly title: string;
  readonly reason: string;
  readonly place: VerifierPlace;
  /** A line for each event that led there. */
  readonly path: readonly string[];
  /** Where a lock was taken that matters. */
  readonly lock?: VerifierPlace;
  readonly suggestion: string;
}

/** A place, and what is said of it. */
interface Event {
  readonly place: VerifierPlace;
  readonly text: string;
}

const TITLE = /^Verification failed: (.*)$/;
/** `Causal path:`; what belongs to it is indented. */
const SECTION = /^([A-Z][A-Za-z ]*):$/;
/** `  FUNCTION @ FILE:LINE:COLUMN`, without the function if it has no name. */
const HEAD = /^ {2}(?! )(?:\S+ @ )?(.+):(\d+):\d+$/;
/** The head where the program has no line information. */
const HEAD_OF_INSTRUCTION = /^ {2}insn \d+$/;
const SOURCE = /^ {2}>>> +\d+ \| (?!\([\da-f]{2}\) )(.*)$/;
/** An instruction beside a line of the source. */
const BESIDE = /(?: {2}| >>>) +\d+ \| \([\da-f]{2}\) .*$/;
const INSTRUCTION = />>> +(\d+) \| (\([\da-f]{2}\) .*)$/;
/** `| ^-- error: R0 is not readable`, which may go on in lines that have nothing before the bar. */
const SAID = /^ +\| +\^-- (.*)$/;
const SAID_FURTHER = /^ +\| {4,}(\S.*)$/;
/** The kernel's are shorter. What a line holds may be chosen by whoever made the object. */
const LINE_CHARACTERS = 512;
const NO_EVENTS = /^ *no retained diagnostic events/;

/** Whether a report begins with this line. */
export function beginsReport(line: string): boolean {
  return TITLE.test(line);
}

/** @param lines - From the one that begins it. A log may have several, of which this is the first. */
export function verifierReport([head = '', ...lines]: readonly string[]): VerifierReport {
  const sections = sectionsOf(lines);
  const textOf = (name: string) => (sections.get(name) ?? []).map(line => line.trim()).join(' ');
  const [at] = eventsOf(sections.get('At'));
  const [lock] = eventsOf(sections.get('Active lock'));
  return {
    title: TITLE.exec(head)?.[1]?.trim() ?? '',
    reason: textOf('Reason'),
    place: at?.place ?? {},
    path: eventsOf(sections.get('Causal path')).map(lineOf),
    ...(lock !== undefined && {lock: lock.place}),
    suggestion: textOf('Suggestion'),
  };
}

/** By their names; lines that are empty are none of theirs. */
function sectionsOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let section: string[] | undefined;
  for (const line of lines) {
    const name = SECTION.exec(line)?.[1];
    if (name !== undefined) {
      section = [];
      sections.set(name, section);
    } else if (line.startsWith('  ')) {
      section?.push(line.slice(0, LINE_CHARACTERS).trimEnd());
    } else if (line.trim() !== '') {
      break;
    }
  }
  return sections;
}

function eventsOf(lines: readonly string[] = []): Event[] {
  const blocks: string[][] = [];
  for (const line of lines) {
    const begins = HEAD.test(line) || HEAD_OF_INSTRUCTION.test(line);
    const block = blocks.at(-1);
    // What is not about a place, such as how many events are left out, is one of its own.
    if (begins || block === undefined || !/^ {4}|^ {2}(>>>|\w+ context:)/.test(line)) {
      blocks.push([line]);
    } else {
      block.push(line);
    }
  }
  return blocks.map(eventOf).filter(({text}) => !NO_EVENTS.test(text));
}

function eventOf(lines: readonly string[]): Event {
  const [head = ''] = lines;
  const [, file, line] = HEAD.exec(head) ?? [];
  const source = lines.map(one => SOURCE.exec(one)?.[1]).find(Boolean) ?? '';
  const [, index, instruction = ''] = lines.map(one => INSTRUCTION.exec(one)).find(Boolean) ?? [];
  const place = {
    ...(index !== undefined && {instruction: {index: Number(index), text: instruction.trim()}}),
    ...(file !== undefined && {
      source: {text: source.replace(BESIDE, '').trim(), file, line: Number(line)},
    }),
  };
  return {place, text: saidIn(lines) ?? head.trim()};
}

/** What stands below the line that is meant, without the breaks between its lines. */
function saidIn(lines: readonly string[]): string | undefined {
  const at = lines.findIndex(line => SAID.test(line));
  if (at < 0) return undefined;
  const further = lines.slice(at + 1).map(line => SAID_FURTHER.exec(line)?.[1]);
  const end = further.indexOf(undefined);
  return [SAID.exec(lines[at] ?? '')?.[1], ...further.slice(0, end < 0 ? undefined : end)].join(
    ' ',
  );
}

function lineOf({place: {source, instruction}, text}: Event): string {
  if (source !== undefined) return `${source.file}:${source.line}: ${source.text}: ${text}`;
  if (instruction === undefined) return text;
  return `instruction ${instruction.index}: ${instruction.text}: ${text}`;
}
