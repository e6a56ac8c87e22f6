import {randomUUID} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {type AptSource, mainArchiveSource} from './apt_sources.js';
import {
  CACHE,
  cached,
  exists,
  isOld,
  oneAtATime,
  type Progress,
  rememberedForADay,
  silent,
} from './cache.js';

/** The suites that the rig takes packages from, with the architecture where it is another one. */
export type Suite =
  | 'bookworm'
  | 'bookworm-backports'
  | 'trixie'
  | 'trixie-backports'
  | 'sid'
  | 'trixie:arm64'
  | 'sid:arm64';

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Where `dpkg -x` put its files. */
  readonly directory: string;
}

/**
 * Downloads and unpacks one Debian package of a suite, without installing anything and without
 * touching the machine's apt configuration.
 */
export async function getPackage(
  suite: Suite,
  name: string,
  progress: Progress = silent,
): Promise<DebianPackage> {
  const [only] = await getPackages(suite, [name], progress);
  return only;
}

/** One package for each name. */
type PackagesOf<Names> = {readonly [I in keyof Names]: DebianPackage};

/** Several: apt, which takes a third of a second of CPU each time, is asked and downloads once. */
export async function getPackages<const Names extends readonly string[]>(
  suite: Suite,
  names: Names,
  progress: Progress = silent,
): Promise<PackagesOf<Names>> {
  const files = await filesOf(suite, names, progress);
  const paths = files.map(file => join('packages', file.replace(/\.deb$/, '')));
  const download = join(CACHE, `download-${randomUUID()}`);
  const downloadOnce = once(async () => {
    const missing: string[] = [];
    for (const [i, name] of names.entries()) {
      if (!(await exists(join(CACHE, paths[i] ?? '')))) missing.push(name);
    }
    await downloadInto(suite, missing, download, progress);
  });
  try {
    const packages = await Promise.all(
      files.map(async (file, i) => {
        const directory = await cached(paths[i] ?? '', async path => {
          await downloadOnce();
          await execa('dpkg', ['-x', join(download, file), path]);
        });
        const version = decodeURIComponent(file.split('_')[1] ?? '');
        return {name: names[i] ?? '', version, directory};
      }),
    );
    return packages as PackagesOf<Names>;
  } finally {
    await rm(download, {recursive: true, force: true});
  }
}

/** Downloads one Debian package of a suite: the path of its .deb in the cache. */
export async function getPackageFile(
  suite: Suite,
  name: string,
  progress: Progress = silent,
): Promise<string> {
  const [file = ''] = await filesOf(suite, [name], progress);
  return cached(join('debs', file), async path => {
    const download = `${path}-download`;
    await downloadInto(suite, [name], download, progress);
    await rename(join(download, file), path);
    await rm(download, {recursive: true});
  });
}

/** The .deb of each package into the directory, which is made for them. */
async function downloadInto(
  suite: Suite,
  names: readonly string[],
  directory: string,
  progress: Progress,
): Promise<void> {
  progress(`downloading ${names.join(', ')} of ${suite}`);
  const options = await aptOptions(suite, progress);
  await mkdir(directory);
  await execa('apt-get', [...options, '--quiet', 'download', ...names], {cwd: directory});
}

/** The packages of a suite whose names fit, by name. */
export async function packagesNamed(
  suite: Suite,
  name: RegExp,
  progress: Progress = silent,
): Promise<string[]> {
  const answer = await execa('apt-cache', [...(await aptOptions(suite, progress)), 'pkgnames']);
  return answer.stdout
    .split('\n')
    .filter(one => name.test(one))
    .sort();
}

/** The names of packages' files today: NAME_VERSION_ARCH.deb. */
function filesOf(suite: Suite, names: readonly string[], progress: Progress): Promise<string[]> {
  const findOnce = once(() => findFiles(suite, names, progress));
  return Promise.all(
    names.map(name =>
      rememberedForADay(`${suite}-${name}`, async () => {
        const file = (await findOnce()).find(one => one.startsWith(`${name}_`));
        if (file === undefined) throw new Error(`${suite} has no package ${name} to download`);
        return file;
      }),
    ),
  );
}

async function findFiles(
  suite: Suite,
  names: readonly string[],
  progress: Progress,
): Promise<string[]> {
  const options = await aptOptions(suite, progress);
  // A line each: 'URI' NAME_VERSION_ARCH.deb SIZE HASH
  const uris = await execa('apt-get', [...options, '--print-uris', 'download', ...names]);
  return [...uris.stdout.matchAll(/^'[^']+' (\S+\.deb) /gm)].map(([, file = '']) => file);
}

function once<Result>(task: () => Promise<Result>): () => Promise<Result> {
  let begun: Promise<Result> | undefined;
  return () => {
    begun ??= task();
    return begun;
  };
}

/**
 * The packages that a package depends on directly, as a meta package does; of a virtual one the
 * first that provides it.
 */
export async function dependenciesOf(
  suite: Suite,
  name: string,
  progress: Progress = silent,
): Promise<string[]> {
  return (await askDependencies(suite, name, [], progress)).get(name) ?? [];
}

/** A package, and all that it needs, directly or not. */
export async function closureOf(
  suite: Suite,
  name: string,
  progress: Progress = silent,
): Promise<string[]> {
  const dependencies = await askDependencies(suite, name, ['--recurse'], progress);
  const wanted = new Set([name]);
  // Grows while it is walked.
  for (const one of wanted) {
    for (const needed of dependencies.get(one) ?? []) wanted.add(needed);
  }
  return [...wanted];
}

/** By the name of the package that depends on them. */
async function askDependencies(
  suite: Suite,
  name: string,
  recursion: readonly string[],
  progress: Progress,
): Promise<Map<string, string[]>> {
  const options = [...(await aptOptions(suite, progress)), '--important', ...recursion];
  const answer = await execa('apt-cache', [...options, 'depends', name]);
  const depends = /^ *\|?(?:Pre)?Depends: (?:([^<\s]+)|<.*>\n {4}(\S+))$/gm;
  return new Map(
    answer.stdout.split(/^(?=\S)/m).map(text => {
      const [one = ''] = text.split('\n', 1);
      const needed = [...text.matchAll(depends)];
      return [one, needed.map(([, real, provider]) => real ?? provider ?? '')];
    }),
  );
}

const preparations = new Map<Suite, Promise<string[]>>();

/** Options that give apt a source list, state and cache of its own; updated once a day. */
function aptOptions(suite: Suite, progress: Progress): Promise<string[]> {
  const preparation = preparations.get(suite) ?? prepareApt(suite, progress);
  preparations.set(suite, preparation);
  return preparation;
}

async function prepareApt(suite: Suite, progress: Progress): Promise<string[]> {
  const base = join(CACHE, `apt-${suite}`);
  const [release = '', architecture] = suite.split(':');
  const parts = join(base, 'sources');
  await Promise.all(
    [parts, join(base, 'state/lists/partial'), join(base, 'cache/archives/partial')].map(path =>
      mkdir(path, {recursive: true}),
    ),
  );
  const status = join(base, 'state/status');
  if (!(await exists(status))) await writeFile(status, '');
  await writeSources(join(parts, `${release}.sources`), await mainArchiveSource(), release);
  const options = Object.entries({
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': parts,
    'Dir::State': join(base, 'state'),
    'Dir::State::status': status,
    'Dir::Cache': join(base, 'cache'),
    // Container images switch these two off; without them every question parses all lists again.
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': 'srcpkgcache.bin',
    'Acquire::Languages': 'none',
    ...(architecture !== undefined && {
      'APT::Architecture': architecture,
      'APT::Architectures::': architecture,
    }),
    // Files land in a directory that apt's own user cannot write to.
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await updateOnceADay(suite, base, options, progress);
  return options;
}

/** Renamed into place: an apt-get of another process may be reading it. */
async function writeSources(path: string, source: AptSource, suite: string): Promise<void> {
  const lines = ['Types: deb', `URIs: ${source.uri}`, `Suites: ${suite}`, 'Components: main'];
  if (source.signedBy !== undefined) lines.push(`Signed-By: ${source.signedBy}`);
  const text = `${lines.join('\n')}\n`;
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return;
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}

async function updateOnceADay(
  suite: Suite,
  base: string,
  options: readonly string[],
  progress: Progress,
): Promise<void> {
  const stamp = join(base, 'updated');
  if (!(await isOld(stamp))) return;
  // Test files run in processes of their own: one of them updates, the others wait for it.
  await oneAtATime(`apt-${suite}`, async () => {
    if (!(await isOld(stamp))) return;
    progress(`updating the package list of ${suite}`);
    const update = ['--quiet', '--error-on=any', 'update'];
    const done = await execa('apt-get', [...options, ...update], {reject: false});
    if (done.exitCode === 0) {
      await writeFile(stamp, '');
    } else if (await exists(stamp)) {
      progress(`could not update the package list of ${suite}; going on with the last one`);
    } else {
      throw new Error(`apt-get update for ${suite} failed: ${done.stderr || done.stdout}`);
    }
  });
}
