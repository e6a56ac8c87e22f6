import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';

/** The executor of shim/, built under sanitizers and with a kernel that is a table (fake_sys_bpf.c). */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = join(ROOT, 'build/test');
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const WARNINGS = ['-Wall', '-Wextra', '-Wconversion', '-Wswitch-enum', '-Werror'];
const SHIM_FILES = [
  ...['arena', 'attr', 'execute', 'holding', 'json', 'kernel_btf', 'ksyms', 'list', 'notify'],
  ...['object_info', 'permit', 'permit_check', 'pins', 'plan_parse', 'plan_parse_patch'],
  ...['report', 'session', 'sha256', 'signals', 'steps', 'undo', 'values', 'watch', 'xxh64'],
];

/** Calls of the C library that the fake kernel sees as well. */
export const WRAPS = '-Wl,--wrap=close,--wrap=close_range,--wrap=munmap,--wrap=unlinkat';

/** A sanitizer's finding ends a program with this, so that no test takes it for an answer. */
export const SANITIZER_EXIT = 99;
export const SANITIZER_ENVIRONMENT = {
  ASAN_OPTIONS: `exitcode=${SANITIZER_EXIT}`,
  UBSAN_OPTIONS: `exitcode=${SANITIZER_EXIT}`,
};

/** The files that the executor may read, by path. */
export const KERNEL_FILES = {
  '/sys/kernel/btf/vmlinux': 'abc',
  '/sys/devices/system/cpu/possible': '0-3,6\n',
  '/sys/kernel/sched_ext/hotplug_seq': '4294967303\n',
  '/proc/kallsyms': [
    '0000000000000000 A first_of_all',
    'ffffffff81234568 T strong_one',
    'ffffffff81000010 d local_data.llvm.123456',
    'ffffffffc0400000 t of_a_module\t[module]',
    '',
  ].join('\n'),
} as const;

/** Writes them below a directory, `changed` ones otherwise or, with null, not at all. */
export async function writeKernelFiles(
  root: string,
  changed: Readonly<Record<string, string | null>> = {},
): Promise<void> {
  for (const [path, content] of Object.entries({...KERNEL_FILES, ...changed})) {
    if (content === null) continue;
    await mkdir(dirname(root + path), {recursive: true});
    await writeFile(root + path, content);
  }
}

/**
 * Compiles C files, given relative to the repository, to build/test/NAME and returns its path.
 * Test files run side by side: each has a NAME of its own.
 */
export async function compile(
  name: string,
  sources: readonly string[],
  flags: readonly string[] = [],
): Promise<string> {
  const root = join(BUILD, `${name}.root`);
  await writeKernelFiles(root);
  const program = join(BUILD, name);
  const defines = ['_GNU_SOURCE', 'SHIM_VERSION="0.0.0"', `FAKE_ROOT="${root}"`];
  await execa(
    'cc',
    [
      ...['-std=c11', '-O1', '-g', '-fno-strict-aliasing', ...WARNINGS, ...SANITIZERS, WRAPS],
      ...defines.map(define => `-D${define}`),
      ...[...flags, ...sources, '-o', program],
    ],
    {cwd: ROOT},
  );
  return program;
}

/** C files of the executor, with the fake kernel instead of the doors to the real one. */
export function executorSources(...more: string[]): string[] {
  const fakes = ['sys_bpf', 'commands', 'objects', 'directory', 'sys_files', 'confine'].map(
    name => `test/shim/fake_${name}.c`,
  );
  return [...SHIM_FILES.map(file => `shim/${file}.c`), ...fakes, ...more];
}

export interface Run {
  readonly exitCode: number | undefined;
  /** One for each line of standard output. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
  readonly results: any[];
  readonly stderr: string;
  /** What the fake kernel saw: "CMD RESULT" and "close FD", in order, and what was left. */
  readonly record: string[];
}

interface Running {
  kill(signal: NodeJS.Signals): boolean;
  readonly stdin: {end(): void};
}

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly arguments?: readonly string[];
  /** FAKE_RULES, FAKE_LOG, FAKE_LOG_SIZE, FAKE_DETAILS, FAKE_ARENA_MEMORY: see fake_sys_bpf.c. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the first line has come; standard input stays open until `end` is called. */
  readonly onFirstResult?: (process: Running) => void;
}

/** Runs a program of `compile` to its end. A sanitizer's finding or a broken promise is an Error. */
export async function run(program: string, options: RunOptions = {}): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'structops-shim-'));
  const recordPath = join(directory, 'record');
  try {
    const process = execa(program, options.arguments ?? [], {
      reject: false,
      env: {...SANITIZER_ENVIRONMENT, FAKE_RECORD: recordPath, ...options.env},
      stdin: 'pipe',
      timeout: 30_000,
    });
    if (options.input !== undefined) process.stdin?.write(options.input);
    if (options.onFirstResult === undefined) process.stdin?.end();
    else process.stdout?.once('data', () => options.onFirstResult?.(process));
    process.stdin?.on('error', () => {});
    const {exitCode, stdout, stderr} = await process;
    if (exitCode === undefined || exitCode === SANITIZER_EXIT) throw new Error(String(stderr));
    const record = await readFile(recordPath, 'utf8').catch(() => '');
    return {
      exitCode,
      results: String(stdout)
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
      stderr: String(stderr),
      record: record.split('\n').filter(Boolean),
    };
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}
