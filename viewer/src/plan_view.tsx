import type {Phase, PlanDescription, PlanNote, PlanStep, StepPatch} from 'structops/browser';
import {settingText} from '../../src/render/setting_text.js';
import {SlotNames, stepDetails, valueName} from '../../src/render/step_details.js';
import {bytesText, grouped} from '../../src/render/text.js';
import {Grid} from './grid.js';
import {Hex} from './hex.js';
import {ValueMap} from './value_map.js';

const PHASES: readonly {phase: Phase; meaning: string}[] = [
  {phase: 'load', meaning: 'nothing runs yet'},
  {phase: 'attach', meaning: 'the kernel starts calling'},
];

export interface PlanViewProps {
  readonly plan: PlanDescription;
  readonly onProgram: (step: number) => void;
}

/** Every call of a plan in its order; each opens to all that the kernel is given. */
export function PlanView({plan, onProgram}: PlanViewProps) {
  const names = new SlotNames(plan);
  return (
    <>
      <PlanHead plan={plan} />
      <Notes title="Left out, since this kernel does not have it" notes={plan.losses} plan={plan} />
      <Notes title="Warnings" notes={plan.warnings} plan={plan} />
      {PHASES.map(({phase, meaning}) => {
        const steps = plan.steps.filter(step => step.phase === phase);
        if (steps.length === 0) return null;
        return (
          <section key={phase} class={`phase ${phase}`} aria-label={`Phase ${phase}`}>
            <h3>
              {phase} <span class="kind">{meaning}</span>
            </h3>
            <ol start={steps[0]?.index}>
              {steps.map(step => (
                <li key={step.index}>
                  <Step step={step} names={names} onProgram={onProgram} />
                </li>
              ))}
            </ol>
          </section>
        );
      })}
    </>
  );
}

export function PlanHead({plan}: {readonly plan: PlanDescription}) {
  const {object, kernel, capabilities, settings, steps} = plan;
  const rows: [term: string, text: string, more?: string][] = [
    ['object', `${object.name}, ${bytesText(object.size)}`, `sha256 ${object.sha256}`],
    kernel.btf_size === 0
      ? ['kernel', 'any']
      : ['kernel', `BTF of ${bytesText(kernel.btf_size)}`, `xxh64 ${kernel.btf_xxh64}`],
    ...kernel.modules.map(({name, btf_size, btf_xxh64}): [string, string, string] => [
      'module',
      `${name}, BTF of ${bytesText(btf_size)}`,
      `xxh64 ${btf_xxh64}`,
    ]),
    ['needs', capabilities.length === 0 ? 'no capability' : capabilities.join(', ')],
    ...settings.map((setting): [string, string] => [
      'setting',
      settingText(setting, plan.setting_changes),
    ]),
    [
      'plan',
      `${grouped(steps.length)} steps, ${bytesText(plan.plan.size)}`,
      `sha256 ${plan.plan.sha256}`,
    ],
  ];
  return (
    <dl class="facts">
      {rows.map(([term, text, more]) => (
        <div key={term + text}>
          <dt>{term}</dt>
          <dd>
            {text}
            {more !== undefined && <code>{more}</code>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface NotesProps {
  readonly title: string;
  readonly notes: readonly PlanNote[];
  readonly plan: PlanDescription;
}

function Notes({title, notes, plan}: NotesProps) {
  if (notes.length === 0) return null;
  return (
    <section class="notes" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {notes.map(({step, text}) => (
          <li key={`${step} ${text}`}>
            {step !== null && `step ${step}, ${plan.steps[step]?.name ?? '?'}: `}
            {text}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface StepProps {
  readonly step: PlanStep;
  readonly names: SlotNames;
  readonly onProgram: (step: number) => void;
}

function Step({step, names, onProgram}: StepProps) {
  const {index, cmd, name, slot, attr, attr_size, attr_hex, blobs, patches, members} = step;
  const inBlobs = patches.filter(patch => patch.in !== 'attr').length;
  return (
    <details class="step" id={`step-${index}`}>
      <summary>
        <span class="index">{index}</span>
        <code class="cmd">{cmd}</code>
        <b>{name}</b>
        {slot !== null && <span class="slot-mark">→ slot {slot}</span>}
        <span class="details">{stepDetails(step, names)}</span>
      </summary>
      <div class="body">
        {members !== undefined && <ValueMap step={step} names={names} />}
        {blobs.insns !== undefined && (
          <p>
            <button type="button" onClick={() => onProgram(index)}>
              Show the instructions
            </button>
            {inBlobs > 0 && ` ${grouped(inBlobs)} of their fields are put in when it is loaded`}
          </p>
        )}
        <Grid
          caption={`union bpf_attr of step ${index}, ${bytesText(attr_size)}`}
          columns={[{title: 'field'}, {title: 'value'}, {title: 'where it comes from'}]}
          rows={fieldsOf(step, names).map(({field, value, source}) => ({
            key: field,
            cells: [<code key="field">{field}</code>, value, source],
          }))}
        />
        <Hex name={`the attr of step ${index}`} hex={attr_hex} />
        {Object.entries(blobs).map(([blob, hex]) => (
          <Hex key={blob} name={blob} hex={hex} />
        ))}
        {Object.keys(attr).length === 0 && patches.length === 0 && <p>every field is zero</p>}
      </div>
    </details>
  );
}

interface Field {
  readonly field: string;
  readonly value: string;
  readonly source: string;
}

/** Fields that are in the plan, and those that the executor puts in. */
function fieldsOf({attr, patches}: PlanStep, names: SlotNames): Field[] {
  const inPlan = Object.entries(attr).map(([field, value]) => ({
    field,
    value: String(value),
    source: 'the plan',
  }));
  const put = patches
    .filter(patch => patch.in === 'attr')
    .map(patch => ({
      field: patch.field ?? `byte ${patch.offset}`,
      value: patchText(patch, names),
      source: 'put in just before the call',
    }));
  return [...inPlan, ...put];
}

/** What a patch puts. */
export function patchText({put, blob, slot, value, symbol}: StepPatch, names: SlotNames): string {
  if (put === 'address') return `the address of ${blob}`;
  if (slot !== undefined) return `fd of ${names.nameOf(slot)}`;
  const name = value === undefined ? '?' : valueName(value);
  return symbol === undefined ? name : `${name} of ${symbol}`;
}
