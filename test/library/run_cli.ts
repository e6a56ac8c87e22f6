import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {builtCli} from '../helpers/built_cli.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface CliRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: Uint8Array | string;
  readonly env?: Readonly<Record<string, string>>;
}

const CLI = await builtCli();

/** Runs the command as it ships, at the root of the repository, to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const {exitCode, stdout, stderr} = await startCli(args, options);
  return {exitCode, stdout: String(stdout), stderr: String(stderr)};
}

/** Starts it, to be ended by a signal. */
export function startCli(args: readonly string[], {input, env = {}}: CliOptions = {}) {
  return execa('node', [CLI, ...args], {
    cwd: ROOT,
    reject: false,
    timeout: 120_000,
    // Colours and width must not depend on who runs the tests.
    extendEnv: false,
    env: {PATH: process.env.PATH ?? '', ...env},
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
  });
}
