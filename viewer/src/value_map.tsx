import {useState} from 'preact/hooks';
import type {PlanStep, ValueMember} from 'structops/browser';
import {memberValue} from '../../src/render/member_value.js';
import {type SlotNames, valueName} from '../../src/render/step_details.js';
import {bytesText} from '../../src/render/text.js';
import {Grid} from './grid.js';

/** Bytes that one line of the drawing has. */
const ROW_BYTES = 16;
/** struct bpf_struct_ops_common_value: the kernel's own, zero in every plan. */
const COMMON_BYTES = 64;
/** A larger value would be a drawing that nobody looks at; its members are in the table. */
const DRAWN_BYTES_MAX = 8192;

type SpanKind = 'common' | 'program' | 'run-time' | 'data' | 'zero';

interface Span {
  readonly offset: number;
  readonly size: number;
  readonly kind: SpanKind;
  readonly name: string;
  readonly value: string;
}

const LEGEND: Readonly<Record<SpanKind, string>> = {
  common: "the kernel's own head",
  program: 'a program that the kernel calls',
  'run-time': 'read from the running kernel',
  data: 'data of the object',
  zero: 'zero',
};

export interface ValueMapProps {
  readonly step: PlanStep;
  readonly names: SlotNames;
}

/** A `kern_vdata` as the struct that it is: drawn line by line, and as a table. */
export function ValueMap({step, names}: ValueMapProps) {
  const [active, setActive] = useState<string>();
  const {value_type: type = '', members = [], blobs} = step;
  const size = (blobs.value?.length ?? 0) / 2;
  const spans = spansOf(members, size, names);
  const hover = (name: string) => (isOver: boolean) => setActive(isOver ? name : undefined);
  return (
    <div class="value">
      <p>
        <code>struct {type}</code>, {bytesText(size)}: what the kernel is handed for{' '}
        <code>{step.name}</code>
      </p>
      {size <= DRAWN_BYTES_MAX && <Drawing spans={spans} active={active} onHover={hover} />}
      <ul class="legend">
        {Object.entries(LEGEND).map(([kind, text]) => (
          <li key={kind}>
            <span class={`swatch ${kind}`} /> {text}
          </li>
        ))}
      </ul>
      <Grid
        caption={`Members of ${type} that are not zero`}
        columns={[
          {title: 'bytes', class: 'number'},
          {title: 'size', class: 'number'},
          {title: 'member'},
          {title: 'kind'},
          {title: 'value'},
        ]}
        rows={members.map(member => {
          const {offset, size: bytes, name, kind, value} = spanOf(member, names);
          return {
            key: name,
            class: active === name ? 'active' : undefined,
            onHover: hover(name),
            cells: [
              `${offset}–${offset + bytes - 1}`,
              bytes,
              <code key="name">{name}</code>,
              <>
                <span class={`swatch ${kind}`} /> {kind}
              </>,
              value,
            ],
          };
        })}
      />
    </div>
  );
}

interface DrawingProps {
  readonly spans: readonly Span[];
  readonly active: string | undefined;
  readonly onHover: (name: string) => (isOver: boolean) => void;
}

/** Says nothing that the table does not say as well, so it is for the eyes alone. */
function Drawing({spans, active, onHover}: DrawingProps) {
  return (
    <div class="drawing" aria-hidden="true">
      {spans.flatMap(span =>
        piecesOf(span).map(({row, column, length, isFirst, isLast}) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: it marks what the table has as well
          <div
            key={`${span.offset}/${row}`}
            class={[
              ...['span', span.kind, active === span.name ? 'active' : ''],
              ...[isFirst ? 'first' : '', isLast ? 'last' : ''],
            ].join(' ')}
            style={{gridRow: row + 1, gridColumn: `${column + 2} / span ${length}`}}
            title={`${span.name} at ${span.offset}, ${bytesText(span.size)}: ${span.value}`}
            onMouseEnter={() => onHover(span.name)(true)}
            onMouseLeave={() => onHover(span.name)(false)}
          >
            {isFirst && length > 1 && (
              <>
                <b>{span.name}</b>
                {length > 3 && <span>{span.value}</span>}
              </>
            )}
          </div>
        )),
      )}
      {rowOffsets(spans).map(offset => (
        <div key={offset} class="offset" style={{gridRow: offset / ROW_BYTES + 1}}>
          {offset}
        </div>
      ))}
    </div>
  );
}

function rowOffsets(spans: readonly Span[]): number[] {
  const {offset = 0, size = 0} = spans.at(-1) ?? {};
  const rows = Math.ceil((offset + size) / ROW_BYTES);
  return Array.from({length: rows}, (_, row) => row * ROW_BYTES);
}

/** A span cut at the ends of the lines; whole lines of nothing are one piece. */
function piecesOf({offset, size}: Span) {
  const end = offset + size;
  const pieces = [];
  for (let at = offset; at < end; ) {
    const column = at % ROW_BYTES;
    const length = Math.min(ROW_BYTES - column, end - at);
    const row = (at - column) / ROW_BYTES;
    pieces.push({row, column, length, isFirst: at === offset, isLast: at + length === end});
    at += length;
  }
  return pieces;
}

/** Every byte of the value once: the head, the members, and what is between them. */
function spansOf(members: readonly ValueMember[], size: number, names: SlotNames): Span[] {
  const spans: Span[] = [];
  const zeros = (from: number, to: number) => {
    if (to > from)
      spans.push({offset: from, size: to - from, kind: 'zero', name: 'zero', value: ''});
  };
  const head = Math.min(COMMON_BYTES, size);
  spans.push({offset: 0, size: head, kind: 'common', name: 'common', value: LEGEND.common});
  let at = head;
  for (const member of [...members].sort((a, b) => a.offset - b.offset)) {
    // A plan from a stranger may say anything; the table has it all the same.
    if (member.offset < at || member.offset + member.size > size) continue;
    zeros(at, member.offset);
    spans.push(spanOf(member, names));
    at = member.offset + member.size;
  }
  zeros(at, size);
  return spans;
}

function spanOf({name, offset, size, kind, slot, value, hex = ''}: ValueMember, names: SlotNames) {
  const span = {name, offset, size};
  if (slot !== undefined) {
    return {...span, kind: 'program', value: `program ${names.nameOf(slot)}`} as const;
  }
  if (value !== undefined) return {...span, kind: 'run-time', value: valueName(value)} as const;
  return {...span, kind: 'data', value: memberValue(kind, hex)} as const;
}
