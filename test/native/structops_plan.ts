import {join} from 'node:path';
import {execa} from 'execa';
import {openCore} from '../helpers/core_wasm.js';
import {REPOSITORY} from '../rig/cache.js';
import {ensureSystemPackages, HOST_C_COMPILER, WASM_TO_C} from '../rig/system_packages.js';

/** The native planner, compiled if it is older than the core or its own sources. */
export async function builtNativePlanner(): Promise<string> {
  await ensureSystemPackages([...HOST_C_COMPILER, ...WASM_TO_C]);
  await openCore();
  const path = join(REPOSITORY, 'build/structops-plan');
  // Test files run side by side: one of them compiles, the others wait for it.
  await execa('flock', [`${path}.lock`, 'make', '-s', '-C', 'native'], {cwd: REPOSITORY});
  return path;
}
