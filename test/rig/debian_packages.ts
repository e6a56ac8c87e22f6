import {mkdir, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {type AptSource, mainArchiveSource} from './apt_sources.js';
import {
  CACHE,
  cached,
  exists,
  type Progress,
  rememberedForADay,
  STALE_AFTER_MS,
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
  const file = await rememberedForADay(`${suite}-${name}`, () => findFile(suite, name, progress));
  const directory = await cached(join('packages', file.replace(/\.deb$/, '')), async path => {
    const download = `${path}-download`;
    const deb = await downloadInto(suite, name, download, progress);
    await execa('dpkg', ['-x', deb, path]);
    await rm(download, {recursive: true});
  });
  return {name, version: decodeURIComponent(file.split('_')[1] ?? ''), directory};
}

/** Downloads one Debian package of a suite: the path of its .deb in the cache. */
export async function getPackageFile(
  suite: Suite,
  name: string,
  progress: Progress = silent,
): Promise<string> {
  const file = await rememberedForADay(`${suite}-${name}`, () => findFile(suite, name, progress));
  return cached(join('debs', file), async path => {
    const download = `${path}-download`;
    await rename(await downloadInto(suite, name, download, progress), path);
    await rm(download, {recursive: true});
  });
}

/** The path of the .deb in the directory, which is made for it. */
async function downloadInto(
  suite: Suite,
  name: string,
  directory: string,
  progress: Progress,
): Promise<string> {
  progress(`downloading ${name} of ${suite}`);
  const options = await aptOptions(suite, progress);
  await mkdir(directory);
  await execa('apt-get', [...options, '--quiet', 'download', name], {cwd: directory});
  const [deb] = await readdir(directory);
  if (deb === undefined) throw new Error(`apt-get download ${name} left no file`);
  return join(directory, deb);
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

/** The name of a package's file today: NAME_VERSION_ARCH.deb. */
async function findFile(suite: Suite, name: string, progress: Progress): Promise<string> {
  const options = await aptOptions(suite, progress);
  // One line: 'URI' NAME_VERSION_ARCH.deb SIZE HASH
  const uris = await execa('apt-get', [...options, '--print-uris', 'download', name]);
  const file = /^'[^']+' (\S+\.deb) /m.exec(uris.stdout)?.[1];
  if (file === undefined) throw new Error(`${suite} has no package ${name} to download`);
  return file;
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
  const options = await aptOptions(suite, progress);
  const answer = await execa('apt-cache', [...options, '--important', 'depends', name]);
  const depends = /^ *\|?(?:Pre)?Depends: (?:([^<\s]+)|<.*>\n {4}(\S+))$/gm;
  return [...answer.stdout.matchAll(depends)].map(([, real, provider]) => real ?? provider ?? '');
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
  const updated = await stat(stamp).catch(() => undefined);
  if (updated !== undefined && Date.now() - updated.mtimeMs < STALE_AFTER_MS) return;
  progress(`updating the package list of ${suite}`);
  // Test files run in processes of their own: one of them updates, the others wait for it.
  const update = ['apt-get', ...options, '--quiet', '--error-on=any', 'update'];
  const done = await execa('flock', [join(base, 'lock'), ...update], {reject: false});
  if (done.exitCode === 0) {
    await writeFile(stamp, '');
  } else if (updated === undefined) {
    throw new Error(`apt-get update for ${suite} failed: ${done.stderr || done.stdout}`);
  } else {
    progress(`could not update the package list of ${suite}; going on with the last one`);
  }
}
