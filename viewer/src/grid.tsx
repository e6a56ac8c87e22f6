import type {ComponentChildren} from 'preact';
import {Scrolling} from './scrolling.js';

export interface GridColumn {
  readonly title: string;
  readonly class?: 'number' | 'code';
}

export interface GridProps {
  readonly caption: string;
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
}

export interface GridRow {
  readonly key: string | number;
  readonly cells: readonly ComponentChildren[];
  readonly class?: string | undefined;
  readonly onHover?: ((isOver: boolean) => void) | undefined;
}

/** A table that says what it is to those who do not see it; wide ones scroll in their place. */
export function Grid({caption, columns, rows}: GridProps) {
  return (
    <Scrolling label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column.title} scope="col" class={column.class}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({key, cells, class: name, onHover}) => (
            <tr
              key={key}
              class={name}
              onMouseEnter={onHover && (() => onHover(true))}
              onMouseLeave={onHover && (() => onHover(false))}
            >
              {cells.map((cell, index) => (
                <td key={columns[index]?.title} class={columns[index]?.class}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}
