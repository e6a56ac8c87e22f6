import {ShimError} from '../errors.js';
import type {Holding, ShimExit} from '../executor/holding.js';
import type {Detached} from '../executor/shim_report.js';
import type {PlannedRegistration} from '../plan/plan_registrations.js';
import {printJsonLine, printLine} from './output.js';

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Fires at the first of the signals that end a command which holds something. */
export function endSignal(): AbortSignal {
  const ending = new AbortController();
  // Not `once`: execa ends this process if its own listener is the last one left.
  for (const signal of END_SIGNALS) process.on(signal, () => ending.abort());
  return ending.signal;
}

/** Hears of links that the kernel drops, and tells when nothing is left in force. */
export class DroppedLinks {
  readonly all: Promise<string[]>;
  readonly #names: string[] = [];
  readonly #registered: readonly PlannedRegistration[];
  readonly #json: boolean;
  #tell: (names: string[]) => void = () => {};

  constructor(registered: readonly PlannedRegistration[], json = false) {
    this.#registered = registered;
    this.#json = json;
    this.all = new Promise(resolve => {
      this.#tell = resolve;
    });
  }

  readonly onDetached = (link: Detached): void => {
    this.#names.push(link.name);
    if (this.#json) printJsonLine(link);
    else printLine(`${link.name} (link ${link.id}) was detached`);
    // A registration without a link cannot be dropped.
    const links = this.#registered.filter(one => one.link).length;
    if (links === this.#registered.length && this.#names.length >= links) this.#tell(this.#names);
  };
}

/** Until a signal, until the executor ends by itself, or until nothing is left in force. */
export async function hold(
  holding: Holding,
  signal: AbortSignal,
  json = false,
  dropped?: DroppedLinks,
): Promise<void> {
  if (!json) printLine('\nheld until Ctrl-C');
  const signalled = new Promise<undefined>(resolve => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), {once: true});
  });
  const end = await Promise.race([signalled, holding.ended, ...(dropped ? [dropped.all] : [])]);
  if (end !== undefined && !Array.isArray(end) && !endedBySignal(end)) throw lostExecutor(end);
  const released = await holding.release();
  if (json && released !== undefined) printJsonLine(released);
  if (Array.isArray(end)) throw droppedAll(end);
  if (!json) printLine('released');
}

/** A terminal sends Ctrl-C to the executor as well, which may be the first to end. */
function endedBySignal({released}: ShimExit): boolean {
  return END_SIGNALS.some(signal => signal === released?.why);
}

function lostExecutor({exitCode, signal, stderr}: ShimExit): ShimError {
  return new ShimError('SHIM_DIED', {
    what: `the executor ended ${signal === undefined ? `with exit code ${exitCode}` : `by ${signal}`}`,
    why: stderr.trim() || 'links, programs and maps went with it',
    hint: 'what was registered without a link may be left: structops list',
  });
}

function droppedAll(names: readonly string[]): ShimError {
  return new ShimError('DETACHED', {
    what: `${names.join(', ')}: out of force`,
    why: 'somebody detached it, or the kernel did, as the watchdog of sched_ext does',
    hint: "the kernel's log may say why: dmesg | tail",
  });
}
