// Types of the library may be used without those of Node, which have this too.
/// <reference lib="esnext.disposable" preserve="true" />
import type {Released} from './shim_report.js';

/**
 * What a running executor keeps in force. Let it go with `release()`, or with `await using`; it is
 * also let go when this process ends, however it ends. What is pinned stays.
 */
export interface Holding extends AsyncDisposable {
  /** Resolves, never rejects, when the executor has ended: then nothing is held any more. */
  readonly ended: Promise<ShimExit>;
  /**
   * Unregisters what was attached and lets everything else go. May be called again.
   *
   * @returns What the executor said at its end; undefined if nothing was held.
   * @throws {ShimError} The executor did not end as it should, or something is still in force.
   */
  release(): Promise<Released | undefined>;
}

/** How an executor ended. */
export interface ShimExit {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** What it wrote to standard error. */
  readonly stderr: string;
  /** Its last word, if it held anything. */
  readonly released: Released | undefined;
}
