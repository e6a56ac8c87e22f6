import {cp, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {cached, contentName, type Progress, silent} from './cache.js';
import {type DebianPackage, dependenciesOf, getPackages} from './debian_packages.js';

/** A program in Go for Debian's newest compiler, with libraries whose sources Debian has. */
export interface GoProgram {
  /** Of the program in the cache. */
  readonly name: string;
  /** All that it imports, directly or not: packages that have their sources in Debian's GOPATH. */
  readonly libraries: readonly DebianPackage[];
  /** A `.go` file, or a package in the GOPATH. */
  readonly target: string;
  /** All that the program is made of beside the libraries. */
  readonly texts: readonly (string | Uint8Array)[];
  /** Puts in place what is not there yet; gets the directory with all libraries' sources. */
  arrange?(sources: string): Promise<void>;
}

/** Builds it once, a static program; the compiler's files lie in the cache only. */
export async function buildGo(
  {name, libraries, target, texts, arrange}: GoProgram,
  progress: Progress = silent,
): Promise<string> {
  const compiler = await getCompiler(progress);
  const versions = libraries.map(library => `${library.name} ${library.version}`);
  const build = contentName(compiler.version, ...versions, target, ...texts);
  return cached(join('go', `${name}-${build}`), async path => {
    progress(`compiling ${name}`);
    const scratch = `${path}-build`;
    const sources = join(scratch, 'path/src');
    await mkdir(sources, {recursive: true});
    for (const {directory} of libraries) {
      await cp(join(directory, 'usr/share/gocode/src'), sources, {recursive: true});
    }
    await arrange?.(sources);
    await execa(join(compiler.root, 'bin/go'), ['build', '-o', path, target], {
      env: {
        GOROOT: compiler.root,
        GOPATH: join(scratch, 'path'),
        GO111MODULE: 'off',
        GOCACHE: join(scratch, 'cache'),
        GOFLAGS: '',
        CGO_ENABLED: '0',
      },
    });
  });
}

async function getCompiler(progress: Progress): Promise<{root: string; version: string}> {
  const newest = (await dependenciesOf('sid', 'golang-go')).find(one => /^golang-\d/.test(one));
  const name = newest ?? 'golang-go';
  const [go, library] = await getPackages('sid', [name, name.replace(/-go$/, '-src')], progress);
  const path = await cached(join('go', `compiler-${go.version}`), async to => {
    // Links between the two packages are relative.
    for (const {directory} of [library, go]) {
      await cp(directory, to, {recursive: true, verbatimSymlinks: true});
    }
  });
  const root = join(path, 'usr/lib', go.name.replace(/^golang-(.*)-go$/, 'go-$1'));
  return {root, version: go.version};
}
