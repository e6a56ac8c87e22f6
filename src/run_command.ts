import {InputError} from './errors.js';

export interface CommandOptions {
  readonly input?: Uint8Array;
  /** Milliseconds before it is killed. Default: never. */
  readonly timeoutMs?: number;
  /** The Debian package that brings it, for the error. */
  readonly packageName: string;
  /** Why it is needed, for the error. */
  readonly purpose: string;
}

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** As large as a kernel may be unpacked, in characters or bytes. */
const OUTPUT_MAX = 2 ** 30;

/**
 * Runs a command of the system to its end.
 *
 * @throws {InputError} with code `COMMAND_MISSING`: it is not installed here.
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  {input, timeoutMs, packageName, purpose}: CommandOptions,
): Promise<CommandResult> {
  // Loaded when it is needed: that takes longer than a plan.
  const {execa} = await import('execa');
  const done = await execa(file, args, {
    ...(input === undefined ? {stdin: 'ignore'} : {input}),
    ...(timeoutMs !== undefined && {timeout: timeoutMs, killSignal: 'SIGKILL'}),
    encoding: 'buffer',
    // What comes may be any bytes, and the last one may be that of a newline.
    stripFinalNewline: false,
    maxBuffer: OUTPUT_MAX,
    reject: false,
  });
  if ('code' in done && done.code === 'ENOENT') {
    throw new InputError('COMMAND_MISSING', {
      what: `the command ${file} is not on this machine`,
      why: `it is needed ${purpose}`,
      hint: `install it: apt install ${packageName}`,
    });
  }
  const {exitCode, stdout, stderr, timedOut} = done;
  return {exitCode, stdout: stdout ?? new Uint8Array(), stderr: textOf(stderr), timedOut};
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
