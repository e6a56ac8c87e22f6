import type {CheckCell, CheckReport} from '../check/check_report.js';
import {groupReasons} from './check_reasons.js';
import {printableJson} from './text.js';

/** For a comment in a pull request: the table, then what is wrong, folded away. */
export function checkMarkdown(untrusted: CheckReport): string {
  const report = printableJson(untrusted);
  const {objects, kernels, cells, problems} = report;
  const cellOf = (object: number, kernel: number) =>
    verdict(cells.find(cell => cell.object === object && cell.kernel === kernel));
  const rows = kernels.map(({name, machine}, kernel) => [
    code(machine === 'x86-64' ? name : `${name} (${machine})`),
    ...objects.map((_, object) => cellOf(object, kernel)),
  ]);
  const head = ['kernel', ...objects.map(({name}) => code(name))];
  const ran = cells.some(({verifier}) => verifier !== 'not_run');
  const lines = [
    ...(rows.length === 0 ? [] : [row(head), row(head.map(() => '---')), ...rows.map(row), '']),
    ran ? 'loader and verifier: as in the table' : 'loader: as in the table; verifier: not run',
    ...details(report),
    ...problems.map(({message, why}) => `* **not usable**: ${escaped(message)}: ${escaped(why)}`),
  ];
  return lines.join('\n');
}

function details(report: CheckReport): string[] {
  const reasons = groupReasons(report);
  const {objects, kernels, cells} = report;
  const losses = cells.flatMap(({object, kernel, losses: texts}) =>
    texts.map(text => {
      const place = `${code(objects[object]?.name ?? '?')} on ${code(kernels[kernel]?.name ?? '?')}`;
      return `* ${place}, left out: ${escaped(text)}`;
    }),
  );
  const lines = reasons.map(({object, kernels: names, fault}) => {
    const {code: name, message, wanted, found, since, feature, hint} = fault;
    const facts = [
      wanted && `wanted: ${wanted}`,
      found && `found: ${found}`,
      since && `Linux ${since} has ${feature}`,
      hint && `try: ${hint}`,
    ].filter(Boolean);
    const where = names.map(code).join(', ');
    return `* ${code(object)} on ${where}: **${name}** ${escaped([message, ...facts].join('; '))}`;
  });
  if (lines.length + losses.length === 0) return [];
  const title = `${lines.length} reasons, ${losses.length} losses`;
  const list = [...lines, ...losses];
  return ['', `<details><summary>${title}</summary>`, '', ...list, '', '</details>'];
}

function verdict(cell: CheckCell | undefined): string {
  if (cell === undefined) return '';
  const {loader, losses, faults, verifier} = cell;
  if (loader === 'refused') return `❌ ${faults[0]?.code}`;
  if (verifier === 'refused') return '❌ verifier';
  const lost = losses.length === 0 ? '✅ loads' : `⚠️ loads, ${losses.length} left out`;
  return verifier === 'accepted' ? `${lost}, verifier ok` : lost;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** Names come from strangers: none shall become a link, a tag or a cell of its own. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|#@&!]/g, character => `\\${character}`);
}
