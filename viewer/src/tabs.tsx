import type {ComponentChildren} from 'preact';
import {useRef} from 'preact/hooks';

export interface Tab {
  readonly id: string;
  readonly title: string;
  /** Beside the title, such as a number. */
  readonly mark?: string;
  readonly content: () => ComponentChildren;
}

export interface TabsProps {
  readonly tabs: readonly Tab[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

const MOVES: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** The pattern "tabs" of the ARIA Authoring Practices Guide, with automatic activation. */
export function Tabs({tabs, selected, onSelect}: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.find(({id}) => id === selected) ?? tabs[0];
  if (current === undefined) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const index = MOVES[event.key]?.(tabs.indexOf(current), tabs.length);
    if (index === undefined) return;
    event.preventDefault();
    onSelect(tabs[index]?.id ?? '');
    list.current?.querySelectorAll('button')[index]?.focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label="Views" tabIndex={-1} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({id, title, mark}) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === current.id}
            aria-controls={`panel-${id}`}
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => onSelect(id)}
          >
            {title}
            {mark !== undefined && <span class="mark">{mark}</span>}
          </button>
        ))}
      </div>
      <div
        key={current.id}
        id={`panel-${current.id}`}
        role="tabpanel"
        aria-labelledby={`tab-${current.id}`}
      >
        {current.content()}
      </div>
    </div>
  );
}
