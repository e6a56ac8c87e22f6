import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {buildGo} from '../rig/build_go.js';
import {REPOSITORY} from '../rig/cache.js';
import {getPackages} from '../rig/debian_packages.js';

const SOURCE = join(REPOSITORY, 'examples/hosts/wazero/main.go');

/** examples/hosts/wazero, compiled with Debian's newest Go and wazero. */
export async function builtGoHost(): Promise<string> {
  const libraries = await getPackages('sid', [
    'golang-github-tetratelabs-wazero-dev',
    'golang-golang-x-sys-dev',
  ]);
  const texts = [await readFile(SOURCE)];
  return buildGo({name: 'wazero', libraries, target: SOURCE, texts});
}
