import Table from 'cli-table3';
import type {Screen} from './screen.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map(place => [place, '']),
);

/** Lines of a table without borders: readable, and easy to cut with awk. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  {colors}: Screen,
): string[] {
  const grid = new Table({
    chars: NO_BORDERS,
    style: {'padding-left': 0, 'padding-right': 2, head: [], border: [], compact: true},
    colAligns: columns.map(({align = 'left'}) => align),
  });
  if (columns.some(({title}) => title !== '')) {
    grid.push(columns.map(({title}) => (title === '' ? '' : colors.dim(title))));
  }
  grid.push(...rows.map(row => [...row]));
  return grid
    .toString()
    .split('\n')
    .map(line => line.trimEnd());
}
