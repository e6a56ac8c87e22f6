import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {REPOSITORY} from '../../rig/cache.js';
import {ensureSystemPackages, FUZZER} from '../../rig/system_packages.js';
import {executorSources, WRAPS, writeKernelFiles} from '../fake_executor.js';
import {encode, type FrameParts} from '../frame_builder.js';
import {LIFE_FRAMES} from '../life_frames.js';
import * as sample from '../sample_frames.js';

/** The number of each world in frame_fuzz.c, in bits 3 and 4 of an input's first byte. */
const WORLDS = ['', 'link', 'legacy', 'link pin:old/link'];
/** No call fails. */
const NO_FAILURE = 0xff;
/** Above the largest of the seeds. */
const INPUT_SIZE_MAX = 4096;

/** Builds frame_fuzz.c below a directory, and writes what fuzzing begins with: one input for each kind of frame. */
export async function prepareFuzzing(
  directory: string,
): Promise<{program: string; corpus: string}> {
  await ensureSystemPackages(FUZZER);
  const place = join(REPOSITORY, directory);
  const program = join(place, 'frame_fuzz');
  const root = join(place, 'root');
  const corpus = join(place, 'corpus');
  await writeKernelFiles(root);
  await mkdir(corpus, {recursive: true});
  await build(program, root);
  for (const [name, bytes] of Object.entries(seeds())) await writeFile(join(corpus, name), bytes);
  return {program, corpus};
}

/** What every run has; paths are absolute, since the program works in a directory of its own. */
export function fuzzArguments(program: string): string[] {
  const artifacts = `${dirname(program)}/`;
  return [`-max_len=${INPUT_SIZE_MAX}`, '-len_control=0', `-artifact_prefix=${artifacts}`];
}

async function build(program: string, root: string): Promise<void> {
  const flags = ['-std=c11', '-O2', '-g', '-fno-strict-aliasing', '-Wall', '-Wextra', '-Werror'];
  const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all', WRAPS];
  const defines = ['-D_GNU_SOURCE', '-DSHIM_VERSION="0"', `-DFAKE_ROOT="${root}"`];
  const ours = ['test/shim/fuzz/frame_fuzz.c', 'test/core/fuzz/sign_plan.c'];
  const sources = executorSources(...ours, 'test/core/fuzz/mutate.c');
  const args = [...flags, ...sanitizers, ...defines, ...sources, '-o', program];
  await execa('clang-19', args, {cwd: REPOSITORY});
}

function seeds(): Record<string, Buffer> {
  const plain = {
    link: sample.linkFrame(),
    legacy: sample.legacyFrame(),
    value: sample.valueFrame(),
  };
  const all = Object.entries(plain).map(([name, parts]) => [name, seed(parts, '')] as const);
  const life = Object.entries(LIFE_FRAMES).map(
    ([name, {make, world}]) => [name, seed(make(), world)] as const,
  );
  return Object.fromEntries([...all, ...life]);
}

function seed(parts: FrameParts, world: string): Buffer {
  return Buffer.concat([Buffer.from([WORLDS.indexOf(world) << 3, NO_FAILURE]), encode(parts)]);
}
