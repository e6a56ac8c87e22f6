import type {TypesDescription} from '../../src/inspect/declarations.js';
import {type CoreWasm, jsonOf, STATUS} from '../helpers/core_wasm.js';
import type {Random} from '../helpers/random.js';

/** What plans are made of. */
export interface Inputs {
  readonly objects: readonly Buffer[];
  readonly kernels: readonly Buffer[];
}

/** One plan: two indices, and the lines of its settings. */
export interface Case {
  readonly object: number;
  readonly kernel: number;
  readonly options: string;
}

/** Of so many cases one is of any object with any kernel, which mostly ends in faults. */
const ANY_EVERY = 8;
const LINES_MAX = 5;

type Takes = TypesDescription['variables'][number]['takes'];

/** Seeded cases: most of them of an object that the kernel takes, with settings that fit it or nearly. */
export function makeCases(
  core: CoreWasm,
  {objects, kernels}: Inputs,
  random: Random,
  count: number,
): Case[] {
  const pairs = objects.flatMap((object, i) =>
    kernels.flatMap((kernelBtf, kernel) =>
      core.call('makePlan', {object, kernelBtf}).status === STATUS.done
        ? [{object: i, kernel}]
        : [],
    ),
  );
  const types = objects.map(object => {
    const answer = core.call('describeTypes', {object});
    return answer.status === STATUS.done ? jsonOf<TypesDescription>(answer) : undefined;
  });
  return Array.from({length: count}, () => {
    const pair =
      random.below(ANY_EVERY) === 0
        ? {object: random.below(objects.length), kernel: random.below(kernels.length)}
        : random.pick(pairs);
    const of = types[pair.object];
    const lines = Array.from({length: of === undefined ? 0 : random.below(LINES_MAX)}, () =>
      of === undefined ? '' : settingOf(of, random),
    );
    return {...pair, options: lines.filter(Boolean).join('\n')};
  });
}

/** Something that can be set of an object; empty: it has nothing of that sort. */
function settingOf(
  {variables, struct_ops: structOps, programs, callbacks, maps}: TypesDescription,
  random: Random,
): string {
  const ops = structOps.length > 0 ? random.pick(structOps) : undefined;
  const variable = variables.length > 0 ? random.pick(variables) : undefined;
  switch (random.below(8)) {
    case 0:
      return `kernel_version=${1 + random.below(9)}.${random.below(30)}.${random.below(300)}`;
    case 1:
      return programs.length > 0 ? `autoload.${random.pick(programs)}=${random.below(2)}` : '';
    case 2:
      return maps.length > 0
        ? `map.${random.pick(maps)}.max_entries=${1 << random.below(20)}`
        : 'null_unknown_callbacks=1';
    case 3:
      return ops === undefined ? '' : `pin.${ops.name}=pins/${random.below(1000)}`;
    case 4:
    case 5: {
      if (ops === undefined || ops.members.length === 0) return '';
      const member = random.pick(ops.members);
      const value = someValue(member.takes, callbacks, random);
      return value === '' ? '' : `set.${ops.name}.${member.name}=${value}`;
    }
    default: {
      if (variable === undefined) return '';
      const value = someValue(variable.takes, callbacks, random);
      return value === '' ? '' : `set.${variable.name}=${value}`;
    }
  }
}

function someValue(takes: Takes, callbacks: readonly string[], random: Random): string {
  switch (takes.kind) {
    case 'integer':
      return String(random.below(2 ** Math.min(31, 8 * takes.size - 1)));
    case 'bool':
      return random.pick(['true', 'false']);
    case 'enum':
      return random.pick([...takes.enumerators, '1']);
    case 'text':
      return random
        .bytes(random.below(takes.size))
        .toString('hex')
        .slice(0, takes.size - 1);
    case 'callback':
      return random.pick([...callbacks, 'null']);
    default:
      return '';
  }
}
