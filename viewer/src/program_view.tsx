import {useId} from 'preact/hooks';
import type {
  ObjectInstruction,
  ObjectProgram,
  PlanDescription,
  PlanStep,
  StepPatch,
} from 'structops/browser';
import {SlotNames} from '../../src/render/step_details.js';
import {grouped} from '../../src/render/text.js';
import {Grid} from './grid.js';
import {patchText} from './plan_view.js';

const INSN_BYTES = 8;

export interface ProgramViewProps {
  readonly plan: PlanDescription;
  readonly instructions: ReadonlyMap<number, readonly string[]>;
  /** By name, from before relocation; there is none for a kept plan. */
  readonly before: ReadonlyMap<string, ObjectProgram> | undefined;
  /** A step that loads a program. */
  readonly selected: number | undefined;
  readonly onSelect: (step: number) => void;
}

/** The instructions of one program: of the object, of the plan, and what is put in when it is loaded. */
export function ProgramView({plan, instructions, before, selected, onSelect}: ProgramViewProps) {
  const id = useId();
  const names = new SlotNames(plan);
  const programs = plan.steps.filter(({index}) => instructions.has(index));
  const program = programs.find(({index}) => index === selected) ?? programs[0];
  if (program === undefined) return <p>The plan loads no program.</p>;
  const callbacks = names.callbacksOf(program.slot);
  return (
    <>
      <div class="choose">
        <label for={id}>Program</label>
        <select
          id={id}
          value={program.index}
          onChange={event => onSelect(Number(event.currentTarget.value))}
        >
          {programs.map(({index, name}) => (
            <option key={index} value={index}>
              {name}
            </option>
          ))}
        </select>
        <span>
          {grouped(instructions.get(program.index)?.length ?? 0)} instructions
          {callbacks.length > 0 && `, called as ${callbacks.join(', ')}`}
        </span>
      </div>
      <div class="card">
        <Instructions
          step={program}
          texts={instructions.get(program.index) ?? []}
          before={before?.get(program.name)?.instructions ?? []}
          names={names}
        />
      </div>
    </>
  );
}

interface InstructionsProps {
  readonly step: PlanStep;
  readonly texts: readonly string[];
  readonly before: readonly ObjectInstruction[];
  readonly names: SlotNames;
}

function Instructions({step, texts, before, names}: InstructionsProps) {
  const patches = groupedBy(
    step.patches.filter(patch => patch.in === 'insns'),
    ({offset}) => Math.floor(offset / INSN_BYTES),
  );
  const hex = step.blobs.insns ?? '';
  const hasBefore = before.length === texts.length;
  return (
    <Grid
      caption={`Instructions of ${step.name}`}
      columns={[
        {title: '#', class: 'number'},
        ...(hasBefore ? OF_OBJECT : []),
        ...[
          {title: 'in the plan', class: 'code'} as const,
          {title: 'its bytes', class: 'code'} as const,
        ],
        {title: 'put in when it is loaded'},
      ]}
      rows={texts.map((text, number) => {
        const here = patches.get(number) ?? [];
        const was = hasBefore ? before[number] : undefined;
        return {
          key: number,
          class:
            here.length > 0 || (was !== undefined && was.text !== text) ? 'patched' : undefined,
          cells: [
            number,
            ...(was === undefined ? [] : [wasText(was, text), aboutText(was)]),
            text === '' ? <span class="kind">(second half)</span> : text,
            bytesOf(hex, number, here),
            here.map(patch => patchText(patch, names)).join(', '),
          ],
        };
      })}
    />
  );
}

const OF_OBJECT = [{title: 'in the object', class: 'code'}, {title: 'refers to'}] as const;

/** Only what the plan has changed catches the eye. */
function wasText(was: ObjectInstruction, text: string) {
  return was.text === text ? <span class="kind">{was.text}</span> : was.text;
}

function aboutText({refersTo, begins}: ObjectInstruction) {
  if (begins === undefined) return refersTo;
  return (
    <>
      <span class="kind">{begins} begins</span> {refersTo}
    </>
  );
}

function groupedBy<Item>(items: readonly Item[], numberOf: (item: Item) => number) {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const number = numberOf(item);
    groups.set(number, [...(groups.get(number) ?? []), item]);
  }
  return groups;
}

/** Those that a patch replaces are marked. */
function bytesOf(hex: string, number: number, patches: readonly StepPatch[]) {
  const start = number * INSN_BYTES;
  return Array.from({length: INSN_BYTES}, (_, index) => {
    const at = start + index;
    const isPut = patches.some(({offset, width}) => at >= offset && at < offset + width);
    const pair = hex.slice(at * 2, at * 2 + 2);
    const text = index === INSN_BYTES - 1 ? pair : `${pair} `;
    return isPut ? <mark key={at}>{text}</mark> : text;
  });
}
