import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip, gzip} from 'node:zlib';
import type {FrameResult} from '../../src/executor/shim_report.js';
import type {LibbpfRun} from './libbpf_steps.js';

/** What was seen of one object on a kernel: what `--keep` writes and `--recordings` reads. */
export interface Recording {
  readonly schema: 'structops.recording/1';
  /** Path below the directory of objects. */
  readonly object: string;
  readonly sha256: string;
  /** What `uname -r` says, or the fake kernel. */
  readonly kernel: string;
  readonly libbpf: LibbpfRun | NoResult;
  /** null: there was no plan to carry out, or nobody to do it. */
  readonly executor: FrameResult | NoResult | null;
  /** What was in the kernel afterwards and not before, as text; empty: nothing. */
  readonly left: string;
}

/** A program that did not come to its end, or not to a result. */
export interface NoResult {
  /** `took more than 60 s`, `exit code 139`, `Kernel panic - …`. */
  readonly ended: string;
  /** What it said on standard error, and what the kernel did meanwhile. */
  readonly log: string;
}

export function hasEnded<Result extends object>(run: Result | NoResult): run is NoResult {
  return 'ended' in run;
}

/** Writes one into a directory, as one packed file named as its object. */
export async function keepRecording(directory: string, recording: Recording): Promise<void> {
  const path = fileOf(directory, recording.object);
  await mkdir(dirname(path), {recursive: true});
  await writeFile(path, await promisify(gzip)(JSON.stringify(recording), {level: 1}));
}

/** @throws {Error} There is none, or it is of other bytes. */
export async function readRecording(
  directory: string,
  object: string,
  sha256: string,
): Promise<Recording> {
  const bytes = await promisify(gunzip)(await readFile(fileOf(directory, object)));
  const recording = JSON.parse(bytes.toString()) as Recording;
  if (recording.schema === 'structops.recording/1' && recording.sha256 === sha256) return recording;
  throw new Error(`the recording of ${object} in ${directory} is of another build of it`);
}

function fileOf(directory: string, object: string): string {
  return join(directory, `${object}.recording.gz`);
}
