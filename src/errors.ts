import type {Holding} from './executor/holding.js';
import type {FrameResult, StepFailed} from './executor/shim_report.js';
import type {Fault} from './faults.js';

/** What a user is told: what failed and where, why, and what to try. */
export interface Explanation {
  /** One line. */
  readonly what: string;
  readonly why?: string;
  readonly hint?: string;
}

/** What all errors of this package have in common. */
export abstract class StructopsError extends Error {
  /** Stable; for programs. */
  abstract readonly code: string;
  /** One line: what failed and where. No log, no list. */
  readonly shortMessage: string;
  /** The reason; may be empty. */
  readonly why: string;
  /** What to try; may be empty. */
  readonly hint: string;

  constructor({what, why = '', hint = ''}: Explanation, options?: ErrorOptions) {
    super([what, why, hint].filter(Boolean).join('\n'), options);
    this.shortMessage = what;
    this.why = why;
    this.hint = hint;
  }
}

/** Puts the name where built-in errors have theirs, so that it is no property of each error. */
function setName(errorClass: {readonly prototype: StructopsError}, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', {
    value: name,
    writable: true,
    configurable: true,
  });
}

export type InputErrorCode =
  | 'BAD_ARGUMENT'
  | 'NOT_REGISTERED'
  | 'AMBIGUOUS_NAME'
  | 'FILE_NOT_FOUND'
  | 'FILE_NOT_READABLE'
  | 'FILE_NOT_WRITABLE'
  | 'KERNEL_WITHOUT_BTF'
  | 'NOT_RAW_BTF'
  | 'NOT_A_KERNEL'
  | 'CANNOT_UNPACK'
  | 'COMMAND_MISSING'
  | 'KERNEL_DID_NOT_RUN'
  | 'INPUT_SIZE';

/** An input could not be had at all: a missing file, the wrong kind of file. */
export class InputError extends StructopsError {
  constructor(
    readonly code: InputErrorCode,
    explanation: Explanation,
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}
setName(InputError, 'InputError');

/** The object, the kernel BTF or the plan cannot be used. Nothing privileged has happened. */
export class PlanError extends StructopsError {
  /** That of the first fault. */
  readonly code: string;

  /**
   * @param faults - Every reason, at least one.
   * @param subject - Which plan it would have been, where several are made.
   */
  constructor(
    readonly faults: readonly Fault[],
    readonly subject?: string,
  ) {
    super({
      what: summary(faults),
      why: faults
        .slice(1)
        .map(fault => fault.message)
        .join('\n'),
      hint: faults[0]?.hint ?? '',
    });
    this.code = faults[0]?.code ?? 'UNKNOWN';
  }
}
setName(PlanError, 'PlanError');

function summary(faults: readonly Fault[]): string {
  const first = faults[0]?.message ?? 'the core refused its input without a reason';
  return faults.length > 1 ? `${first} (and ${faults.length - 1} more)` : first;
}

export type ShimErrorCode =
  | 'STEP_FAILED'
  | 'INTERRUPTED'
  | 'PLAN_REFUSED'
  | 'WRONG_KERNEL'
  | 'DETACHED'
  | 'SHIM_NOT_STARTED'
  | 'SHIM_DIED'
  | 'SHIM_TIMEOUT'
  | 'SHIM_PROTOCOL'
  | 'SHIM_FAULT';

/** The executor, or the kernel, did not carry a plan out. */
export class ShimError extends StructopsError {
  /** The executor's answer, if it gave one. */
  readonly result: FrameResult | undefined;
  /** What the executor has put back, and keeps in force until this is released. */
  holding: Holding | undefined;

  constructor(
    readonly code: ShimErrorCode,
    explanation: Explanation,
    options: ErrorOptions & {readonly result?: FrameResult} = {},
  ) {
    super(explanation, options);
    this.result = options.result;
  }

  /** The index of the step that the kernel refused. */
  get step(): number | undefined {
    return this.#failure?.step;
  }

  /** The name of the kernel's error, such as `EINVAL`. */
  get errno(): string | undefined {
    return this.#failure?.error;
  }

  get verifierLog(): string | undefined {
    return this.#failure?.log;
  }

  /** Whether it is certain that nothing of the plan is left in the kernel. */
  get undone(): boolean {
    if (this.result === undefined) return this.code === 'SHIM_NOT_STARTED';
    return !('left_registered' in this.result) || this.result.left_registered === 0;
  }

  get #failure(): StepFailed | undefined {
    return this.result?.status === 'step_failed' ? this.result : undefined;
  }
}
setName(ShimError, 'ShimError');

/** An input of the core at the time of its defect, to name it in a report. */
export interface CoreBugInput {
  readonly kind: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** The core trapped or broke its ABI. A defect of this package, whatever the input was. */
export class CoreBug extends StructopsError {
  readonly code = 'CORE_BUG';

  constructor(
    what: string,
    readonly inputs: readonly CoreBugInput[],
    options?: ErrorOptions,
  ) {
    const list = inputs.map(({kind, size, sha256}) => `${kind}: ${size} bytes, sha256 ${sha256}`);
    super(
      {
        what,
        why: ['a defect of structops itself, with these inputs:', ...list].join('\n'),
        hint: 'please report it, with these lines and if possible the files',
      },
      options,
    );
  }
}
setName(CoreBug, 'CoreBug');
