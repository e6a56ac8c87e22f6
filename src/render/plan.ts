import type {
  Phase,
  PlanDescription,
  PlanNote,
  PlanStep,
  ValueMember,
} from '../plan/plan_description.js';
import {memberValue} from './member_value.js';
import type {Screen} from './screen.js';
import {settingText} from './setting_text.js';
import {SlotNames, stepDetails, valueName} from './step_details.js';
import {table} from './table.js';
import {bytesText, grouped, indented, printableJson} from './text.js';

const PHASES: readonly {phase: Phase; meaning: string}[] = [
  {phase: 'load', meaning: 'nothing runs yet'},
  {phase: 'attach', meaning: 'the kernel starts calling'},
];

/** A plan as a dry run: what it is for, every step, what the kernel is given, what is lost. */
export function renderPlan(description: PlanDescription, screen: Screen): string {
  const plan = printableJson(description);
  const names = new SlotNames(plan);
  const lines = [screen.colors.bold(plan.object.name), ...indented(renderHead(plan, screen), 2)];
  for (const {phase, meaning} of PHASES) {
    const steps = plan.steps.filter(step => step.phase === phase);
    if (steps.length === 0) continue;
    lines.push('', `${screen.colors.bold(phase)}: ${meaning}`);
    lines.push(...indented(renderSteps(steps, names, screen), 2));
  }
  lines.push(
    ...renderNotes('left out, since this kernel does not have it', plan.losses, plan, screen),
  );
  lines.push(...renderNotes('warnings', plan.warnings, plan, screen));
  return lines.join('\n');
}

function renderHead(plan: PlanDescription, screen: Screen): string[] {
  const {object, kernel, capabilities, settings, steps} = plan;
  const rows = [
    ['object', `${bytesText(object.size)}, sha256 ${object.sha256}`],
    [
      'kernel',
      kernel.btf_size === 0
        ? 'any'
        : `BTF of ${bytesText(kernel.btf_size)}, xxh64 ${kernel.btf_xxh64}`,
    ],
    ...kernel.modules.map(({name, btf_size, btf_xxh64}) => [
      'module',
      `${name}, BTF of ${bytesText(btf_size)}, xxh64 ${btf_xxh64}`,
    ]),
    ['needs', capabilities.length === 0 ? 'no capability' : capabilities.join(', ')],
    ...settings.map(setting => ['setting', settingText(setting, plan.setting_changes)]),
    [
      'plan',
      `${grouped(steps.length)} steps, ${bytesText(plan.plan.size)}, sha256 ${plan.plan.sha256}`,
    ],
  ];
  return table([{title: ''}, {title: ''}], rows, screen);
}

/** One table for a phase, with the members of a `kern_vdata` under the step that writes it. */
function renderSteps(steps: readonly PlanStep[], names: SlotNames, screen: Screen): string[] {
  const {colors} = screen;
  const lines = table(
    [{title: '', align: 'right'}, {title: ''}, {title: ''}, {title: ''}, {title: ''}],
    steps.map(step => [
      step.index,
      colors.cyan(step.cmd),
      step.name,
      step.slot === null ? '' : `→ slot ${step.slot}`,
      stepDetails(step, names),
    ]),
    screen,
  );
  return lines.flatMap((line, row) => {
    const {members, value_type: valueType = ''} = steps[row] as PlanStep;
    if (members === undefined) return [line];
    return [line, ...indented([valueType, ...renderMembers(members, names, screen)], 6)];
  });
}

function renderMembers(
  members: readonly ValueMember[],
  names: SlotNames,
  screen: Screen,
): string[] {
  const rows = members.map(member => [
    member.offset,
    member.size,
    member.name,
    valueText(member, names),
  ]);
  const columns = [
    {title: 'offset', align: 'right'},
    {title: 'size', align: 'right'},
    {title: 'member'},
    {title: 'value'},
  ] as const;
  return table(columns, rows, screen);
}

function valueText({kind, slot, value, hex = ''}: ValueMember, names: SlotNames): string {
  if (slot !== undefined) return `program ${names.nameOf(slot)}`;
  return value === undefined ? memberValue(kind, hex) : valueName(value);
}

function renderNotes(
  title: string,
  notes: readonly PlanNote[],
  {steps}: PlanDescription,
  {colors}: Screen,
): string[] {
  if (notes.length === 0) return [];
  const lines = notes.map(({step, text}) => {
    if (step === null) return text;
    return `step ${step}, ${steps[step]?.name ?? '?'}: ${text}`;
  });
  return ['', colors.bold(colors.yellow(title)), ...indented(lines, 2)];
}
