import {type Fault, PlanError} from 'structops/browser';
import {faultFacts} from '../../src/render/fault_facts.js';
import {printableJson} from '../../src/render/text.js';
import {errorText} from './side.js';

export function faultsOf(error: unknown): readonly Fault[] {
  return error instanceof PlanError ? printableJson(error.faults) : [];
}

/** Why there is no plan: every reason, with what to try. */
export function Faults({error}: {readonly error: unknown}) {
  if (error === undefined) return null;
  const faults = faultsOf(error);
  return (
    <section class="faults" aria-label="Why there is no plan">
      {faults.map((fault, index) => (
        <FaultText key={index} fault={fault} />
      ))}
      {faults.length === 0 && <OtherError error={error} />}
    </section>
  );
}

export function FaultText({fault}: {readonly fault: Fault}) {
  const facts = [...faultFacts(fault), ['code', `${fault.code} (${fault.number})`] as const];
  return (
    <article class="fault">
      <h3>{fault.message}</h3>
      <dl>
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function OtherError({error}: {readonly error: unknown}) {
  const {title, rest} = errorText(error);
  return (
    <article class="fault">
      <h3>{title}</h3>
      {rest.map(text => (
        <p key={text}>{text}</p>
      ))}
    </article>
  );
}

/** The faults about a thing of the object, where it is declared. */
export function FaultsHere({faults}: {readonly faults: readonly Fault[]}) {
  return (
    <>
      {faults.map(({code, message}) => (
        <p key={message} class="here">
          <b>{code}</b> {message}
        </p>
      ))}
    </>
  );
}
