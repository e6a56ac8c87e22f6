import type {ObjectIdentity} from '../plan/plan_description.js';

/** What `structops.inspect/1` of the core looks like: docs/embedding.md, "Inspection". */
export interface Inspection {
  readonly schema: 'structops.inspect/1';
  readonly object: ObjectIdentity;
  readonly license: string;
  readonly struct_ops: readonly DeclaredStructOps[];
  readonly programs: readonly DeclaredProgram[];
  readonly maps: readonly DeclaredMap[];
  readonly externs: readonly DeclaredExtern[];
  /** The number of CO-RE relocations. */
  readonly core_relocations: number;
}

export interface DeclaredStructOps {
  /** The variable's name. */
  readonly name: string;
  /** The kernel struct that it is, such as `tcp_congestion_ops`. */
  readonly struct: string;
  readonly section: string;
  /** Registered by a link, not by the update of its map. */
  readonly link: boolean;
  /** Left out where the kernel has no such struct. */
  readonly optional: boolean;
  /** Bytes of the object's struct. */
  readonly size: number;
  readonly members: readonly DeclaredMember[];
}

/** A member that is a callback or not zero. */
export interface DeclaredMember {
  readonly name: string;
  /** Bytes from the start of the object's struct. */
  readonly offset: number;
  readonly size: number;
  /** Its BTF kind, such as `PTR`. */
  readonly kind: string;
  /** The program of a callback. */
  readonly program?: string;
  /** The bytes in hex. */
  readonly bytes?: string;
  /** The same as text, where they are a string. */
  readonly text?: string;
}

export interface DeclaredProgram {
  readonly name: string;
  readonly section: string;
  readonly type: string;
  readonly sleepable: boolean;
  readonly optional: boolean;
  /** Instructions of 8 bytes. */
  readonly insn_count: number;
  /** Called by other programs, and not one of its own. */
  readonly subprogram: boolean;
}

export interface DeclaredMap {
  readonly name: string;
  readonly section: string;
  /** Bytes of its value. */
  readonly size: number;
  readonly variables: readonly DeclaredVariable[];
}

export interface DeclaredVariable {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: string;
}

export interface DeclaredExtern {
  readonly name: string;
  /** Such as `kfunc`. */
  readonly kind: string;
  readonly weak: boolean;
}
