import {useEffect, useMemo, useState} from 'preact/hooks';
import {diffPlans} from 'structops/browser';
import {printableJson} from '../../src/render/text.js';
import {DiffView} from './diff_view.js';
import {Faults, faultsOf} from './faults.js';
import {Inputs, readFiles, withDropped} from './inputs.js';
import {ObjectView} from './object_view.js';
import {PlanView} from './plan_view.js';
import {ProgramView} from './program_view.js';
import {lookAt, NO_INPUTS, namesOfKernel, type Side, type SideInputs, withRestOf} from './side.js';
import {type Tab, Tabs} from './tabs.js';

export function App() {
  const [first, setFirst] = useState<SideInputs>(NO_INPUTS);
  const [second, setSecond] = useState<SideInputs>(NO_INPUTS);
  const [isComparing, setComparing] = useState(false);
  const [shown, setShown] = useState<'left' | 'right'>('left');
  const left = useMemo(() => lookAt(first), [first]);
  const right = useMemo(
    () => (isComparing ? lookAt(withRestOf(second, first)) : undefined),
    [isComparing, first, second],
  );
  useDropAnywhere(files => setFirst(inputs => withDropped(inputs, files)));
  const side = isComparing && shown === 'right' && right !== undefined ? right : left;
  return (
    <>
      <header>
        <h1>structops viewer</h1>
        <p>
          What an eBPF object with struct_ops declares, and every <code>bpf(2)</code> call that
          loads it into one kernel. Nothing leaves this page: it may not reach any network.
        </p>
      </header>
      <div class="page">
        <aside aria-label="Inputs">
          <Inputs title={isComparing ? 'Left' : 'Inputs'} inputs={first} onChange={setFirst} />
          {isComparing && (
            <Inputs title="Right" inputs={second} fallback={first} onChange={setSecond} />
          )}
          <label class="check">
            <input
              type="checkbox"
              checked={isComparing}
              onChange={event => setComparing(event.currentTarget.checked)}
            />
            <span>compare with a second plan</span>
          </label>
        </aside>
        <main>
          <p role="status" class="status">
            {statusText(left)}
            {right !== undefined && ` — right: ${statusText(right)}`}
          </p>
          {isComparing && (
            <fieldset class="sides">
              <legend>Shown in the views of one plan</legend>
              {(['left', 'right'] as const).map(name => (
                <label key={name} class="check">
                  <input
                    type="radio"
                    name="side"
                    checked={shown === name}
                    onChange={() => setShown(name)}
                  />
                  <span>{name}</span>
                </label>
              ))}
            </fieldset>
          )}
          <Views side={side} left={left} right={right} />
        </main>
      </div>
    </>
  );
}

interface ViewsProps {
  readonly side: Side;
  readonly left: Side;
  readonly right: Side | undefined;
}

function Views({side, left, right}: ViewsProps) {
  const [tab, setTab] = useState('object');
  const [program, setProgram] = useState<number>();
  const {inspection, description, instructions, error} = side;
  const faults = faultsOf(error);
  const tabs: Tab[] = [];
  if (inspection !== undefined) {
    tabs.push({
      id: 'object',
      title: 'Object',
      content: () => <ObjectView inspection={inspection} faults={faults} />,
    });
  }
  if (description !== undefined && instructions !== undefined) {
    const showProgram = (step: number) => {
      setProgram(step);
      setTab('programs');
    };
    tabs.push(
      {
        id: 'plan',
        title: 'Plan',
        mark: `${description.steps.length} steps`,
        content: () => <PlanView plan={description} onProgram={showProgram} />,
      },
      {
        id: 'programs',
        title: 'Programs',
        mark: String(instructions.size),
        content: () => (
          <ProgramView
            plan={description}
            instructions={instructions}
            before={side.before}
            selected={program}
            onSelect={setProgram}
          />
        ),
      },
    );
  }
  if (right?.plan !== undefined && left.plan !== undefined) {
    tabs.push({
      id: 'compare',
      title: 'Side by side',
      content: () => <Comparison left={left} right={right} />,
    });
  }
  return (
    <>
      <Faults error={error} />
      <Tabs tabs={tabs} selected={tab} onSelect={setTab} />
    </>
  );
}

function Comparison({left, right}: {readonly left: Side; readonly right: Side}) {
  const diff = useMemo(() => {
    if (left.plan === undefined || right.plan === undefined) return undefined;
    return printableJson(
      diffPlans(
        {plan: left.plan, ...namesOfKernel(left.inputs)},
        {plan: right.plan, ...namesOfKernel(right.inputs)},
      ),
    );
  }, [left, right]);
  return diff === undefined ? null : <DiffView left={left} right={right} diff={diff} />;
}

/** For those who see the page, and for those who are told. */
function statusText({inputs, inspection, description, error}: Side): string {
  const {subject, kernel} = inputs;
  if (subject === undefined)
    return 'Drop an object and a kernel’s BTF on this page, or choose files.';
  const name = description?.object.name ?? inspection?.object.name ?? subject.name;
  if (description !== undefined) return `${name}: a plan of ${description.steps.length} steps`;
  if (error === undefined && kernel === undefined) return `${name}: add a kernel’s BTF to plan it`;
  const count = faultsOf(error).length;
  return count > 0
    ? `${name}: no plan, for ${count} ${count === 1 ? 'reason' : 'reasons'}`
    : `${name}: cannot be used`;
}

function useDropAnywhere(onFiles: (files: Awaited<ReturnType<typeof readFiles>>) => void): void {
  useEffect(() => {
    const allow = (event: DragEvent) => event.preventDefault();
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      if (event.dataTransfer) onFiles(await readFiles(event.dataTransfer.files));
    };
    window.addEventListener('dragover', allow);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', allow);
      window.removeEventListener('drop', drop);
    };
  }, []);
}
