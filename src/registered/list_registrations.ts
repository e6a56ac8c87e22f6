import type {
  ListedLink,
  ListedMap,
  ListedProgram,
  RegistrationsListed,
} from '../executor/shim_report.js';
import type {KernelKind} from '../inspect/inspect_kernel.js';
import {bootTimeMs} from '../machine/boot_time.js';
import {type BpfHolders, findBpfHolders} from '../machine/bpf_holders.js';
import {countSocketsByCongestionControl} from '../machine/tcp_sockets.js';
import {decodeValue} from './decode_value.js';
import {planQuery, type QueryOptions, runQuery} from './executor_query.js';
import {runningKernelKinds} from './kernel_kinds.js';
import {PIN_ROOT} from './pin_path.js';
import type {Pin, RegisteredProgram, Registration} from './registration.js';

export interface RegistrationList {
  /** By map id, so the oldest first. */
  readonly registrations: readonly Registration[];
  /** Whether the executor could look at everything. */
  readonly complete: boolean;
  /** Processes that may not be looked into: holders may be among them. */
  readonly hiddenProcesses: number;
}

/** Of an executor that does not list. */
const NOTHING: RegistrationsListed = {
  maps: [],
  links: [],
  programs: [],
  pins: [],
  complete: false,
};

/** `bpf_struct_ops_state` of the kernel. */
const STATES = ['new', 'in_force', 'ended', 'ready'] as const;

/** BPF_F_LINK */
const LINK_FLAG = 0x2000;

/** The executor's answer, and what is known beside it. */
export interface Facts {
  readonly listed: RegistrationsListed;
  readonly kinds: readonly KernelKind[];
  readonly holders: BpfHolders;
  readonly sockets: ReadonlyMap<string, number> | undefined;
  readonly bootedMs: number;
  readonly pinRoot: string;
}

/**
 * Every struct_ops map of the running kernel, whatever loaded it, with its link, programs, pins
 * and holders. Asks the executor, which needs CAP_SYS_ADMIN for it (BPF_MAP_GET_FD_BY_ID).
 *
 * @throws {ShimError} The executor could not be run, or may not look.
 * @throws {InputError} The kernel has no BTF.
 */
export async function listRegistrations(options: QueryOptions = {}): Promise<RegistrationList> {
  const answer = await runQuery(planQuery(['list=1'], options.core), options);
  const listed = {...NOTHING, ...answer};
  const modules = new Set(listed.maps.flatMap(({module}) => module ?? []));
  const holders = findBpfHolders();
  const facts: Facts = {
    listed,
    holders,
    kinds: runningKernelKinds([...modules], options.core),
    sockets: await countSocketsByCongestionControl(),
    bootedMs: bootTimeMs(),
    pinRoot: options.pinRoot ?? PIN_ROOT,
  };
  return {
    registrations: registrationsFrom(facts),
    complete: listed.complete,
    hiddenProcesses: holders.hiddenProcesses,
  };
}

/** By map id. */
export function registrationsFrom(facts: Facts): Registration[] {
  return facts.listed.maps.map(map => registrationOf(map, facts));
}

function registrationOf(map: ListedMap, facts: Facts): Registration {
  const {listed, holders} = facts;
  const kind = facts.kinds.find(
    one => one.value_type_id === map.value_type_id && (one.module ?? undefined) === map.module,
  );
  const decoded = kind && map.value !== undefined ? decodeValue(map.value, kind) : undefined;
  const name = decoded?.name ?? map.name;
  const link = listed.links.find(({map_id}) => map_id === map.id);
  const programs = programsOf(decoded?.programs ?? new Map(), listed.programs);
  return {
    name,
    kind: kind?.struct,
    module: map.module,
    state: stateOf(map, link),
    map: {id: map.id, name: map.name},
    link: link && {id: link.id},
    linkable: (map.flags & LINK_FLAG) !== 0,
    swap: (link && kind?.swap) ?? 'detach',
    programs,
    pins: pinsOf(map, link, facts),
    since: sinceOf(programs, facts),
    holders: (link ? holders.links.get(link.id) : holders.maps.get(map.id)) ?? [],
    sockets:
      kind?.struct === 'tcp_congestion_ops' && facts.sockets
        ? (facts.sockets.get(name) ?? 0)
        : undefined,
  };
}

function stateOf(map: ListedMap, link: ListedLink | undefined): Registration['state'] {
  return link === undefined ? (STATES[map.state ?? 0] ?? 'new') : 'in_force';
}

function programsOf(
  byMember: ReadonlyMap<string, number>,
  listed: readonly ListedProgram[],
): RegisteredProgram[] {
  return [...byMember].map(([member, id]) => {
    const program = listed.find(one => one.id === id);
    return {id, member, name: program?.name ?? '', uid: program?.uid};
  });
}

function pinsOf(map: ListedMap, link: ListedLink | undefined, facts: Facts): Pin[] {
  return facts.listed.pins
    .filter(({kind, id}) => id === (kind === 'link' ? link?.id : map.id))
    .map(({kind, path}) => ({of: kind, path: `${facts.pinRoot}/${path}`}));
}

function sinceOf(programs: readonly RegisteredProgram[], facts: Facts): Date | undefined {
  const ids = new Set(programs.map(({id}) => id));
  const times = facts.listed.programs.filter(({id}) => ids.has(id)).map(one => one.load_time);
  if (times.length === 0) return undefined;
  return new Date(facts.bootedMs + Math.max(...times) / 1e6);
}
