/**
 * `npm run pack:all [-- DIRECTORY]`: what a release publishes, as npm packages in build/packages:
 * structops, and its executor for each platform, of which npm installs the one that fits. Needs
 * `npm run build` and `npm run build:shim:arm64` before.
 */
import {execFileSync} from 'node:child_process';
import {chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = resolve(process.argv[2] ?? join(ROOT, 'build/packages'));

/** Machine by npm's name -> its executor; also the one for VMs of `check --run`, which are for x86-64. All are for Linux. */
const EXECUTORS = {
  x64: ['build/structops-shim', 'build/structops-shim-stats'],
  arm64: ['build/arm64/structops-shim'],
};

const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const executorPackage = cpu => `@structops/shim-linux-${cpu}`;

rmSync(OUT, {recursive: true, force: true});
for (const [cpu, paths] of Object.entries(EXECUTORS)) packExecutor(cpu, paths);
packLibrary();

function packExecutor(cpu, paths) {
  const directory = stage(executorPackage(cpu), {
    description: `The executor of structops for Linux on ${cpu}`,
    os: ['linux'],
    cpu: [cpu],
    // As a command npm makes it executable.
    bin: {'structops-shim': 'structops-shim'},
    files: paths.map(path => basename(path)),
    // It is a program: a package manager that keeps packages packed cannot start it.
    preferUnplugged: true,
  });
  for (const path of paths) {
    cpSync(join(ROOT, path), join(directory, basename(path)));
    chmodSync(join(directory, basename(path)), 0o755);
  }
  const readme = [
    `# ${executorPackage(cpu)}\n`,
    `\`structops-shim\`, the privileged part of structops ${own.version}: one static program for`,
    `Linux on ${cpu}. The package structops has its source, in shim/, and says what it does, in`,
    'docs/executor.md. The GNU C library is linked into it (LGPL-2.1 or later).\n',
  ];
  writeFileSync(join(directory, 'README.md'), readme.join('\n'));
  pack(directory);
}

/** Compiled afresh: dist/ may have what sources that are gone have left. */
function packLibrary() {
  const {devDependencies, scripts, dependencies, ...rest} = own;
  const executors = Object.keys(EXECUTORS).map(cpu => [executorPackage(cpu), own.version]);
  const directory = stage(own.name, {
    ...rest,
    scripts: {'build:shim': scripts['build:shim']},
    dependencies,
    optionalDependencies: Object.fromEntries(executors),
  });
  const dist = join(directory, 'dist');
  run('npx', 'tsc', '-p', 'tsconfig.json', '--outDir', dist);
  run(process.execPath, 'scripts/bundle_browser.mjs', join(dist, 'browser.js'));
  cpSync(join(ROOT, own.man), join(directory, own.man));
  for (const name of ['README.md', ...own.files.filter(name => name !== 'dist')]) {
    cpSync(join(ROOT, name), join(directory, name), {recursive: true});
  }
  pack(directory);
}

/** A directory for a package, with what every package has. */
function stage(name, fields) {
  const directory = join(OUT, name);
  mkdirSync(directory, {recursive: true});
  const {version, license} = own;
  writeFileSync(
    join(directory, 'package.json'),
    `${JSON.stringify({name, version, license, ...fields}, null, 2)}\n`,
  );
  cpSync(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
  return directory;
}

function pack(directory) {
  run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', OUT, directory);
}

function run(command, ...args) {
  execFileSync(command, args, {cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit']});
}
