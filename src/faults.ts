/** What `structops.faults/1` of the core looks like: docs/embedding.md, "Faults". */
export interface FaultReport {
  readonly schema: 'structops.faults/1';
  readonly faults: readonly Fault[];
}

/** One reason why an input cannot be used. `code` and `number` never change their meaning. */
export interface Fault {
  /** Such as `KERN_NO_LINKS`. */
  readonly code: string;
  readonly number: number;
  /** One sentence: what is wrong, with the names of all that take part. */
  readonly message: string;
  /** What to try; may be empty. */
  readonly hint: string;
  readonly where: FaultPlace;
  readonly wanted?: string;
  readonly found?: string;
  /** What the kernel would have to have, such as `struct_ops links`. */
  readonly feature?: string;
  /** The release of Linux that brought it, where that is known: `6.4`. */
  readonly since?: string;
  /** A name that is there, and near to the one that is not. */
  readonly did_you_mean?: string;
}

/** Only the keys that apply are there. */
export interface FaultPlace {
  readonly input?: 'object' | 'kernel' | 'module' | 'plan' | 'options';
  /** Bytes from the start of that input. */
  readonly offset?: number;
  readonly section?: string;
  readonly symbol?: string;
  readonly struct?: string;
  readonly member?: string;
}
