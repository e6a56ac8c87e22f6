import type {Done} from '../executor/shim_report.js';
import type {PlannedRegistration} from '../plan/plan_registrations.js';
import {PIN_ROOT} from '../registered/pin_path.js';
import type {Screen} from './screen.js';
import {table} from './table.js';
import {indented, printableJson} from './text.js';

/** What a plan made in the kernel, by the kernel's ids. */
export function renderApplied(result: Done, screen: Screen): string {
  const {slots, tolerated, status} = printableJson(result);
  const rows = slots.map(({slot, kind, id, name = ''}) => [
    kind,
    id === undefined ? '?' : id,
    name,
    `slot ${slot}`,
  ]);
  const columns = [{title: ''}, {title: 'id', align: 'right'}, {title: ''}, {title: ''}] as const;
  const title = status === 'loaded' ? 'loaded, and let go again' : 'loaded and attached';
  return [
    screen.colors.bold(screen.colors.green(title)),
    ...indented(table(columns, rows, screen), 2),
    ...(tolerated === 0 ? [] : [`  ${tolerated} step(s) failed that may fail`]),
  ].join('\n');
}

/** What stays when the command has ended. */
export function renderPinned(registered: readonly PlannedRegistration[]): string {
  return printableJson(registered)
    .flatMap(({name, link, pin}) => [
      `pinned: ${PIN_ROOT}/${pin}`,
      link
        ? `  in force until \`structops detach ${name}\`, or until the pin is removed`
        : `  without a link: in force until \`structops detach ${name}\`, even without the pin`,
    ])
    .join('\n');
}
