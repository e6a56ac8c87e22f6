/**
 * What a random sequence of verbs must lead to: which registrations are in force, who holds them,
 * where they are pinned, and how many objects the kernel has. It knows no id and asks nobody, so a
 * seed gives the same verbs and the same answers everywhere.
 */
import {Random} from '../../helpers/random.js';

export interface Build {
  readonly object: string;
  readonly variable: string;
  readonly kind: 'tcp_congestion_ops' | 'sched_ext_ops' | 'Qdisc_ops';
  readonly link: boolean;
}

export const BUILDS = [
  {object: 'first', variable: 'so_first', kind: 'tcp_congestion_ops', link: false},
  {object: 'first_link', variable: 'so_first', kind: 'tcp_congestion_ops', link: true},
  {object: 'second', variable: 'so_second', kind: 'tcp_congestion_ops', link: false},
  {object: 'second_link', variable: 'so_second', kind: 'tcp_congestion_ops', link: true},
  {object: 'shared', variable: 'so_shared', kind: 'sched_ext_ops', link: true},
  {object: 'fifo', variable: 'so_fifo', kind: 'Qdisc_ops', link: true},
] as const satisfies readonly Build[];

/** A plan that must be refused, and the status of the executor's answer. */
export const BAD_PLANS = {
  cut: 'plan_refused',
  damaged: 'plan_refused',
  other: 'wrong_kernel',
  refused: 'step_failed',
} as const;

export type Verb =
  /** Held by an executor of that number, or with a pin by nobody. */
  | {do: 'apply'; build: Build; name: string; executor: number; pin?: string; fails?: true}
  /** `fails`: its values are not taken. A new one that nothing else keeps is held by `executor`. */
  | {do: 'update'; name: string; build: Build; executor: number; fails?: true}
  | {do: 'detach'; name: string}
  | {do: 'release' | 'kill'; executor: number}
  | {do: 'unpin'; path: string}
  | {do: 'bad_plan'; plan: keyof typeof BAD_PLANS}
  /** `structops apply` is killed while it holds. */
  | {do: 'kill_command'; build: Build; name: string};

/** One that is in force, as `list` has it. */
export interface Expected {
  readonly name: string;
  readonly kind: string;
  readonly variable: string;
  readonly link: boolean;
  readonly pins: readonly string[];
  readonly executors: readonly number[];
  readonly leftBehind: boolean;
}

export interface Counts {
  readonly maps: number;
  readonly progs: number;
  readonly links: number;
  readonly btfs: number;
  readonly pins: number;
  readonly congestion_controls: number;
}

/** What a plan made: alive while its executor is, or while it is in force. */
interface Load {
  readonly serial: number;
  readonly build: Build;
  executor: number | undefined;
}

interface Registration {
  readonly name: string;
  load: Load;
  /** Whose fd keeps it: of its link, or the one that deletes it when it ends. */
  owner: number | undefined;
  pin: string | undefined;
}

export class Model {
  readonly #random: Random;
  readonly #registrations = new Map<string, Registration>();
  readonly #loads = new Set<Load>();
  readonly #executors = new Set<number>();
  /** Pins of maps that are spent: by their paths. */
  readonly #spent = new Map<string, Load>();
  #serial = 0;

  /** @param sizes - Maps and programs of each object's plan. */
  constructor(
    seed: number,
    readonly sizes: ReadonlyMap<string, {readonly maps: number; readonly progs: number}>,
  ) {
    this.#random = new Random(seed);
  }

  /** The next one, which may be one that must fail. */
  next(): Verb {
    const registrations = [...this.#registrations.values()];
    const pins = [...registrations.flatMap(({pin}) => pin ?? []), ...this.#spent.keys()];
    const verbs: (() => Verb | undefined)[] = [
      () => this.#apply(),
      () => this.#apply(),
      () => this.#update(registrations),
      () => this.#update(registrations),
      () => this.#from(registrations, ({name}) => ({do: 'detach', name})),
      () => this.#from([...this.#executors], executor => ({do: 'release', executor})),
      () => this.#from([...this.#executors], executor => ({do: 'kill', executor})),
      () => this.#from(pins, path => ({do: 'unpin', path})),
      () =>
        this.#from(Object.keys(BAD_PLANS) as (keyof typeof BAD_PLANS)[], plan => ({
          do: 'bad_plan',
          plan,
        })),
      () => (this.#random.below(3) === 0 ? this.#killCommand() : undefined),
    ];
    for (;;) {
      const verb = (verbs[this.#random.below(verbs.length)] as () => Verb | undefined)();
      if (verb !== undefined) return verb;
    }
  }

  /** What takes everything away, one after the other; undefined when nothing is left. */
  last(): Verb | undefined {
    const [executor] = this.#executors;
    if (executor !== undefined) return {do: 'release', executor};
    const [path] = this.#spent.keys();
    if (path !== undefined) return {do: 'unpin', path};
    const [registration] = this.#registrations.values();
    return registration && {do: 'detach', name: registration.name};
  }

  /** The kernel after a verb. */
  carryOut(verb: Verb): void {
    switch (verb.do) {
      case 'apply':
        if (verb.fails !== true) this.#register(verb.name, verb.build, verb.executor, verb.pin);
        break;
      case 'update':
        this.#swap(verb);
        break;
      case 'detach':
        this.#registrations.delete(verb.name);
        break;
      case 'release':
      case 'kill':
        this.#end(verb.executor, verb.do === 'kill');
        break;
      case 'unpin':
        this.#removePin(verb.path);
        break;
      case 'bad_plan':
      case 'kill_command':
        break;
    }
    for (const load of this.#loads) if (!this.#isAlive(load)) this.#loads.delete(load);
  }

  /** As `list` has them: the one whose map is older comes first. */
  inForce(): Expected[] {
    return [...this.#registrations.values()]
      .sort((a, b) => a.load.serial - b.load.serial)
      .map(({name, load, owner, pin}) => {
        const {kind, variable, link} = load.build;
        const holder = link ? owner : load.executor;
        const executors = holder === undefined ? [] : [holder];
        const pins = pin === undefined ? [] : [pin];
        const leftBehind = !link && holder === undefined && pin === undefined;
        return {name, kind, variable, link, pins, executors, leftBehind};
      });
  }

  /** Beyond those before the first verb. */
  counts(): Counts {
    const loads = [...this.#loads];
    const registrations = [...this.#registrations.values()];
    const sum = (what: 'maps' | 'progs') =>
      loads.reduce((total, {build}) => total + (this.sizes.get(build.object)?.[what] ?? 0), 0);
    return {
      maps: sum('maps'),
      progs: sum('progs'),
      links: registrations.filter(({load}) => load.build.link).length,
      btfs: loads.length,
      pins: registrations.filter(({pin}) => pin !== undefined).length + this.#spent.size,
      congestion_controls: registrations.filter(
        ({load}) => load.build.kind === 'tcp_congestion_ops',
      ).length,
    };
  }

  #apply(): Verb {
    const build = this.#random.pick(BUILDS);
    const name = build.variable;
    const executor = this.#serial;
    const pinned = this.#random.below(2) === 0 && {pin: `${name}_${executor}`};
    const fails = this.#registrations.has(name) && {fails: true as const};
    return {do: 'apply', build, name, executor, ...pinned, ...fails};
  }

  #update(registrations: readonly Registration[]): Verb | undefined {
    return this.#from(registrations, ({name, load}) => {
      const build = this.#random.pick(BUILDS.filter(({kind}) => kind === load.build.kind));
      const fails = this.#random.below(3) === 0 && {fails: true as const};
      return {do: 'update', name, build, executor: this.#serial, ...fails};
    });
  }

  #killCommand(): Verb | undefined {
    const free = BUILDS.filter(({variable}) => !this.#registrations.has(variable));
    return this.#from(free, build => ({do: 'kill_command', build, name: build.variable}));
  }

  #from<Item>(items: readonly Item[], make: (item: Item) => Verb): Verb | undefined {
    return items.length === 0 ? undefined : make(this.#random.pick(items));
  }

  #isAlive(load: Load): boolean {
    const inForce = [...this.#registrations.values()].some(one => one.load === load);
    return inForce || load.executor !== undefined || [...this.#spent.values()].includes(load);
  }

  #load(build: Build, executor: number | undefined): Load {
    const load = {serial: this.#serial++, build, executor};
    this.#loads.add(load);
    if (executor !== undefined) this.#executors.add(executor);
    return load;
  }

  /** What is pinned is held by nobody. */
  #register(name: string, build: Build, executor: number, pin: string | undefined): void {
    const owner = pin === undefined ? executor : undefined;
    this.#registrations.set(name, {name, load: this.#load(build, owner), owner, pin});
  }

  #swap({name, build, executor, fails}: Verb & {do: 'update'}): void {
    const old = this.#registrations.get(name) as Registration;
    const atOnce = build.link && old.load.build.link && build.kind === 'tcp_congestion_ops';
    if (atOnce) {
      // The link stays with whoever has it.
      if (fails !== true) old.load = this.#load(build, undefined);
      return;
    }
    if (fails !== true) {
      this.#register(name, build, executor, old.pin);
      return;
    }
    // It looks at the new one's values while the old one is in force.
    if (build.kind === 'sched_ext_ops') return;
    // The kernel registers no map twice that has no link; its pin comes back.
    if (!old.load.build.link) {
      this.#registrations.delete(name);
      if (old.pin !== undefined) this.#spent.set(old.pin, old.load);
      return;
    }
    // Another link of the old map; without a pin the executor that made it holds it.
    old.owner = old.pin === undefined ? executor : undefined;
    if (old.owner !== undefined) this.#executors.add(executor);
    this.#serial++;
  }

  #end(executor: number, killed: boolean): void {
    this.#executors.delete(executor);
    for (const load of this.#loads) if (load.executor === executor) load.executor = undefined;
    for (const one of [...this.#registrations.values()]) {
      if (one.owner !== executor) continue;
      one.owner = undefined;
      const stays = one.pin !== undefined || (killed && !one.load.build.link);
      if (!stays) this.#registrations.delete(one.name);
    }
  }

  #removePin(path: string): void {
    this.#spent.delete(path);
    for (const one of [...this.#registrations.values()]) {
      if (one.pin !== path) continue;
      one.pin = undefined;
      if (one.load.build.link && one.owner === undefined) this.#registrations.delete(one.name);
    }
  }
}
