import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

/** The npm package with the executor for this platform, which npm installs beside this one. */
const PACKAGE = `@structops/shim-${process.platform}-${process.arch}`;

const COUNTING_PACKAGE = '@structops/shim-linux-x64';

/** What to try where there is no counting one. */
export const WITHOUT_COUNTING_EXECUTOR = `npm install ${COUNTING_PACKAGE} brings it, npm run build:shim builds it`;

/** What to try where there is none. */
export const WITHOUT_EXECUTOR =
  process.platform === 'linux'
    ? `npm install ${PACKAGE} brings it, npm run build:shim builds it; --shim PATH names another`
    : 'plans are applied on Linux: copy the plan there, and run structops-shim PLAN';

/**
 * The path of the executor: that of the package for this platform, or the one built in this
 * package's own directory, whether it is there or not.
 */
export function findExecutor(): string {
  return pathOf(`${PACKAGE}/structops-shim`, 'structops-shim');
}

/** Of the one that asks the verifier to count, for VMs of `check --run`: always for x86-64. */
export function findCountingExecutor(): string {
  return pathOf(`${COUNTING_PACKAGE}/structops-shim-stats`, 'structops-shim-stats');
}

function pathOf(packaged: string, built: string): string {
  try {
    return createRequire(import.meta.url).resolve(packaged);
  } catch {
    // src/ and dist/ both lie beside build/.
    return fileURLToPath(new URL(`../../build/${built}`, import.meta.url));
  }
}
