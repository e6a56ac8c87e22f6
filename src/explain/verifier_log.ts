import {beginsReport, verifierReport} from './verifier_report.js';

export interface VerifierPlace {
  /** The instruction: its number, and its text. */
  readonly instruction?: {readonly index: number; readonly text: string};
  /** The line of the source that it was compiled from, where the log has one. */
  readonly source?: {readonly text: string; readonly file?: string; readonly line?: number};
}

/** What a log of the kernel's verifier says, of the old form or of that of Linux 7.3. */
export interface VerifierExplanation extends VerifierPlace {
  /** One sentence: why the program was refused. */
  readonly cause: string;
  /** The same as Linux before 7.3 says it, where the log has both. */
  readonly message?: string;
  /** More of it; Linux 7.3 also tells how the program came there, and what to change. */
  readonly reason?: string;
  readonly causalPath?: readonly string[];
  readonly suggestion?: string;
  /** What is known of the registers that it, or the cause, names. */
  readonly registers?: string;
  /** Where a reference was taken that is not given back. */
  readonly taken?: VerifierPlace;
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
const REGISTERS = /^(?:\d+: |from \d+ to \d+.*: )?(R\d+(?:_\w+)?=.*)$/;
/** Of such a state: a register and what is known of it. */
const REGISTER = /\bR(\d+)(?:_\w+)?=([^\s(]*(?:\((?:[^()]|\([^()]*\))*\))?)/g;
/** Lines that tell of states and counts, and never why. */
const NARRATIVE =
  /^(func#|Func#|Validating |verification time |stack depth |processed |mark_precise|last_idx|regs=|parent |from \d|caller:|callee:|returning from|reg type unsupported|Live regs|cur state|old state|propagating |frame\d*:|func '\w+' arg\d+ has btf_id|$)/;
const REFERENCE = /\balloc_insn=(\d+)/;

/**
 * Finds the cause in a log. Only its end is read, whatever its size: the verifier stops at the
 * first thing that it does not take.
 *
 * @param log - As the executor gives it; may be cut off at its start.
 */
export function explainVerifierLog(log: string): VerifierExplanation {
  const lines = log.slice(-TAIL_CHARACTERS).trimEnd().split('\n');
  // Its start is missing.
  if (log.length > TAIL_CHARACTERS) lines.shift();
  const counted = countsIn(lines);
  const failed = lines.findIndex(beginsReport);
  const explanation = failed >= 0 ? ofReport(lines, failed) : ofLastLines(lines);
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

/** Linux 7.3 says it as Linux before does, and then in a report. */
function ofReport(lines: readonly string[], start: number): VerifierExplanation {
  const before = ofLastLines(lines.slice(0, start));
  const report = verifierReport(lines.slice(start));
  const {title: cause, reason, place, path, lock, suggestion} = report;
  return {
    ...before,
    ...place,
    cause,
    message: before.cause,
    ...(reason !== '' && {reason}),
    ...(suggestion !== '' && {suggestion}),
    ...(path.length > 0 && {causalPath: path}),
    ...(lock !== undefined && {taken: lock}),
  };
}

/** Before Linux 7.3 the lines behind the last instruction that tell of no state are why; the last one sums up. */
function ofLastLines(lines: readonly string[]): VerifierExplanation {
  const last = lines.findLastIndex(line => INSTRUCTION.test(line));
  const messages = lines.slice(last + 1).filter(isMessage);
  const cause = messages.pop()?.trim() || lines.findLast(isMessage)?.trim();
  if (cause === undefined) return {cause: lines.at(-1)?.trim() || 'the log is empty'};
  const taken = REFERENCE.exec([...messages, cause].join('\n'))?.[1];
  return {
    ...placeAt(lines, last, cause),
    cause,
    ...(messages.length > 0 && {reason: messages.map(line => line.trim()).join('; ')}),
    ...(taken !== undefined && {taken: placeOf(lines, Number(taken))}),
  };
}

function isMessage(line: string): boolean {
  return ![NARRATIVE, INSTRUCTION, SOURCE, REGISTERS].some(pattern => pattern.test(line));
}

/** Where an instruction was looked at last. */
function placeOf(lines: readonly string[], instruction: number): VerifierPlace {
  const at = lines.findLastIndex(line => line.startsWith(`${instruction}: (`));
  const {registers, ...place} = placeAt(lines, at);
  return place;
}

/** The instruction in a line, with the source line that stands before it and what is known of its registers. */
function placeAt(
  lines: readonly string[],
  at: number,
  cause = '',
): Omit<VerifierExplanation, 'cause'> {
  const [, index, text = ''] = INSTRUCTION.exec(lines[at] ?? '') ?? [];
  if (index === undefined) return {};
  const [instruction = '', known = ''] = text.split(/\s+; (?=R\d|frame)/);
  const before = lines.slice(0, at);
  const source = before.findLast(line => SOURCE.test(line));
  const [, line = '', file, number] = SOURCE.exec(source ?? '') ?? [];
  const registers = registersOf(`${instruction} ${cause}`, [...before, known]);
  return {
    instruction: {index: Number(index), text: instruction.trim()},
    ...(source !== undefined && {
      source: {
        text: line.trim(),
        ...(file !== undefined && {file, line: Number(number)}),
      },
    }),
    ...(registers !== '' && {registers}),
  };
}

/** Of each register that a text names, what was said of it last. */
function registersOf(text: string, before: readonly string[]): string {
  const used = new Set([...text.matchAll(/\b[rRw](\d+)\b/g)].map(([, number]) => number));
  const known = new Map<string | undefined, string>();
  for (const line of before.toReversed()) {
    if (known.size === used.size) break;
    for (const [, number, state = ''] of line.matchAll(REGISTER)) {
      if (used.has(number) && !known.has(number)) known.set(number, `R${number}=${state}`);
    }
  }
  return [...used].flatMap(number => known.get(number) ?? []).join(' ');
}
