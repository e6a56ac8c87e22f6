import {mkdir, readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {cached, contentName, REPOSITORY} from '../rig/cache.js';
import {DYNAMIC_LINKER, debianLibraries} from '../rig/debian_libraries.js';
import {getPackages} from '../rig/debian_packages.js';

const SOURCE = join(REPOSITORY, 'examples/hosts/wasmedge/main.c');
/** The first release of Debian that has WasmEdge. */
const SUITE = 'trixie';
const LIBRARY = 'libwasmedge0';

/** examples/hosts/wasmedge, and how to start it with the libraries of that release. */
export async function builtWasmEdgeHost(): Promise<readonly [string, ...string[]]> {
  const [headers, runtime] = await getPackages(SUITE, ['libwasmedge-dev', LIBRARY]);
  const library = join(runtime.directory, 'usr/lib/x86_64-linux-gnu', 'libwasmedge.so.0');
  const build = contentName(runtime.version, await readFile(SOURCE));
  const host = await cached(join('hosts', `wasmedge-${build}`), async path => {
    await mkdir(dirname(path), {recursive: true});
    await execa('cc', [
      ...['-O2', '-Wall', '-Wextra', '-Werror', '-I', join(headers.directory, 'usr/include')],
      ...[SOURCE, '-o', path, library],
      // The library asks for a newer libc than that of the machine; it gets it when it runs.
      '-Wl,--unresolved-symbols=ignore-in-shared-libs',
    ]);
  });
  const libraries = await debianLibraries(SUITE, LIBRARY, [host]);
  const linker = libraries.find(path => path.endsWith(DYNAMIC_LINKER)) ?? DYNAMIC_LINKER;
  const directories = new Set(libraries.map(path => dirname(path)));
  return [linker, '--library-path', [...directories].join(':'), host];
}
