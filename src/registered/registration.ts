import type {Holder} from '../machine/bpf_holders.js';

/**
 * A struct_ops map of the running kernel, whoever made it, and what there is about it.
 *
 * `in_force`: the kernel calls it. `ready`: it could be, but no link makes it so. `ended`: it was,
 * without a link, and never will be again. `new`: it has no value yet.
 */
export interface Registration {
  /** The name under which its subsystem knows it, or else that of the map. */
  readonly name: string;
  /** Such as `tcp_congestion_ops`; undefined if the kernel's BTF does not tell. */
  readonly kind: string | undefined;
  /** The module whose BTF has the kind's type; undefined for vmlinux. */
  readonly module: string | undefined;
  readonly state: 'in_force' | 'ready' | 'ended' | 'new';
  /** Of at most 15 bytes. */
  readonly map: {readonly id: number; readonly name: string};
  /** Undefined: registered without one (a "legacy" map), or not registered. */
  readonly link: {readonly id: number} | undefined;
  /** Whether its map can have links. */
  readonly linkable: boolean;
  /**
   * What replacing it takes: `update`, the link gets another map at once; `detach`, the old one
   * goes before the new one comes, and nothing is in force in between.
   */
  readonly swap: 'update' | 'detach';
  readonly programs: readonly RegisteredProgram[];
  /** Of the link and of the map. */
  readonly pins: readonly Pin[];
  /** When the last of its programs was loaded: it is not in force for longer. */
  readonly since: Date | undefined;
  /** Processes that have an fd of what keeps it in force: its link, or its map. */
  readonly holders: readonly Holder[];
  /** TCP sockets of this network namespace; undefined for other kinds, and without ss(8). */
  readonly sockets: number | undefined;
}

export interface RegisteredProgram {
  readonly id: number;
  readonly name: string;
  /** The callback that it is. */
  readonly member: string;
  /** Who loaded it; undefined if it is gone. */
  readonly uid: number | undefined;
}

export interface Pin {
  readonly of: 'link' | 'map';
  /** Absolute. */
  readonly path: string;
}

/** What of it is named to the executor: `link:7`, or `map:41` where there is no link. */
export function idOf({link, map}: Registration): string {
  return link === undefined ? `map:${map.id}` : `link:${link.id}`;
}

/** Registered without a link, and no pin or process keeps its map: left behind by its loader. */
export function isLeftBehind({state, link, pins, holders}: Registration): boolean {
  return state === 'in_force' && link === undefined && pins.length === 0 && holders.length === 0;
}
