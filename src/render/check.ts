import type {CheckCell, CheckProblem, CheckReport} from '../check/check_report.js';
import {groupReasons, type Reason} from './check_reasons.js';
import {renderFault} from './error.js';
import type {Screen} from './screen.js';
import {table} from './table.js';
import {grouped, indented, printableJson} from './text.js';

/** With more columns than that, objects and kernels change places. */
const COLUMNS_MAX = 5;

/** The table, then every reason once, with the kernels that it is true of. */
export function renderCheck(untrusted: CheckReport, screen: Screen): string {
  const report = printableJson(untrusted);
  const {colors} = screen;
  const sections = [
    ...renderTable(report, screen),
    ...renderReasons('does not load', groupReasons(report), screen),
    ...renderNotes(report, screen),
    ...renderPrograms(report, screen),
    ...renderProblems(report.problems, screen),
  ];
  const ran = report.cells.some(({verifier}) => verifier !== 'not_run');
  if (!ran && report.cells.length > 0) {
    sections.push('', colors.dim('verifier: not run. --run boots each kernel and asks it.'));
  }
  return sections.join('\n').replace(/^\n/, '');
}

function renderTable(report: CheckReport, screen: Screen): string[] {
  const {objects, kernels, cells} = report;
  const cellOf = (object: number, kernel: number) =>
    verdict(
      cells.find(cell => cell.object === object && cell.kernel === kernel),
      screen,
    );
  if (cells.length === 0) return [];
  const names = kernels.map(({name, machine}) =>
    machine === 'x86-64' || machine === 'unknown' ? name : `${name} (${machine})`,
  );
  const byObject = kernels.length <= COLUMNS_MAX && objects.length > kernels.length;
  if (byObject) {
    return table(
      [{title: 'object'}, ...names.map(title => ({title}))],
      objects.map(({name}, object) => [
        name,
        ...kernels.map((_, kernel) => cellOf(object, kernel)),
      ]),
      screen,
    );
  }
  return table(
    [{title: 'kernel'}, ...objects.map(({name}) => ({title: name}))],
    names.map((name, kernel) => [name, ...objects.map((_, object) => cellOf(object, kernel))]),
    screen,
  );
}

/** `loader: ok; verifier: not run`, in the words of a cell. */
function verdict(cell: CheckCell | undefined, {colors}: Screen): string {
  if (cell === undefined) return '';
  const {loader, losses, faults, verifier} = cell;
  if (loader === 'refused') {
    const more = faults.length > 1 ? ` and ${faults.length - 1} more` : '';
    return colors.red(`loader: no, ${faults[0]?.code}${more}`);
  }
  const lost = losses.length === 0 ? '' : `, ${countOf(losses.length, 'loss', 'losses')}`;
  const text = `loader: ok${lost}`;
  if (verifier === 'not_run') return losses.length === 0 ? colors.green(text) : colors.yellow(text);
  if (verifier === 'accepted') return colors.green(`${text}; verifier: ok`);
  return colors.red(`${text}; verifier: ${verifier === 'refused' ? 'no' : 'cannot run'}`);
}

function renderReasons(title: string, reasons: readonly Reason[], screen: Screen): string[] {
  return reasons.flatMap(({object, kernels, fault, loadsOn}) => [
    '',
    screen.colors.bold(`${object} ${title} on ${kernels.join(', ')}`),
    ...indented(renderFault(fault, screen).split('\n'), 2),
    ...(loadsOn === undefined ? [] : [`    of the kernels here it loads on ${loadsOn}`]),
  ]);
}

/** Losses and warnings, and why the verifier was not asked or what it said. */
function renderNotes(report: CheckReport, {colors}: Screen): string[] {
  const {objects, kernels, cells} = report;
  const kernelsOf = new Map<string, string[]>();
  for (const {object, kernel, losses, warnings, verifier_reason: reason} of cells) {
    const texts = [
      ...losses.map(text => `left out: ${text}`),
      ...warnings.map(text => `warning: ${text}`),
      ...(reason === undefined ? [] : [`verifier: ${reason}`]),
    ];
    for (const text of texts) {
      const key = `${objects[object]?.name}: ${text}`;
      kernelsOf.set(key, [...(kernelsOf.get(key) ?? []), kernels[kernel]?.name ?? '?']);
    }
  }
  const lines = [
    ...lackingModules(report),
    ...[...kernelsOf].map(([text, names]) => `${text} (${names.join(', ')})`),
  ];
  return lines.length === 0 ? [] : ['', colors.bold(colors.yellow('notes')), ...indented(lines, 2)];
}

/** It may be built in, lie in a package of its own, or not be there. */
function lackingModules({modules = [], kernels}: CheckReport): string[] {
  return modules.flatMap(module => {
    const without = kernels.filter(kernel => !kernel.modules?.includes(module));
    const names = without.map(({name}) => name).join(', ');
    return without.length === 0 ? [] : `no module ${module}: ${names}`;
  });
}

function renderPrograms({objects, kernels, cells}: CheckReport, screen: Screen): string[] {
  const rows = cells.flatMap(({object, kernel, programs = []}) =>
    programs.map(({name, accepted, insns, total_states, peak_states, time_us, stack}) => [
      kernels[kernel]?.name ?? '?',
      objects[object]?.name ?? '?',
      name,
      accepted ? 'ok' : 'no',
      ...[insns, total_states, peak_states, time_us].map(number =>
        number === undefined ? '' : grouped(number),
      ),
      stack ?? '',
    ]),
  );
  if (rows.length === 0) return [];
  const right = (title: string) => ({title, align: 'right'}) as const;
  const columns = [
    ...[{title: 'kernel'}, {title: 'object'}, {title: 'program'}, {title: 'verifier'}],
    ...[right('insns'), right('states'), right('peak'), right('µs'), {title: 'stack'}],
  ];
  return ['', ...table(columns, rows, screen)];
}

function renderProblems(problems: readonly CheckProblem[], {colors}: Screen): string[] {
  return problems.flatMap(({message, why, hint}) => [
    '',
    `${colors.bold(colors.red('error:'))} ${message}`,
    ...indented(why === '' ? [] : why.split('\\u{a}'), 2),
    ...indented(hint === '' ? [] : [`try: ${hint}`], 2),
  ]);
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
