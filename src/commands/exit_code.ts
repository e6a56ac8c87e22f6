import {CommanderError} from 'commander';
import {CoreBug, ShimError, type ShimErrorCode, StructopsError} from '../errors.js';

/** What the command's exit codes mean. They never change. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** The kernel refused, or something differs. */
  refused: 1,
  /** It cannot be done: bad input, bad arguments, an unusable plan. */
  cannot: 2,
  /** Our fault. */
  ours: 3,
} as const;

const OF_SHIM_ERROR: Readonly<Record<ShimErrorCode, number>> = {
  STEP_FAILED: EXIT.refused,
  INTERRUPTED: EXIT.refused,
  DETACHED: EXIT.refused,
  PLAN_REFUSED: EXIT.cannot,
  WRONG_KERNEL: EXIT.cannot,
  SHIM_NOT_STARTED: EXIT.cannot,
  SHIM_DIED: EXIT.ours,
  SHIM_TIMEOUT: EXIT.ours,
  SHIM_PROTOCOL: EXIT.ours,
  SHIM_FAULT: EXIT.ours,
};

export function exitCodeOf(error: unknown): number {
  // --help and --version end in a CommanderError as well.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.cannot;
  if (error instanceof ShimError) return OF_SHIM_ERROR[error.code];
  if (error instanceof CoreBug) return EXIT.ours;
  return error instanceof StructopsError ? EXIT.cannot : EXIT.ours;
}
