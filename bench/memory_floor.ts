import {memoryParts} from './plan_contenders.js';
import type {Workload} from './workload.js';

/** What the core's memory beside the BTF holds: why larger objects stay above the goal. */

export const MEMORY_COLUMNS = [
  'object',
  'beside the BTF',
  'new instance',
  'the object',
  'its plan',
  'the rest',
  'of the object',
];

export const ABOUT_MEMORY = [
  'The core, for the newest kernel (`npm run bench -- --memory`), in KiB; memory grows by 64. A new instance has its texts of faults',
  'and names, 114 kB. Object and plan are there in one piece each: that is the ABI, and with those three alone the schedulers are',
  'above the goal. The rest are the places of types of the kernel, 31 kB, the tables of names to look for, 29 kB, a copy of',
  "the object's types, since loading changes them, an index of their names, a third of that, a copy of its instructions, which",
  'CO-RE changes, 48 bytes for each relocation, and what a step of the plan is before it is written.',
];

export function memoryRow(workload: Workload): string[] {
  const {besideBtf, fresh, plan} = memoryParts(workload);
  const {title, object} = workload;
  const rest = besideBtf - fresh - object.length - plan;
  const kibibytes = [besideBtf, fresh, object.length, plan, rest].map(bytes =>
    String(Math.ceil(bytes / 1024)),
  );
  return [title, ...kibibytes, (rest / object.length).toFixed(1)];
}
