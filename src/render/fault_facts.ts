import type {Fault, FaultPlace} from '../faults.js';

/** What there is to say of a fault beside its sentence, in the order in which it is read: name and text. */
export function faultFacts(fault: Fault): readonly (readonly [name: string, text: string])[] {
  const {where, wanted, found, feature, since, did_you_mean: near, hint} = fault;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['at', placeText(where)],
    ['wanted', wanted],
    ['found', found],
    ['since', since && `Linux ${since} has ${feature}`],
    ['did you mean', near],
    ['try', hint],
  ];
  return facts.flatMap(([name, text]) => (text ? [[name, text] as const] : []));
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
