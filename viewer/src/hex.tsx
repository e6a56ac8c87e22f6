import {useState} from 'preact/hooks';
import {bytesText, grouped} from '../../src/render/text.js';
import {Scrolling} from './scrolling.js';

const ROW_BYTES = 16;
const ROWS_AT_FIRST = 16;

export interface HexProps {
  readonly name: string;
  /** Two digits a byte. */
  readonly hex: string;
}

/** Bytes as hexdump -C shows them. */
export function Hex({name, hex}: HexProps) {
  const [isWhole, setWhole] = useState(false);
  const rows = Math.ceil(hex.length / 2 / ROW_BYTES);
  const shown = isWhole ? rows : Math.min(rows, ROWS_AT_FIRST);
  const lines = Array.from({length: shown}, (_, row) =>
    hexLine(row * ROW_BYTES, hex.slice(row * ROW_BYTES * 2, (row + 1) * ROW_BYTES * 2)),
  );
  return (
    <figure class="hex">
      <figcaption>
        {name}, {bytesText(hex.length / 2)}
      </figcaption>
      <Scrolling label={`bytes of ${name}`}>
        <pre>{lines.join('\n')}</pre>
      </Scrolling>
      {shown < rows && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          show all {grouped(rows)} lines
        </button>
      )}
    </figure>
  );
}

function hexLine(offset: number, hex: string): string {
  const pairs = hex.match(/../g) ?? [];
  const text = pairs.map(pair => {
    const byte = Number.parseInt(pair, 16);
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  });
  return [
    offset.toString(16).padStart(6, '0'),
    pairs.join(' ').padEnd(ROW_BYTES * 3 - 1),
    text.join(''),
  ].join('  ');
}
