import type {ComponentChildren} from 'preact';

export interface ScrollingProps {
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** What is wider than the page scrolls in its place; its focus lets the keyboard do it. */
export function Scrolling({label, class: name = '', children}: ScrollingProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a mouse it scrolls by its focus
    <section class={`scroll ${name}`} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
