import type {MemberContent, PlanDescription, PlanDiff, PlanStep, StepDiff} from 'structops/browser';
import {KeyedSteps} from '../../src/diff/keyed_steps.js';
import {contentText, fieldText, instructionsText, LISTS} from '../../src/render/diff_texts.js';
import {SlotNames, stepDetails} from '../../src/render/step_details.js';
import {bytesText, shortened} from '../../src/render/text.js';
import {Grid} from './grid.js';
import {PlanHead} from './plan_view.js';
import {Scrolling} from './scrolling.js';
import type {Side} from './side.js';

const HEX_MAX = 32;

export interface DiffViewProps {
  readonly left: Side;
  readonly right: Side;
  readonly diff: PlanDiff;
}

/** Two plans side by side, step by step, each pair with what is different in it. */
export function DiffView({left, right, diff}: DiffViewProps) {
  const plans = [left.description, right.description];
  const [old, now] = plans;
  if (old === undefined || now === undefined) return null;
  const [oldNames, newNames] = [new SlotNames(old), new SlotNames(now)];
  return (
    <>
      <p class="verdict">{verdict(diff)}</p>
      <div class="columns">
        {plans.map((plan, index) => (
          <section key={index === 0 ? 'left' : 'right'} class="card">
            <h3>{index === 0 ? 'Left' : 'Right'}</h3>
            {plan && <PlanHead plan={plan} />}
          </section>
        ))}
      </div>
      {LISTS.map(name => {
        const {removed, added} = diff[name];
        if (removed.length + added.length === 0) return null;
        return (
          <section key={name} class="card">
            <h3>{name}</h3>
            <ul class="lines">
              {removed.map(text => (
                <li key={text} class="removed">
                  {text}
                </li>
              ))}
              {added.map(text => (
                <li key={text} class="added">
                  {text}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <ol class="pairs" aria-label="Steps of both plans">
        {pairsOf(old, now, diff).map(({left: before, right: after, change}) => (
          <li key={`${before?.index} ${after?.index}`} class={`pair ${change?.change ?? ''}`}>
            <div class="columns">
              <StepCell step={before} names={oldNames} />
              <StepCell step={after} names={newNames} />
            </div>
            {change !== undefined && change.change === 'changed' && <Changes diff={change} />}
          </li>
        ))}
      </ol>
    </>
  );
}

function verdict({differs, steps, reordered}: PlanDiff): string {
  if (!differs) return 'No difference: the kernel is given the same.';
  const count = (change: StepDiff['change']) => steps.filter(one => one.change === change).length;
  return [
    `${count('changed')} steps differ, ${count('added')} are on the right only,`,
    `${count('removed')} on the left only`,
    ...(reordered ? ['; those that both have come in another order'] : []),
  ].join(' ');
}

interface StepCellProps {
  readonly step: PlanStep | undefined;
  readonly names: SlotNames;
}

function StepCell({step, names}: StepCellProps) {
  if (step === undefined) return <div class="none">no such step</div>;
  return (
    <div>
      <span class="index">{step.index}</span> <code class="cmd">{step.cmd}</code> <b>{step.name}</b>
      <span class="details">{stepDetails(step, names)}</span>
    </div>
  );
}

function Changes({diff}: {readonly diff: StepDiff}) {
  const {fields, blobs, members = [], instructions} = diff;
  const rows = [
    ...fields.map(one => [one.field, fieldText(one.old), fieldText(one.new)] as const),
    ...members.map(one => [one.name, placedText(one.old), placedText(one.new)] as const),
    ...blobs.map(one => [one.blob, bytesText(one.old_size), bytesText(one.new_size)] as const),
    ...blobs.flatMap(({blob, ranges}) =>
      ranges.slice(0, 8).map(range => {
        const [old, now] = [shortened(range.old, HEX_MAX), shortened(range.new, HEX_MAX)];
        return [`${blob} at ${range.offset}`, old, now] as const;
      }),
    ),
  ];
  return (
    <details class="changes" open>
      <summary>what differs</summary>
      {rows.length > 0 && (
        <Grid
          caption={`Differences of ${diff.name}`}
          columns={[{title: 'what'}, {title: 'left'}, {title: 'right'}]}
          rows={rows.map(([what, old, now]) => ({
            key: what,
            cells: [<code key="what">{what}</code>, old, now],
          }))}
        />
      )}
      {instructions !== undefined && <Hunks name={diff.name} diff={instructions} />}
    </details>
  );
}

type InstructionsDiff = NonNullable<StepDiff['instructions']>;

const MARKS: Readonly<Record<string, string>> = {'-': 'removed', '+': 'added'};

function Hunks({name, diff}: {readonly name: string; readonly diff: InstructionsDiff}) {
  return (
    <>
      <p>{instructionsText(diff)}</p>
      {diff.hunks.map(({old_start, new_start, lines}) => (
        <Scrolling
          key={`${old_start} ${new_start}`}
          label={`instructions of ${name} from ${old_start} on`}
        >
          <pre class="hunk">
            <span class="where">
              {old_start} → {new_start}
              {'\n'}
            </span>
            {lines.map((line, index) => (
              <span key={index} class={MARKS[line.charAt(0)]}>
                {line}
                {'\n'}
              </span>
            ))}
          </pre>
        </Scrolling>
      ))}
    </>
  );
}

/** With its place: sides may have it elsewhere. */
function placedText(content: MemberContent | null): string {
  return content === null ? contentText(content) : `${contentText(content)}, at ${content.offset}`;
}

interface Pair {
  readonly left: PlanStep | undefined;
  readonly right: PlanStep | undefined;
  readonly change: StepDiff | undefined;
}

/** Steps belong together as the library's comparison has them. */
function pairsOf(old: PlanDescription, now: PlanDescription, diff: PlanDiff): Pair[] {
  const [left, right] = [new KeyedSteps(old).steps, new KeyedSteps(now).steps];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys.map(key => {
    const [before, after] = [left.get(key), right.get(key)];
    const change = diff.steps.find(
      ({old_step, new_step}) =>
        old_step === (before?.index ?? null) && new_step === (after?.index ?? null),
    );
    return {left: before, right: after, change};
  });
}
