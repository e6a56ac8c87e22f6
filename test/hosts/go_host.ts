import {cp, mkdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {cached, contentName, REPOSITORY} from '../rig/cache.js';
import {type DebianPackage, dependenciesOf, getPackage} from '../rig/debian_packages.js';

const SOURCE = join(REPOSITORY, 'examples/hosts/wazero/main.go');
/** wazero, and what it imports; they have their sources in Debian's GOPATH. */
const LIBRARIES = ['golang-github-tetratelabs-wazero-dev', 'golang-golang-x-sys-dev'];

/** examples/hosts/wazero, compiled with Debian's newest Go, whose files lie in the cache only. */
export async function builtGoHost(): Promise<string> {
  const compiler = (await dependenciesOf('sid', 'golang-go')).find(name => /^golang-\d/.test(name));
  const go = await getPackage('sid', compiler ?? 'golang-go');
  const sources = await getPackage('sid', go.name.replace(/-go$/, '-src'));
  const libraries: DebianPackage[] = [];
  for (const name of LIBRARIES) libraries.push(await getPackage('sid', name));
  const versions = [go, ...libraries].map(({name, version}) => `${name} ${version}`);
  const build = contentName(...versions, await readFile(SOURCE));
  return cached(join('hosts', `wazero-${build}`), async path => {
    const scratch = `${path}-build`;
    await mkdir(scratch, {recursive: true});
    // Links between the two packages are relative.
    for (const {directory} of [sources, go]) {
      await cp(directory, join(scratch, 'root'), {recursive: true, verbatimSymlinks: true});
    }
    const root = join(scratch, 'root/usr/lib', go.name.replace(/^golang-(.*)-go$/, 'go-$1'));
    for (const {directory} of libraries) {
      await cp(join(directory, 'usr/share/gocode/src'), join(scratch, 'path/src'), {
        recursive: true,
      });
    }
    await execa(join(root, 'bin/go'), ['build', '-o', path, SOURCE], {
      env: {
        GOROOT: root,
        GOPATH: join(scratch, 'path'),
        GO111MODULE: 'off',
        GOCACHE: join(scratch, 'cache'),
        GOFLAGS: '',
        CGO_ENABLED: '0',
      },
    });
  });
}
