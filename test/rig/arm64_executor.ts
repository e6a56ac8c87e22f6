import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {CACHE, REPOSITORY} from './cache.js';
import {ARM64_C_COMPILER, ensureSystemPackages} from './system_packages.js';

/** The executor for arm64, cross-built if that was not done yet. */
export async function buildArm64Executor(): Promise<string> {
  await ensureSystemPackages(ARM64_C_COMPILER);
  await mkdir(CACHE, {recursive: true});
  // Test files run in processes of their own: one of them builds, the others wait for it.
  const build = ['npm', 'run', '--silent', 'build:shim:arm64'];
  await execa('flock', [join(CACHE, 'arm64-lock'), ...build], {cwd: REPOSITORY});
  return join(REPOSITORY, 'build/arm64/structops-shim');
}
