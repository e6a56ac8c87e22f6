import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

/** The npm package with the executor for this platform, which npm installs beside this one. */
const PACKAGE = `@structops/shim-${process.platform}-${process.arch}`;

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
  try {
    return createRequire(import.meta.url).resolve(`${PACKAGE}/structops-shim`);
  } catch {
    // src/ and dist/ both lie beside build/.
    return fileURLToPath(new URL('../../build/structops-shim', import.meta.url));
  }
}
