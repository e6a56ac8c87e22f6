import type {AttrValue} from '../../src/plan/plan_description.js';
import type {LibbpfStep} from './libbpf_steps.js';

/** A way in which plans differ from libbpf on purpose. */
export interface AllowedDifference {
  readonly name: string;
  readonly why: string;
  /** Whether a step that only libbpf has is one of these. */
  readonly step?: (theirs: LibbpfStep, all: readonly LibbpfStep[]) => boolean;
  /** A field of the attr that may differ. */
  readonly field?: AttrFieldRule;
}

export interface AttrFieldRule {
  readonly cmd: string;
  readonly name: string;
  /** Bytes from the start of the attr. */
  readonly offset: number;
  readonly size: number;
  /** What the plan has to have there. */
  readonly ours: AttrValue;
}

const BPF_MAP_TYPE_ARRAY = 2;

export const SHORTER_ATTR: AllowedDifference = {
  name: 'a shorter attr',
  why: 'The kernel takes fields of bpf_attr that a caller does not know yet as zero.',
};

/** Those that are known by the step or the field. */
export const ALLOWED: readonly AllowedDifference[] = [
  {
    name: 'zeros into a new array',
    why: 'A new array is zero already, and a plan should not hold megabytes of zeros.',
    step: isZeroUpdate,
  },
  {
    name: 'a program that the kernel cannot associate',
    why: 'Kernels before 7.0 have no such command: a plan for them says so, and does not try.',
    step: ({cmd, errno}) => cmd === 'BPF_PROG_ASSOC_STRUCT_OPS' && errno !== undefined,
  },
  {
    name: 'kern_version',
    why:
      'libbpf sends the version of the running kernel. A plan cannot know it from BTF, and ' +
      'kernels since 5.0 ignore it for every program type.',
    field: {cmd: 'BPF_PROG_LOAD', name: 'kern_version', offset: 40, size: 4, ours: 0},
  },
];

/** An outcome other than libbpf's that is meant, by what libbpf says of it. */
export const WEAK_OPTIONS = {
  name: 'weak options without a configuration',
  why:
    'libbpf needs a configuration even if all options that the object asks for are weak, and gives ' +
    'up. A plan has 0 for those.',
  log: /^libbpf: failed to open system Kconfig$/m,
};

function isZeroUpdate(theirs: LibbpfStep, all: readonly LibbpfStep[]): boolean {
  if (theirs.cmd !== 'BPF_MAP_UPDATE_ELEM' || theirs.phase !== 'load') return false;
  const map = mapOf(theirs);
  const writesBefore = all.filter(
    step => step.index < theirs.index && step.cmd === theirs.cmd && mapOf(step) === map,
  );
  return (
    all.find(({slot}) => slot === map)?.attr.map_type === BPF_MAP_TYPE_ARRAY &&
    writesBefore.length === 0 &&
    // Nothing but the map's fd is put into the attr or the value.
    theirs.patches.every(({put, field}) => put === 'address' || field === 'map_fd') &&
    /^0*$/.test(theirs.blobs.value ?? '')
  );
}

/** The slot of the map that a step works on. */
function mapOf({patches}: LibbpfStep): number | null | undefined {
  return patches.find(({field}) => field === 'map_fd')?.slot;
}
