import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const IF_STALE = `
if [ ! -e dist/cli.js ] || [ -n "$(find src tsconfig.json -newer dist/cli.js -print -quit)" ]; then
	tsc -p tsconfig.json
fi`;

/**
 * The path of dist/cli.js, compiled if any source is newer: it starts in a third of the time that
 * its source takes. Test files run side by side: one of them compiles, the others wait for it.
 */
export async function builtCli(): Promise<string> {
  await mkdir(join(ROOT, 'build'), {recursive: true});
  await execa('flock', ['build/cli.lock', 'sh', '-c', IF_STALE], {cwd: ROOT, preferLocal: true});
  return join(ROOT, 'dist/cli.js');
}
