/** What a log of the kernel's verifier says, of the old form or of that of Linux 7.3. */
export interface VerifierExplanation {
  /** One sentence: why the program was refused. */
  readonly cause: string;
  /** More of it, as Linux 7.3 tells: the reason, how the program came there, what to change. */
  readonly reason?: string;
  readonly causalPath?: readonly string[];
  readonly suggestion?: string;
  /** The instruction: its number, and its text. */
  readonly instruction?: {readonly index: number; readonly text: string};
  /** The line of the source that it was compiled from, where the log has one. */
  readonly source?: {readonly text: string; readonly file?: string; readonly line?: number};
  /** The state of the registers before it. */
  readonly registers?: string;
  /** What the verifier counted, from its last line. */
  readonly counted?: VerifierCounts;
}

export interface VerifierCounts {
  readonly insns: number;
  readonly total_states: number;
  readonly peak_states: number;
  readonly time_us?: number;
  readonly stack?: string;
}

/** So much of the end is looked at: the state that led to the failure stands there. */
const TAIL_CHARACTERS = 256 * 1024;
/** `12: (7b) *(u64 *)(r1 +0) = r2`, with what is known behind `;` */
const INSTRUCTION = /^(\d+): (\([\da-f]{2}\) .*)$/;
/** `; a = b; @ file.bpf.c:12`; before Linux 6.8 without the place. */
const SOURCE = /^; (.*?)(?: @ ([^\s:]+):(\d+))?$/;
const PROCESSED =
  /^processed (\d+) insns \(limit \d+\) max_states_per_insn \d+ total_states (\d+) peak_states (\d+)/;
const REGISTERS = /^(?:\d+: |from \d+ to \d+.*: )?(R\d+(?:_w)?=.*)$/;
/** Lines that lead on to the failure, and are not it. */
const NARRATIVE =
  /^(func#|Func#|Validating |verification time |stack depth |processed |mark_precise|last_idx|regs=|parent |from \d|caller:|callee:|returning from|arg#|The sequence of|reg type unsupported|Live regs|cur state|old state|propagating |frame\d*:|$)/;

/** Heads of the sections of Linux 7.3. */
const SECTIONS = ['Reason', 'At', 'Causal path', 'Suggestion'] as const;

/**
 * Finds the cause in a log. Only its end is read, whatever its size: the verifier stops at the
 * first thing that it does not take.
 *
 * @param log - As the executor gives it; may be cut off at its start.
 */
export function explainVerifierLog(log: string): VerifierExplanation {
  const tail = log.length > TAIL_CHARACTERS ? log.slice(-TAIL_CHARACTERS) : log;
  const lines = tail.trimEnd().split('\n');
  const counted = countsIn(lines);
  const failed = lines.findLastIndex(line => line.startsWith('Verification failed:'));
  const explanation = failed >= 0 ? ofSections(lines, failed) : ofLastLines(lines);
  return {...explanation, ...(counted !== undefined && {counted})};
}

/** The numbers at the end of a log of any level, also of a program that was accepted. */
export function countsIn(lines: readonly string[]): VerifierCounts | undefined {
  const match = lines.map(line => PROCESSED.exec(line)).findLast(Boolean);
  if (match === null || match === undefined) return undefined;
  const [, insns, total, peak] = match.map(Number);
  const of = (start: string) =>
    lines
      .findLast(line => line.startsWith(start))
      ?.slice(start.length)
      .trim();
  const time = /^(\d+) usec/.exec(of('verification time ') ?? '')?.[1];
  const stack = of('stack depth ');
  return {
    ...{insns: insns ?? 0, total_states: total ?? 0, peak_states: peak ?? 0},
    ...(time !== undefined && {time_us: Number(time)}),
    ...(stack !== undefined && {stack}),
  };
}

/** Linux 7.3 says why, where, how it came to it, and what to do. */
function ofSections(lines: readonly string[], start: number): VerifierExplanation {
  const sections = new Map<string, string[]>();
  let section: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const head = SECTIONS.find(name => line === `${name}:`);
    if (PROCESSED.test(line)) break;
    if (head === undefined) {
      section.push(line.trimEnd());
    } else {
      section = [];
      sections.set(head, section);
    }
  }
  const textOf = (name: string) =>
    (sections.get(name) ?? [])
      .map(line => line.trim())
      .filter(Boolean)
      .join(' ');
  const at = sections.get('At') ?? [];
  const path = (sections.get('Causal path') ?? []).map(line => line.trim()).filter(Boolean);
  const reason = textOf('Reason');
  const suggestion = textOf('Suggestion');
  const title = (lines[start] ?? '').replace('Verification failed:', '').trim();
  return {
    ...placeBefore(lines, start),
    ...placeIn(at),
    cause: title,
    ...(reason !== '' && {reason}),
    ...(suggestion !== '' && {suggestion}),
    ...(path.length > 0 && {causalPath: path}),
  };
}

/** `insn 0`, and the instruction behind `>>>`. */
function placeIn(at: readonly string[]): Pick<VerifierExplanation, 'instruction' | 'source'> {
  const marked = at.map(line => />>>\s*(\d+)\s*\|\s*(.*)$/.exec(line)).find(Boolean);
  const place = at.map(line => /([^\s:]+\.[ch]):(\d+)/.exec(line)).find(Boolean);
  const shown = at.map(line => /^\s*\d+ \| (.*)$/.exec(line)?.[1]?.trim()).find(Boolean);
  return {
    ...(marked && {instruction: {index: Number(marked[1]), text: (marked[2] ?? '').trim()}}),
    ...(place && {
      source: {text: shown ?? '', file: place[1] ?? '', line: Number(place[2])},
    }),
  };
}

/** Before Linux 7.3 the last line that tells of no state is the reason. */
function ofLastLines(lines: readonly string[]): VerifierExplanation {
  const index = lines.findLastIndex(
    line =>
      !NARRATIVE.test(line) &&
      !INSTRUCTION.test(line) &&
      !SOURCE.test(line) &&
      !REGISTERS.test(line),
  );
  if (index < 0) return {cause: lines.at(-1)?.trim() || 'the log is empty'};
  return {...placeBefore(lines, index), cause: (lines[index] ?? '').trim()};
}

/** The instruction, source line and registers that stand last before a line. */
function placeBefore(lines: readonly string[], end: number): Omit<VerifierExplanation, 'cause'> {
  const before = lines.slice(0, end);
  const at = before.findLastIndex(line => INSTRUCTION.test(line));
  if (at < 0) return {};
  const [, index, text = ''] = INSTRUCTION.exec(before[at] ?? '') ?? [];
  const [instruction = '', known] = text.split(/\s+; (?=R\d|frame)/);
  const source = before.slice(0, at).findLast(line => SOURCE.test(line));
  const [, line = '', file, number] = SOURCE.exec(source ?? '') ?? [];
  const state = known ?? before.slice(0, at + 1).findLast(one => REGISTERS.test(one));
  const registers = state === undefined ? undefined : (REGISTERS.exec(state)?.[1] ?? state);
  return {
    instruction: {index: Number(index), text: instruction.trim()},
    ...(source !== undefined && {
      source: {
        text: line.trim(),
        ...(file !== undefined && {file, line: Number(number)}),
      },
    }),
    ...(registers !== undefined && {registers}),
  };
}
