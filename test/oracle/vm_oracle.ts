import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type FrameResult, parseShimLine} from '../../src/executor/shim_report.js';
import {optionLines} from '../../src/inputs/settings.js';
import {type Progress, silent} from '../rig/cache.js';
import type {GuestFile} from '../rig/initramfs.js';
import {executorFile} from '../rig/package_files.js';
import {runInVm, VmError} from '../rig/vm.js';
import {buildOracle} from './build_with_libbpf.js';
import {parseLibbpfRun} from './libbpf_steps.js';
import {type OracleObject, type OracleOptions, type OurPlan, settingsFor} from './our_plan.js';
import type {NoResult, Recording} from './recording.js';

export interface VmOracleOptions extends OracleOptions {
  /** How long libbpf, and then the executor, may take for an object; 120 when absent. */
  readonly secondsEach?: number;
  /** More of the guest, such as modules, and shell that is run before the first object. */
  readonly files?: readonly GuestFile[];
  readonly prepare?: string;
}

export interface PlannedObject {
  readonly object: OracleObject;
  readonly ours: OurPlan;
}

/** As long as a large scheduler may take the verifier, without KVM. */
const SECONDS_EACH = 120;

const SCRIPT = fileURLToPath(new URL('oracle.sh', import.meta.url));

/** Of the guest without the objects; each then is there twice, and libbpf and the kernel copy. */
const MEMORY_MIB = 1024;
const COPIES = 6;

/**
 * Has libbpf load each object in a real kernel and let it go again, and then the executor its
 * plan, all in one guest. An object that makes the guest panic or hang costs a boot: the others
 * are seen in the next.
 *
 * @param seen is called with each recording as soon as its guest has ended, in order
 */
export async function recordInVm(
  planned: readonly PlannedObject[],
  options: VmOracleOptions,
  seen: (recording: Recording) => Promise<void>,
  progress: Progress = silent,
): Promise<void> {
  let waiting = planned;
  while (waiting.length > 0) {
    const {recordings, failure} = await boot(waiting, options, progress);
    for (const recording of recordings) await seen(recording);
    if (recordings.length === 0) throw failure ?? new Error('the guest has seen no object');
    if (failure) progress(`boots again, ${waiting.length - recordings.length} objects to go`);
    waiting = waiting.slice(recordings.length);
  }
}

async function boot(
  planned: readonly PlannedObject[],
  options: VmOracleOptions,
  progress: Progress,
): Promise<{recordings: Recording[]; failure?: VmError}> {
  const {kernel, kconfig, secondsEach = SECONDS_EACH, files = [], prepare = ''} = options;
  const scratch = await mkdtemp(join(tmpdir(), 'structops-oracle-'));
  try {
    const objects = await objectFiles(planned, options, scratch);
    const result = await runInVm({
      kernel,
      memoryMiB: MEMORY_MIB + Math.ceil((COPIES * bytesOf(planned)) / 2 ** 20),
      timeoutSeconds: 60 + planned.length * secondsEach * 2,
      silenceSeconds: 60 + secondsEach,
      files: [
        ...files,
        ...objects,
        ...kconfigFile(kernel.release, kconfig),
        executorFile(),
        {hostPath: SCRIPT, guestPath: '/usr/bin/oracle'},
        {
          hostPath: await buildOracle('libbpf_on_kernel', 'real', progress, options.libbpf),
          guestPath: '/usr/bin/libbpf_on_kernel',
        },
      ],
      script: `${prepare}\nSECONDS_EACH=${secondsEach} oracle`,
      progress: line => progress(nameObjects(line, planned)),
    });
    return {recordings: recordingsOf(planned, options, result.outFiles)};
  } catch (error) {
    if (!(error instanceof VmError)) throw error;
    const recordings = recordingsOf(planned, options, error.outFiles);
    const culprit = culpritOf(error, planned, recordings.length, options);
    return {recordings: culprit ? [...recordings, culprit] : recordings, failure: error};
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

async function objectFiles(
  planned: readonly PlannedObject[],
  options: OracleOptions,
  scratch: string,
): Promise<GuestFile[]> {
  const files: GuestFile[] = [];
  const lines: string[] = [];
  async function add(guestPath: string, content: string | Uint8Array): Promise<void> {
    const hostPath = join(scratch, String(files.length));
    await writeFile(hostPath, content);
    files.push({hostPath, guestPath});
  }
  for (const [number, {object, ours}] of planned.entries()) {
    // libbpf takes the object's name from the file's.
    const guestPath = `/oracle/${number}/${basename(object.path)}`;
    files.push({hostPath: object.path, guestPath});
    lines.push(`${number} ${basename(object.path)}\n`);
    await add(`/oracle/${number}/settings`, optionLines(settingsFor(object, options)));
    if ('plan' in ours) await add(`/oracle/${number}/plan`, ours.plan.bytes);
  }
  await add('/oracle/list', lines.join(''));
  return files;
}

function bytesOf(planned: readonly PlannedObject[]): number {
  const sizes = planned.map(
    ({object, ours}) => object.bytes.length + ('plan' in ours ? ours.plan.bytes.length : 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Where libbpf looks for it. */
function kconfigFile(release: string, kconfig?: string): GuestFile[] {
  return kconfig === undefined
    ? []
    : [{hostPath: kconfig, guestPath: `/boot/config-${release}`, mode: 0o644}];
}

/** `12 libbpf`, with the object's name for its number. */
function nameObjects(line: string, planned: readonly PlannedObject[]): string {
  return line.replace(/^\d+(?= )/, number => planned[Number(number)]?.object.name ?? number);
}

/** Of the objects that the guest is done with, which are the first ones. */
function recordingsOf(
  planned: readonly PlannedObject[],
  options: VmOracleOptions,
  outFiles: ReadonlyMap<string, Buffer>,
): Recording[] {
  const firstOpen = planned.findIndex((_, number) => !outFiles.has(`${number}/end`));
  const done = firstOpen < 0 ? planned : planned.slice(0, firstOpen);
  return done.map((one, number) => recordingOf(one, number, options, outFiles));
}

function recordingOf(
  {object, ours}: PlannedObject,
  number: number,
  {kernel, secondsEach = SECONDS_EACH}: VmOracleOptions,
  outFiles: ReadonlyMap<string, Buffer>,
): Recording {
  const start = textOf(outFiles, 'start/count');
  const fact = (name: string) => textOf(outFiles, `${number}/${name}`);
  return {
    schema: 'structops.recording/1',
    object: object.name,
    sha256: object.sha256,
    kernel: kernel.release,
    libbpf: resultOf(fact, 'libbpf', secondsEach, parseLibbpfRun),
    executor: 'plan' in ours ? resultOf(fact, 'executor', secondsEach, parseResult) : null,
    left: ['libbpf', 'executor']
      .filter(name => (fact(`${name}.left`) ?? start) !== start)
      .map(name => `after ${name}: ${fact(`${name}.left`)?.trim()}; before: ${start?.trim()}`)
      .join('; '),
  };
}

function textOf(outFiles: ReadonlyMap<string, Buffer>, path: string): string | undefined {
  return outFiles.get(path)?.toString();
}

function resultOf<Result extends object>(
  fact: (name: string) => string | undefined,
  program: string,
  secondsEach: number,
  parse: (text: string) => Result | undefined,
): Result | NoResult {
  const code = fact(`${program}.exit_code`)?.trim();
  const result = code === '137' ? undefined : attempt(() => parse(fact(program) ?? ''));
  if (result !== undefined) return result;
  return {
    ended: code === '137' ? `took more than ${secondsEach} s` : `exit code ${code ?? 'unknown'}`,
    log: [fact(`${program}.stderr`), fact(`${program}.kernel`)].filter(Boolean).join('\n'),
  };
}

/** What a program printed that did not come to its end may be half a document. */
function attempt<Result>(parse: () => Result): Result | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The first line is the frame's. */
function parseResult(text: string): FrameResult | undefined {
  const line = parseShimLine(text.split('\n')[0] ?? '');
  switch (line?.status) {
    case 'released':
    case 'detached':
    case 'error':
      return undefined;
    default:
      return line;
  }
}

/** The object that was at work when the guest ended, with that for its result. */
function culpritOf(
  {message, output, outFiles}: VmError,
  planned: readonly PlannedObject[],
  number: number,
  options: VmOracleOptions,
): Recording | undefined {
  const one = planned[number];
  const begun = [...output.matchAll(/^(\d+) (libbpf|executor)$/gm)].at(-1);
  if (one === undefined || begun?.[1] !== String(number)) return undefined;
  const [, ended = ''] = /^[^:]*: (.*)$/m.exec(message) ?? [];
  const recording = recordingOf(one, number, options, outFiles);
  const noResult = {ended, log: message};
  return begun[2] === 'libbpf'
    ? {...recording, libbpf: noResult, executor: null}
    : {...recording, executor: noResult};
}
