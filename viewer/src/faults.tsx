import {type Fault, type FaultPlace, PlanError} from 'structops/browser';
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
  const {message, hint, where, wanted, found, code, number} = fault;
  return (
    <article class="fault">
      <h3>{message}</h3>
      <dl>
        <Pair term="at" text={placeText(where)} />
        <Pair term="wanted" text={wanted} />
        <Pair term="found" text={found} />
        <Pair term="try" text={hint} />
        <Pair term="code" text={`${code} (${number})`} />
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

function Pair({term, text}: {readonly term: string; readonly text: string | undefined}) {
  if (!text) return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function placeText({input, offset, section, symbol, struct, member}: FaultPlace): string {
  return [
    input,
    section && `section ${section}`,
    symbol && `symbol ${symbol}`,
    struct && `struct ${struct}`,
    member && `member ${member}`,
    offset !== undefined && `offset ${offset} (0x${offset.toString(16)})`,
  ]
    .filter(Boolean)
    .join(', ');
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
