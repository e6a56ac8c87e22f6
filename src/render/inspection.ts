import type {
  DeclaredMap,
  DeclaredMember,
  DeclaredProgram,
  DeclaredStructOps,
  Inspection,
} from '../inspect/inspection.js';
import {memberValue} from './member_value.js';
import type {Screen} from './screen.js';
import {table} from './table.js';
import {bytesText, grouped, indented, printableJson} from './text.js';

const OFFSET = {title: 'offset', align: 'right'} as const;
const SIZE = {title: 'size', align: 'right'} as const;

/** What an object declares and asks of a kernel. */
export function renderInspection(inspection: Inspection, screen: Screen): string {
  const {colors} = screen;
  const {object, license, struct_ops, programs, maps, externs, core_relocations} =
    printableJson(inspection);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', colors.bold(title), ...indented(lines, 2)];
  const head = [
    ['object', `${bytesText(object.size)}, sha256 ${object.sha256}`],
    ['license', license],
    ['CO-RE', `${grouped(core_relocations)} relocations`],
  ];
  return [
    colors.bold(object.name),
    ...indented(table([{title: ''}, {title: ''}], head, screen), 2),
    ...section(
      'struct_ops',
      struct_ops.flatMap(one => renderStructOps(one, screen)),
    ),
    ...section('programs', renderPrograms(programs, screen)),
    ...section(
      'data',
      maps.flatMap(map => renderMap(map, screen)),
    ),
    ...section(
      'asked of the kernel',
      externs.map(({name, kind, weak}) => `${kind} ${name}${weak ? ', can do without' : ''}`),
    ),
  ].join('\n');
}

function renderStructOps(declared: DeclaredStructOps, screen: Screen): string[] {
  const {name, struct, section, link, optional, size, members} = declared;
  const head = [
    `${name}: ${struct}, ${bytesText(size)}, in ${section}`,
    link ? 'registered by a link' : 'registered by its map',
    ...(optional ? ['optional'] : []),
  ].join(', ');
  if (members.length === 0) return [head];
  const rows = members.map(member => [
    member.offset,
    member.size,
    member.name,
    renderMember(member),
  ]);
  return [
    head,
    ...indented(table([OFFSET, SIZE, {title: 'member'}, {title: 'value'}], rows, screen), 4),
  ];
}

function renderMember({kind, program, bytes = '', text}: DeclaredMember): string {
  if (program !== undefined) return `program ${program}`;
  return text === undefined ? memberValue(kind, bytes) : JSON.stringify(text);
}

function renderPrograms(programs: readonly DeclaredProgram[], screen: Screen): string[] {
  if (programs.length === 0) return [];
  const rows = programs.map(
    ({name, section, type, sleepable, optional, insn_count, subprogram}) => [
      name,
      section,
      subprogram ? 'called by others' : type,
      grouped(insn_count),
      [sleepable && 'sleepable', optional && 'optional'].filter(Boolean).join(', '),
    ],
  );
  const columns = [
    ...[{title: 'program'}, {title: 'section'}, {title: 'type'}],
    ...[{title: 'instructions', align: 'right'} as const, {title: ''}],
  ];
  return table(columns, rows, screen);
}

function renderMap({name, section, size, variables}: DeclaredMap, screen: Screen): string[] {
  const head = `${name}: ${bytesText(size)}${section === name ? '' : `, in ${section}`}`;
  if (variables.length === 0) return [head];
  const rows = variables.map(variable => [
    variable.offset,
    variable.size,
    variable.name,
    variable.type,
  ]);
  const columns = [OFFSET, SIZE, {title: 'variable'}, {title: 'type'}];
  return [head, ...indented(table(columns, rows, screen), 4)];
}
