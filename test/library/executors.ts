import {chmod, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {compile, executorSources, SANITIZER_ENVIRONMENT} from '../shim/fake_executor.js';

/** Executors to run the library against: the real one with a fake kernel, and mad ones. */

/** A program of this shell script. */
export async function script(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'structops-executor-'));
  const path = join(directory, 'structops-shim');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

export interface FakeKernel {
  /** See test/shim/fake_sys_bpf.c. */
  readonly FAKE_RULES?: string;
  readonly FAKE_LOG?: string;
  readonly FAKE_WORLD?: string;
  readonly FAKE_PINS?: string;
  /** Capabilities that the executor has not: a number. */
  readonly FAKE_LACKING?: string;
  /** The file that gets every call of the kernel. */
  readonly FAKE_RECORD?: string;
}

/** The executor of shim/ under sanitizers, with a kernel that is a table. NAME as of `compile`. */
export async function compileExecutor(
  name: string,
): Promise<(kernel: FakeKernel) => Promise<string>> {
  const program = await compile(name, executorSources('shim/main.c'));
  return kernel => {
    const environment = Object.entries({...SANITIZER_ENVIRONMENT, ...kernel});
    const exports = environment.map(([key, value]) => `export ${key}='${value}'`).join('\n');
    return script(`${exports}\nexec ${program} "$@"`);
  };
}
