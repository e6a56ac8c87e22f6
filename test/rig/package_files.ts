import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {REPOSITORY} from './cache.js';
import {type GuestFile, nodeFiles, treeFiles} from './initramfs.js';

const INSTALLED = '/usr/lib/node_modules/structops';
/** Where npm puts the executor's package: beside the one that asks for it. */
const EXECUTOR_INSTALLED = '/usr/lib/node_modules/@structops/shim-linux-x64/structops-shim';
const COMMAND = fileURLToPath(new URL('guest/structops.sh', import.meta.url));

/**
 * The built package as `npm install --omit=dev` would put it into a guest, with the Node to run
 * it (1536 MiB): the files that `npm publish` would take, what they depend on, and the two
 * commands `structops` and `structops-shim`.
 */
export async function packageFiles(): Promise<GuestFile[]> {
  const [published, dependencies, node] = await Promise.all([
    publishedFiles(),
    dependencyFiles(),
    nodeFiles(),
  ]);
  return [
    ...node,
    ...published,
    ...dependencies,
    executorFile(),
    {...executorFile(), guestPath: EXECUTOR_INSTALLED},
    {hostPath: COMMAND, guestPath: '/usr/bin/structops'},
  ];
}

/** The executor alone, which needs nothing else. */
export function executorFile(): GuestFile {
  return {
    hostPath: join(REPOSITORY, 'build/structops-shim'),
    guestPath: '/usr/bin/structops-shim',
  };
}

async function publishedFiles(): Promise<GuestFile[]> {
  const packed = await execa('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: REPOSITORY,
  });
  const [{files}]: [{files: {path: string}[]}] = JSON.parse(packed.stdout);
  return files.map(({path}) => ({
    hostPath: join(REPOSITORY, path),
    guestPath: join(INSTALLED, path),
  }));
}

/** Of what npm has installed those that are not for developers alone, as npm itself notes them. */
async function dependencyFiles(): Promise<GuestFile[]> {
  const installed = join(REPOSITORY, 'node_modules/.package-lock.json');
  const {packages}: {packages: Record<string, {dev?: boolean}>} = JSON.parse(
    await readFile(installed, 'utf8'),
  );
  const paths = Object.keys(packages).filter(path => packages[path]?.dev !== true);
  const files = await Promise.all(
    paths.map(path => treeFiles(join(REPOSITORY, path), join(INSTALLED, path))),
  );
  return files.flat();
}
