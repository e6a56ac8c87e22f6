import {optionLines} from '../../src/inputs/settings.js';
import type {Progress} from '../rig/cache.js';
import {judge, type Verdict} from './judge.js';
import {libbpfSteps} from './libbpf_steps.js';
import {type OracleObject, planAsUser, settingsFor} from './our_plan.js';
import {keepRecording, type Recording, readRecording} from './recording.js';
import {recordInVm, type VmOracleOptions} from './vm_oracle.js';

export interface OracleRun extends VmOracleOptions {
  /** A directory to write a recording of each object into. */
  readonly keep?: string;
  /** Boot no kernel: what libbpf does is read here, or seen on the fake kernel. */
  readonly planOnly?: {readonly recordings?: string};
}

/**
 * Compares what libbpf does with each object on a kernel with our plan and what the executor makes
 * of it.
 *
 * @param seen is called with each verdict as soon as it is known, in the order of the objects
 */
export async function runOracle(
  objects: readonly OracleObject[],
  options: OracleRun,
  seen: (verdict: Verdict) => void,
  progress: Progress,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const planned = objects.map(object => ({object, ours: planAsUser(object, options)}));
  async function take(recording: Recording): Promise<void> {
    const one = planned[verdicts.length];
    if (one?.object.name !== recording.object) throw new Error(`${recording.object} out of order`);
    if (options.keep !== undefined) await keepRecording(options.keep, recording);
    const verdict = judge(recording, one.ours);
    verdicts.push(verdict);
    seen(verdict);
  }
  if (options.planOnly === undefined) {
    await recordInVm(planned, options, take, progress);
    return verdicts;
  }
  const {recordings} = options.planOnly;
  for (const {object} of planned) {
    await take(
      recordings === undefined
        ? await recordFake(object, options, progress)
        : await recordedLibbpf(recordings, object, options),
    );
  }
  return verdicts;
}

async function recordFake(
  object: OracleObject,
  options: OracleRun,
  progress: Progress,
): Promise<Recording> {
  const {name, path, sha256} = object;
  const {kernel, kconfig, modules = {}, libbpf: version} = options;
  // The release of Debian's kernels has another version than their sources.
  const target = {
    ...kernel,
    release: kernel.version,
    modules,
    settings: optionLines(settingsFor(object, options)),
    ...(kconfig !== undefined && {kconfig}),
  };
  const libbpf = await libbpfSteps(path, target, progress, version);
  return {
    schema: 'structops.recording/1',
    object: name,
    sha256,
    kernel: `${kernel.release}, not run`,
    libbpf,
    executor: null,
    left: '',
  };
}

/** The plan may be another by now, so what the executor made of the old one does not count. */
async function recordedLibbpf(
  directory: string,
  {name, sha256}: OracleObject,
  {kernel}: OracleRun,
): Promise<Recording> {
  const recording = await readRecording(directory, name, sha256);
  if (!recording.kernel.startsWith(kernel.release)) {
    throw new Error(`the recording of ${name} in ${directory} is of Linux ${recording.kernel}`);
  }
  return {...recording, executor: null, left: ''};
}
