import type {
  BlobDiff,
  InstructionsDiff,
  MemberDiff,
  PlanDiff,
  PlanIdentity,
  StepDiff,
} from '../diff/plan_diff.js';
import {contentText, fieldText, instructionsText, LISTS} from './diff_texts.js';
import type {Screen} from './screen.js';
import {table} from './table.js';
import {bytesText, grouped, indented, printableJson, shortened} from './text.js';

const HEX_MAX = 24;
const RANGES_MAX = 8;
const MARKS = {added: '+', removed: '-', changed: '~'} as const;

/** In this order; the first that takes a step has it. */
const GROUPS: readonly {title: string; takes: (step: StepDiff) => boolean}[] = [
  {title: 'programs', takes: ({cmd}) => cmd === 'BPF_PROG_LOAD'},
  {title: 'values of struct_ops', takes: ({members}) => members !== undefined},
  {title: 'maps', takes: ({cmd}) => /MAP_(CREATE|UPDATE_ELEM|FREEZE)$|ARENA_MAP$/.test(cmd)},
  {title: 'BTF', takes: ({cmd}) => cmd === 'BPF_BTF_LOAD'},
  {title: 'links and bindings', takes: () => true},
];

/** The differences of two plans for people: `-` what is no more, `+` what is new, `~` what is another. */
export function renderDiff(diff: PlanDiff, screen: Screen): string {
  const printable = printableJson(diff);
  const {colors} = screen;
  const rows = [
    ['old', identityText(printable.old)],
    ['new', identityText(printable.new)],
  ];
  const lines = table([{title: ''}, {title: ''}], rows, screen);
  if (!diff.differs) return [...lines, '', 'no difference'].join('\n');
  let left = printable.steps;
  for (const {title, takes} of GROUPS) {
    const steps = left.filter(takes);
    left = left.filter(step => !takes(step));
    if (steps.length === 0) continue;
    lines.push('', colors.bold(title), ...steps.flatMap(step => stepLines(step, title, screen)));
  }
  if (diff.reordered) lines.push('', 'the steps that both have come in another order');
  for (const name of LISTS) {
    const {removed, added} = printable[name];
    if (removed.length + added.length === 0) continue;
    lines.push('', colors.bold(name));
    lines.push(...removed.map(text => colors.red(`  - ${text}`)));
    lines.push(...added.map(text => colors.green(`  + ${text}`)));
  }
  return lines.join('\n');
}

function identityText({object, kernel}: PlanIdentity): string {
  const forKernel = kernel.btf_size === 0 ? 'any kernel' : `kernel BTF ${kernel.btf_xxh64}`;
  return `${object.name}, sha256 ${shortened(object.sha256, 17)}, for ${forKernel}`;
}

function stepLines(step: StepDiff, group: string, screen: Screen): string[] {
  const {change, cmd, name, fields, blobs, instructions, members = []} = step;
  const title = `  ${MARKS[change]} ${name}`;
  const isOfOneCommand = ['programs', 'BTF'].includes(group);
  const lines = [
    ...fields.map(diff => `${diff.field}  ${fieldText(diff.old)} → ${fieldText(diff.new)}`),
    ...blobs.flatMap(blobLines),
    ...memberLines(members, screen),
    ...(instructions === undefined ? [] : instructionLines(instructions, screen)),
  ];
  return [
    paint(title, change, screen) + (isOfOneCommand ? '' : `  ${screen.colors.dim(cmd)}`),
    ...indented(lines, 6),
  ];
}

function paint(text: string, change: StepDiff['change'], {colors}: Screen): string {
  return {added: colors.green, removed: colors.red, changed: colors.yellow}[change](text);
}

function blobLines({blob, old_size, new_size, ranges}: BlobDiff): string[] {
  if (old_size !== new_size) return [`${blob}  ${grouped(old_size)} → ${bytesText(new_size)}`];
  const shown = ranges.slice(0, RANGES_MAX).map(range => {
    const [old, now] = [shortened(range.old, HEX_MAX), shortened(range.new, HEX_MAX)];
    return `${blob} at ${range.offset}  ${old} → ${now}`;
  });
  const more = ranges.length - shown.length;
  return more > 0 ? [...shown, `${blob}: ${grouped(more)} more places`] : shown;
}

function memberLines(members: readonly MemberDiff[], screen: Screen): string[] {
  const rows = members.map(({name, old, new: now}) => {
    const moved = old !== null && now !== null && old.offset !== now.offset;
    const [before, after] = [contentText(old), contentText(now)];
    const content = before === after ? before : `${before} → ${after}`;
    return [name, content, moved ? `offset ${old.offset} → ${now.offset}` : ''];
  });
  if (rows.length === 0) return [];
  return table([{title: ''}, {title: ''}, {title: ''}], rows, screen);
}

function instructionLines(diff: InstructionsDiff, {colors}: Screen): string[] {
  const lines = [instructionsText(diff)];
  for (const {old_start, new_start, lines: hunk} of diff.hunks) {
    lines.push(colors.cyan(`@ ${old_start} → ${new_start}`));
    for (const line of hunk) {
      const color = {'-': colors.red, '+': colors.green}[line.charAt(0)];
      lines.push(color === undefined ? `  ${line}` : color(`  ${line}`));
    }
  }
  return lines;
}
