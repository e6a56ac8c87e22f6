import {mkdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const IF_STALE = `
if [ ! -e "$1" ] || [ -n "$(find assembly asconfig.json -newer "$1" -print -quit)" ]; then
	asc "assembly/$2.ts" --target "$3" --outFile "$1.new" && mv "$1.new" "$1"
fi`;

/**
 * The path of build/NAME.wasm, compiled if there is none or any source is newer. Test files run
 * side by side: one of them compiles, the others wait for it.
 */
export async function builtWasm(name: string, entry: string, target: string): Promise<string> {
  const path = join(ROOT, 'build', `${name}.wasm`);
  await mkdir(dirname(path), {recursive: true});
  await execa('flock', [`${path}.lock`, 'sh', '-c', IF_STALE, 'sh', path, entry, target], {
    cwd: ROOT,
    preferLocal: true,
  });
  return path;
}
