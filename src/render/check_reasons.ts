import type {CheckReport} from '../check/check_report.js';
import type {Fault} from '../faults.js';

/** One reason why an object does not load, and where. */
export interface Reason {
  readonly object: string;
  readonly kernels: readonly string[];
  readonly fault: Fault;
  /** The first of the kernels here that it loads on. */
  readonly loadsOn?: string;
}

/** What is the same on many kernels is said once. */
export function groupReasons({objects, kernels, cells}: CheckReport): Reason[] {
  const groups = new Map<string, {object: number; names: string[]; fault: Fault}>();
  for (const {object, kernel, faults} of cells) {
    for (const fault of faults) {
      // What each kernel has instead may differ in its words.
      const {code, message, where} = fault;
      const key = JSON.stringify([object, code, message, where]);
      const group = groups.get(key) ?? {object, names: [], fault};
      group.names.push(kernels[kernel]?.name ?? '?');
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({object, names, fault}) => {
    const loading = cells.find(cell => cell.object === object && cell.loader !== 'refused');
    const loadsOn = loading && kernels[loading.kernel]?.name;
    return {
      ...{object: objects[object]?.name ?? '?', kernels: names, fault},
      ...(loadsOn !== undefined && {loadsOn}),
    };
  });
}
