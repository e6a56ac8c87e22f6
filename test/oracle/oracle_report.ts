import type {Verdict} from './judge.js';

/** Of an object that differs: the differences shown, and the lines of its log. */
const WHY_SHOWN = 4;
const LOG_LINES_SHOWN = 6;
const LINE_MAX = 300;

/** What is printed of an object as soon as it is known. */
export function verdictLines({object, same, libbpf, ours, why, meant, log}: Verdict): string {
  const both = libbpf.text === ours.text ? ours.text : `${ours.text} (libbpf: ${libbpf.text})`;
  const left = Object.entries(meant).map(([name, count]) => `${count} x ${name}`);
  const lines = [`${same ? 'same     ' : 'DIFFERENT'}  ${object}: ${both}`];
  if (left.length > 0) lines.push(`           meant: ${left.join(', ')}`);
  if (!same) {
    lines.push(...why.slice(0, WHY_SHOWN).map(line => `           ! ${line}`));
    if (why.length > WHY_SHOWN) lines.push(`           ! and ${why.length - WHY_SHOWN} more`);
    const end = log.trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    lines.push(...end.map(line => `           | ${line}`));
  }
  return lines.map(line => line.slice(0, LINE_MAX)).join('\n');
}

/** `{attached: 20, ...}` and how many of each are not the same. */
export function summaryLines(verdicts: readonly Verdict[]): string {
  const kinds = [...new Set(verdicts.map(({libbpf}) => libbpf.kind))].sort();
  const lines = kinds.map(kind => {
    const these = verdicts.filter(({libbpf}) => libbpf.kind === kind);
    const same = these.filter(verdict => verdict.same).length;
    return `  libbpf: ${kind.padEnd(9)} ${String(these.length).padStart(4)}, same ${same}`;
  });
  const different = verdicts.filter(({same}) => !same).length;
  return [`${verdicts.length} objects, ${different} different`, ...lines].join('\n');
}
