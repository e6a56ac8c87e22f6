import type {Diagnosis, Severity} from '../doctor/finding.js';
import type {Screen} from './screen.js';
import {printableJson} from './text.js';

/** A line for each finding, and what to do under those that are not as they should be. */
export function renderDiagnosis(diagnosis: Diagnosis, screen: Screen): string {
  const {usable, findings} = printableJson(diagnosis);
  const width = Math.max(...findings.map(({id}) => id.length));
  const lines = findings.flatMap(({id, severity, found, why, remedy}) => [
    `${mark(severity, screen)} ${id.padEnd(width)}  ${found}`,
    ...(why === undefined ? [] : [`${' '.repeat(width + 10)}${why}`]),
    ...(remedy === undefined
      ? []
      : [`${' '.repeat(width + 10)}${screen.colors.green('try:')} ${remedy}`]),
  ]);
  const verdict = usable
    ? 'struct_ops can be applied here; what the verifier says of a program only loading it tells'
    : 'no struct_ops can be applied here: see the lines marked error';
  return [...lines, '', screen.colors.bold(verdict)].join('\n');
}

function mark(severity: Severity, {colors}: Screen): string {
  const color = {ok: colors.green, warning: colors.yellow, error: colors.red}[severity];
  return color(severity.padEnd(7));
}
