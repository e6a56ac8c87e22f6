import {mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {brotliCompressSync, brotliDecompressSync, constants} from 'node:zlib';
import {execa} from 'execa';
import {CORE_WASM, openCore} from '../../helpers/core_wasm.js';
import {contentName, REPOSITORY} from '../../rig/cache.js';
import {ensureSystemPackages, FUZZER, WASM_TO_C} from '../../rig/system_packages.js';
import {makeMaterial, TARGETS, type Target} from './material.js';

/** What needs wasm2c beside its output. */
const RUNTIME = '/usr/share/wabt/wasm2c';
const HERE = join(REPOSITORY, 'test/core/fuzz');
/** Beside the_core.c. */
const SOURCES = [
  ...['core_fuzz', 'ask', 'windows', 'mutate', 'mutate_btf', 'mutate_elf', 'sign_plan'].map(name =>
    join(HERE, `${name}.c`),
  ),
  ...['shim/sha256.c', 'shim/xxh64.c'],
];
const FLAGS = ['-std=c11', '-O2', '-g1', '-D_GNU_SOURCE'];
const WARNINGS = ['-Wall', '-Wextra', '-Werror'];
const COVERAGE = ['-fsanitize-coverage=inline-8bit-counters,pc-table'];

/** Nothing of the objects is larger, but for those that are there to be large. */
const INPUT_SIZE_MAX = 32_768;

/** Where all of one build is. */
export interface CoreFuzzer {
  readonly place: string;
  readonly program: string;
  readonly material: string;
  /** Of each target: what fuzzing begins with. */
  readonly seeds: (target: Target) => string;
  /** Of each target: what the repository keeps, unpacked. */
  readonly corpus: (target: Target) => string;
}

/** Builds core_fuzz.c below a directory, and writes what it is given. */
export async function prepareCoreFuzzing(directory: string): Promise<CoreFuzzer> {
  await ensureSystemPackages([...FUZZER, ...WASM_TO_C]);
  await openCore();
  const place = join(REPOSITORY, directory);
  const fuzzer: CoreFuzzer = {
    place,
    program: join(place, 'core_fuzz'),
    material: join(place, 'material'),
    seeds: target => join(place, 'seeds', target),
    corpus: target => join(place, 'corpus', target),
  };
  await mkdir(fuzzer.material, {recursive: true});
  await build(place, fuzzer.program);
  const {files, seeds} = await makeMaterial();
  for (const [name, bytes] of files) await writeFile(join(fuzzer.material, name), bytes);
  for (const target of TARGETS) {
    await writeAnew(fuzzer.seeds(target), seeds[target]);
    await writeAnew(fuzzer.corpus(target), await keptInputs(target));
  }
  return fuzzer;
}

async function writeAnew(directory: string, inputs: readonly Buffer[]): Promise<void> {
  await rm(directory, {recursive: true, force: true});
  await mkdir(directory, {recursive: true});
  for (const bytes of inputs) await writeFile(join(directory, contentName(bytes)), bytes);
}

/** Where the corpus of a target is in the repository. */
export const packed = (target: Target) => join(HERE, 'corpus', `${target}.br`);

/** The inputs in a packed corpus: each with its size before it. */
export async function keptInputs(target: Target): Promise<Buffer[]> {
  return inputsOf(brotliDecompressSync(await readFile(packed(target))));
}

/** Takes apart what has the size of each before it. */
export function inputsOf(all: Buffer): Buffer[] {
  const inputs: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const start = at + 4;
    at = start + all.readUInt32LE(at);
    inputs.push(all.subarray(start, at));
  }
  return inputs;
}

/**
 * Packs what covers all that the corpus and `learned` cover.
 *
 * @returns what it has become, for people
 */
export async function keepCorpus(
  fuzzer: CoreFuzzer,
  target: Target,
  learned: string,
): Promise<string> {
  const least = `${fuzzer.corpus(target)}.least`;
  await writeAnew(least, []);
  const from = [fuzzer.corpus(target), fuzzer.seeds(target), learned];
  const {exitCode} = await runTarget(
    fuzzer,
    target,
    ['-set_cover_merge=1', least, ...from],
    'pipe',
  );
  if (exitCode !== 0) throw new Error(`libFuzzer does not merge: exit code ${exitCode}`);
  const names = (await readdir(least)).sort();
  const inputs = await Promise.all(names.map(name => readFile(join(least, name))));
  const parts = inputs.flatMap(input => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(input.length);
    return [size, input];
  });
  // Most are much like another one, far before.
  const params = {[constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS};
  const bytes = brotliCompressSync(Buffer.concat(parts), {params});
  await writeFile(packed(target), bytes);
  return `${target}: ${inputs.length} inputs, ${bytes.length} bytes packed`;
}

/** Runs a target with libFuzzer's arguments. */
export function runTarget(
  {program, material}: CoreFuzzer,
  target: Target | 'canary' | 'pair',
  args: readonly string[],
  stdio: 'inherit' | 'pipe',
) {
  const env = {CORE_TARGET: target, CORE_MATERIAL: material};
  const fixed = [`-max_len=${INPUT_SIZE_MAX}`, '-use_memmem=0', '-timeout=60'];
  return execa(program, [...fixed, ...args], {env, stdio, reject: false});
}

/** Runs what buildBulk() has made: a seed, executions, where a finding goes, and directories of inputs. */
export function runBulk(
  program: string,
  {material}: CoreFuzzer,
  target: Target,
  args: readonly string[],
) {
  const env = {CORE_TARGET: target, CORE_MATERIAL: material};
  return execa(program, args, {env, stdio: 'inherit', reject: false});
}

async function build(place: string, program: string): Promise<void> {
  const core = await compileCounted(place, 'core', ['-O2', ...COVERAGE]);
  const caller = await compileCaller(place, place);
  await link(
    program,
    [...(await compileTargets(place, SOURCES)), ...caller, core],
    ['-fsanitize=fuzzer'],
  );
}

/** Builds bulk.c beside it: the same targets, of a core without coverage. Its path. */
export async function buildBulk({place}: CoreFuzzer): Promise<string> {
  const core = await compileCounted(place, 'fast_core', ['-O3', '-march=native']);
  const caller = await compileCaller(place, place);
  const program = join(place, 'core_bulk');
  const targets = await compileTargets(place, [...SOURCES, join(HERE, 'bulk.c')]);
  await link(program, [...targets, ...caller, core], []);
  return program;
}

/** Without coverage: it is the core that is to be seen through. */
async function compileTargets(place: string, sources: readonly string[]): Promise<string[]> {
  const unit = join(place, 'calls.o');
  const args = [...FLAGS, ...WARNINGS, `-I${place}`, '-r', '-nostdlib', '-o', unit];
  await execa('clang-19', [...args, ...sources]);
  return [unit];
}

async function link(program: string, units: readonly string[], flags: readonly string[]) {
  await execa('clang-19', [...flags, ...units, '-lm', '-o', `${program}.new`]);
  await rename(`${program}.new`, program);
}

/** The core's Wasm as C that counts what it does (`core_fuel`); the path of its object file. */
async function compileCounted(
  place: string,
  name: string,
  flags: readonly string[],
): Promise<string> {
  const [source, unit] = [join(place, `${name}.c`), join(place, `${name}.o`)];
  const stamp = join(place, `${name}.built`);
  const built = contentName(await readFile(CORE_WASM), ...FLAGS, ...flags, counted.toString());
  if ((await readFile(stamp, 'utf8').catch(() => '')) === built) return unit;
  await execa('wasm2c', [CORE_WASM, '--module-name=core', '-o', source]);
  await writeFile(source, counted(await readFile(source, 'utf8')));
  await execa('clang-19', [...FLAGS, ...flags, '-w', `-I${RUNTIME}`, '-c', source, '-o', unit]);
  await writeFile(stamp, built);
  return unit;
}

/**
 * the_core.c, and the runtime that it needs: their object files, in a directory that is there.
 *
 * @param headers where wasm2c has put core.h
 */
export async function compileCaller(place: string, headers: string): Promise<string[]> {
  const traps = ['-w', '-include', join(HERE, 'trap.h'), '-DWASM_RT_TRAP_HANDLER=core_trapped'];
  const units: Readonly<Record<string, readonly string[]>> = {
    [join(RUNTIME, 'wasm-rt-impl.c')]: traps,
    [join(HERE, 'the_core.c')]: WARNINGS,
    [join(HERE, 'json_check.c')]: WARNINGS,
  };
  const includes = [`-I${headers}`, `-I${RUNTIME}`];
  const compiled: string[] = [];
  for (const [source, args] of Object.entries(units)) {
    const unit = join(place, basename(source).replace(/\.c$/, '.o'));
    await execa('clang-19', [...FLAGS, ...includes, ...args, '-c', source, '-o', unit]);
    compiled.push(unit);
  }
  return compiled;
}

/** The C of wasm2c, which counts calls, rounds of loops, and 64ths of bytes that are copied. */
function counted(c: string): string {
  const counts = c
    .replace(/^#define FUNC_PROLOGUE$/m, 'extern u64 core_fuel;\n#define FUNC_PROLOGUE core_fuel++')
    .replace(/^ *w2c_L\d+:/gm, '$& core_fuel++;')
    .replace(/^ {2}mem(set|move)\(.*, n\);$/gm, '$&\n  core_fuel += n >> 6;');
  // One definition, two copies, and hundreds of loops.
  if ((counts.match(/core_fuel/g) ?? []).length < 300) {
    throw new Error('wasm2c writes C of another form: see counted()');
  }
  return counts;
}
