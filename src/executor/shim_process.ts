import {access, constants} from 'node:fs/promises';
import type {execa as Execa} from 'execa';
import {ShimError, type ShimErrorCode} from '../errors.js';
import {findExecutor, WITHOUT_EXECUTOR} from './find_executor.js';
import type {ShimExit} from './holding.js';
import {
  type Detached,
  type FrameResult,
  parseShimLine,
  type Released,
  type ShimLine,
} from './shim_report.js';

export interface ShimOptions {
  /** The executor. Default: that of `@structops/shim-…`, or `build/structops-shim` of a clone. */
  readonly path?: string;
  /** `load-only` attaches nothing, `check` asks nothing of the kernel. Default: `apply`. */
  readonly mode?: 'apply' | 'load-only' | 'check';
  /** Start it through sudo, which may ask for a password on the terminal. Default: false. */
  readonly sudo?: boolean;
  /** The bpffs below which all paths of pins lie. Default: `/sys/fs/bpf`. */
  readonly pinRoot?: string;
  /** Also load programs that are not of struct_ops objects' types. Default: false. */
  readonly allowOtherPrograms?: boolean;
  /** Called when the kernel has dropped a link that is held. */
  readonly onDetached?: (link: Detached) => void;
  /** Milliseconds that one frame, or the release, may take. Default: ten minutes. */
  readonly timeoutMs?: number;
  /** When it fires, the executor stops before its next step, takes everything back and ends. */
  readonly signal?: AbortSignal;
}

/** The verifier may need minutes for a large scheduler on an emulated machine. */
const TIMEOUT_MS = 600_000;

interface Waiting {
  readonly resolve: (result: FrameResult) => void;
  readonly reject: (error: ShimError) => void;
}

function startProcess(execa: typeof Execa, path: string, options: ShimOptions) {
  const {mode = 'apply', sudo = false, pinRoot, allowOtherPrograms = false} = options;
  const command = [
    path,
    ...(mode === 'apply' ? [] : [`--${mode}`]),
    ...(pinRoot === undefined ? [] : ['--pin-root', pinRoot]),
    ...(allowOtherPrograms ? ['--allow-other-programs'] : []),
  ];
  const [file, ...args] = sudo ? ['sudo', '--', ...command] : command;
  return execa(file as string, args, {
    stdin: 'pipe',
    // A verifier log may have 64 MiB, each line break of it as six characters.
    buffer: {stdout: false},
    reject: false,
    stripFinalNewline: true,
    // SIGKILL would leave legacy registrations behind: only ever SIGTERM.
    forceKillAfterDelay: false,
  });
}

type Subprocess = ReturnType<typeof startProcess>;

/**
 * A running executor: plan frames go down its standard input, a line comes back for each
 * (docs/executor.md). It holds what the frames made until `release`. It lets everything go when
 * its standard input ends, so also when this process is killed.
 */
export class ShimProcess {
  /** Resolves, never rejects, when the executor has ended, for whatever reason. */
  readonly exited: Promise<ShimExit>;
  readonly #process: Subprocess;
  readonly #timeoutMs: number;
  readonly #onDetached: ((link: Detached) => void) | undefined;
  #waiting: Waiting | undefined;
  #released: Released | undefined;
  #failure: ShimError | undefined;
  readonly #onAbort = () => this.#stop();

  private constructor(process: Subprocess, options: ShimOptions) {
    const {timeoutMs = TIMEOUT_MS, signal, onDetached} = options;
    this.#process = process;
    this.#timeoutMs = timeoutMs;
    this.#onDetached = onDetached;
    if (signal?.aborted) this.#stop();
    signal?.addEventListener('abort', this.#onAbort, {once: true});
    // Its end is told by `exited`; a write that comes too late has nothing to add.
    process.stdin.on('error', () => {});
    // A signal may outlive many executors.
    this.exited = this.#run().finally(() => signal?.removeEventListener('abort', this.#onAbort));
  }

  /** @throws {ShimError} with code `SHIM_NOT_STARTED`: it is missing, or may not be run. */
  static async start(options: ShimOptions = {}): Promise<ShimProcess> {
    const path = options.path ?? findExecutor();
    await access(path, constants.X_OK).catch((cause: unknown) => {
      throw new ShimError(
        'SHIM_NOT_STARTED',
        {
          what: `cannot start the executor ${path}`,
          why: cause instanceof Error ? cause.message : String(cause),
          hint: WITHOUT_EXECUTOR,
        },
        {cause},
      );
    });
    // Only now: loading it takes longer than a plan, which needs no process.
    const {execa} = await import('execa');
    return new ShimProcess(startProcess(execa, path, options), options);
  }

  /**
   * Sends one plan frame, and waits for its result. One at a time.
   *
   * @returns Also the result of a frame that was refused or failed: see its `status`.
   * @throws {ShimError} The executor died, did not answer in time, or answered nonsense.
   */
  async send(frame: Uint8Array): Promise<FrameResult> {
    if (this.#waiting !== undefined) throw new Error('the frame before is not answered yet');
    if (this.#failure !== undefined) throw this.#failure;
    const answer = new Promise<FrameResult>((resolve, reject) => {
      this.#waiting = {resolve, reject};
    });
    this.#process.stdin.write(frame);
    return this.#inTime(answer, 'answer');
  }

  /**
   * Lets everything go that was made: links closed, legacy registrations deleted.
   *
   * @throws {ShimError} It did not end in time, or did not end as it should.
   */
  async release(): Promise<ShimExit> {
    this.#process.stdin.end();
    // Whoever has waited once need not wait as long again.
    if (this.#failure?.code === 'SHIM_TIMEOUT') throw this.#failure;
    const exit = await this.#inTime(this.exited, 'end');
    if (this.#failure !== undefined && this.#failure.code !== 'SHIM_DIED') throw this.#failure;
    if (exit.exitCode === undefined) throw died(exit);
    return exit;
  }

  async #run(): Promise<ShimExit> {
    try {
      for await (const line of this.#process.iterable({preserveNewlines: true})) {
        // A line without its end is the mark of a death, which is told below.
        if (line.endsWith('\n')) this.#take(line);
      }
    } catch {
      // It could not be started, or was killed: its result says so below.
    }
    const result = await this.#process;
    const exit: ShimExit = {
      exitCode: result.exitCode,
      signal: result.signal,
      stderr: String(result.stderr ?? '') || (result.originalMessage ?? ''),
      released: this.#released,
    };
    this.#fail(died(exit));
    return exit;
  }

  #take(text: string): void {
    const line: ShimLine | undefined = parseShimLine(text);
    if (line?.status === 'released') {
      this.#released = line;
    } else if (line?.status === 'detached') {
      this.#onDetached?.(line);
    } else if (line?.status === 'error') {
      const what = `the executor could not ${line.doing}: ${line.error}`;
      this.#fail(new ShimError('SHIM_FAULT', {what}));
    } else if (line !== undefined && this.#waiting !== undefined) {
      const {resolve} = this.#waiting;
      this.#waiting = undefined;
      resolve(line);
    } else {
      this.#abandon('SHIM_PROTOCOL', {
        what: 'the executor said something that is no result',
        why: text.slice(0, 200),
        hint: 'are structops-shim and structops of the same version?',
      });
    }
  }

  /** Keeps the first failure, and tells whoever waits. */
  #fail(error: ShimError): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }

  /** Gives up on an executor that may still run: it takes everything back and ends. */
  #abandon(code: ShimErrorCode, explanation: {what: string; why: string; hint?: string}): void {
    this.#fail(new ShimError(code, explanation));
    this.#stop();
  }

  /** One started by sudo gets no signal of ours: the end of its input has to do. */
  #stop(): void {
    this.#process.stdin.end();
    this.#process.kill('SIGTERM');
  }

  async #inTime<Result>(result: Promise<Result>, verb: string): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#abandon('SHIM_TIMEOUT', {
          what: `the executor did not ${verb} within ${this.#timeoutMs / 1000} s`,
          why: 'it was told to take everything back and to end, but that may take its time',
        });
        reject(this.#failure);
      }, this.#timeoutMs);
    });
    return Promise.race([result, late]).finally(() => clearTimeout(timer));
  }
}

function died({exitCode, signal, stderr, released}: ShimExit): ShimError {
  if (exitCode === undefined && signal === undefined) {
    return new ShimError('SHIM_NOT_STARTED', {what: 'cannot start the executor', why: stderr});
  }
  const how = signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`;
  const what =
    released === undefined ? `the executor ended ${how}` : `the executor let go (${released.why})`;
  return new ShimError('SHIM_DIED', {what, why: stderr.trim()});
}
