import type {Verdict} from '../judge.js';
import {type Oddity, odditiesOf} from './oddities.js';

/** A difference from libbpf that generated objects show, and that is meant. */
interface Explanation {
  readonly name: string;
  readonly why: string;
  readonly applies: (verdict: Verdict, odd: ReadonlySet<Oddity>) => boolean;
}

const says = (pattern: RegExp) => (verdict: Verdict) => pattern.test(verdict.log);

/** We say no where libbpf goes on. */
const refusedByUs =
  (codes: RegExp) =>
  ({ours, libbpf}: Verdict) =>
    ours.kind === 'unusable' &&
    libbpf.kind !== 'unusable' &&
    ours.text.split(' ').some(code => codes.test(code));

export const EXPLANATIONS: readonly Explanation[] = [
  {
    name: 'members without a name',
    why:
      'libbpf takes the first member without a name of the kernel for all that the object has, so that the kind or size ' +
      'of others is wrong, or one is written over another. A plan has them in their order.',
    applies: says(/init_kern \S+: (Error in size of|Unmatched) member( type)? {1,2}[:\d]/),
  },
  {
    name: 'libbpf ends',
    why: 'A damaged object makes libbpf divide by zero, or worse. Ours is a fault or a plan.',
    applies: ({libbpf}) => libbpf.kind === 'none',
  },
  {
    name: 'a damaged part that libbpf passes over',
    why:
      'libbpf drops a BTF or .BTF.ext that it cannot read, and symbols that nothing refers to; the verifier complains of ' +
      'what is missing, or nobody ever. A plan is made of whole files only.',
    applies: refusedByUs(/^(BTF_|ELF_BAD_SYMBOL|ELF_TRUNCATED|ELF_BAD_SECTION|OBJ_NO_DEBUG_INFO)/),
  },
  {
    name: 'one place twice',
    why:
      'Two relocations of one instruction are a fault; libbpf adds up what they say. Of two in a map, and of two programs ' +
      'that begin at one instruction, libbpf leaves the order to its sorting.',
    applies: ({log}, odd) =>
      odd.has('a place twice') || /is the second one of its instruction$/m.test(log),
  },
  {
    name: 'one name twice',
    why: 'Of two sections .BTF the last counts to libbpf, of two externs one has the value. To a plan the first counts.',
    applies: (_, odd) => odd.has('a name twice'),
  },
  {
    name: 'programs without a name',
    why: 'calls.c takes them for questions, since libbpf asks with such.',
    applies: (_, odd) => odd.has('a program without a name'),
  },
  {
    name: 'references into what is beside',
    why: 'libbpf takes an address inside of a function for that function, and the bytes behind a variable for its own.',
    applies: refusedByUs(/^(OBJ_BAD_REFERENCE|OBJ_BAD_VARIABLE)$/),
  },
  {
    name: 'the second variable of an optional section',
    why: 'libbpf forgets after the first that the section is optional.',
    applies: ({ours, why, log}, odd) =>
      odd.has('an optional section') &&
      ours.kind === 'planned' &&
      (/init_kern/.test(log) ||
        why.some(line => /BPF_MAP_CREATE .*: step: ours nothing/.test(line))),
  },
  {
    name: 'maps in a map that is before them',
    why: 'libbpf puts them there before they exist, which the kernel refuses; a plan does so afterwards.',
    applies: ({why}) => why.every(line => /BPF_MAP_UPDATE_ELEM \S+: step: ours/.test(line)),
  },
  {
    name: 'the number of an fd in an instruction',
    why: 'Both leave it there. The recorder reads it as an fd, of which there is none.',
    applies: ({why}) =>
      why.every(line => / at insns \d+: ours nothing, .* an fd of nothing$/.test(line)),
  },
  {
    name: 'addresses of the kernel',
    why: 'A plan leaves them to the executor, which finds out that there is none.',
    applies: ({ours, log}) =>
      ours.kind === 'planned' && /extern '\w+' \(strong\): not resolved/.test(log),
  },
  {
    name: 'nothing to load',
    why: 'libbpf loads an object without programs and maps, which does nothing.',
    applies: refusedByUs(/^OBJ_NOTHING$/),
  },
  {
    name: 'what libelf cannot read',
    why: 'libelf refuses whole files for sections that no plan is made of: with a size that is none, or compressed.',
    applies: ({ours, libbpf, log}) =>
      ours.kind === 'planned' &&
      libbpf.text === 'open: LIBBPF_ERRNO__FORMAT' &&
      (/invalid (section flags|data)$/m.test(log) || !/^libbpf: (?!elf: skipping)/m.test(log)),
  },
  {
    name: 'an empty licence',
    why: 'libbpf takes an empty section for damage, and a missing one for no licence. Both are none to a plan.',
    applies: says(/invalid license section/),
  },
  {
    name: 'pins are not there',
    why: 'The kernel that says yes has no bpffs.',
    applies: says(/is not on BPF FS/),
  },
];

export function explanationOf(verdict: Verdict, object: Uint8Array): string | undefined {
  const odd = odditiesOf(object);
  return EXPLANATIONS.find(({applies}) => applies(verdict, odd))?.name;
}
