/**
 * What a fresh clone lacks: the npm packages, and Debian packages. Runs before there are any, so
 * it is plain JavaScript that imports nothing but Node's own modules.
 */
import {spawn, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command with this terminal, saying so; ends this process if it fails. */
export function run(command, ...args) {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  const {status, signal, error} = spawnSync(command, args, {cwd: ROOT, stdio: 'inherit'});
  if (status === 0) return;
  console.error(
    `\n${command} ${args[0] ?? ''}: ${error?.message ?? signal ?? `exit code ${status}`}`,
  );
  process.exit(status ?? 1);
}

/** Runs shell lines side by side with this terminal; ends this process after all if one fails. */
export async function runTogether(...lines) {
  console.log(`\n$ ${lines.join('\n& ')}`);
  const ends = await Promise.all(lines.map(runLine));
  for (const [i, {status, signal}] of ends.entries()) {
    if (status !== 0) console.error(`\n${lines[i]}: ${signal ?? `exit code ${status}`}`);
  }
  if (ends.some(({status}) => status !== 0)) process.exit(1);
}

function runLine(line) {
  return new Promise(resolve => {
    const child = spawn('sh', ['-c', line], {cwd: ROOT, stdio: 'inherit'});
    child.on('close', (status, signal) => resolve({status, signal}));
  });
}

/** @param {'demo' | 'test'} purpose - What the Debian packages are for. */
export function setUp(purpose) {
  checkNode();
  if (!hasPackages()) run('npm', 'ci');
  // Says what it installs, and installs nothing when all is there.
  const {status} = spawnSync(
    process.execPath,
    ['--import=tsx', 'scripts/install_packages.ts', purpose],
    {cwd: ROOT, stdio: 'inherit'},
  );
  if (status !== 0) process.exit(status ?? 1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const {engines} = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  const [wantedMajor, wantedMinor] = engines.node.match(/\d+/g).map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`Node ${engines.node} is needed, this is ${process.version}`);
  process.exit(1);
}

/** Whether node_modules holds what package-lock.json names: npm keeps a copy of it there. */
function hasPackages() {
  try {
    const wanted = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')).packages;
    const held = JSON.parse(
      readFileSync(`${ROOT}node_modules/.package-lock.json`, 'utf8'),
    ).packages;
    return Object.entries(wanted).every(
      ([path, {version, optional}]) =>
        path === '' || optional === true || held[path]?.version === version,
    );
  } catch {
    return false;
  }
}
