import {mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {checkPackage, createPackageFromTarballData} from '@arethetypeswrong/core';
import test from 'ava';
import * as esbuild from 'esbuild';
import {execa} from 'execa';
import {publint} from 'publint';
import {build as viteBuild} from 'vite';
import {planObject} from '../../src/plan/plan_object.js';
import {buildArm64Executor} from '../rig/arm64_executor.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';

/** What a release publishes, seen from an empty project that installs it. */

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
const OBJECT = join(REPOSITORY, 'examples/tcp/first_link.bpf.o');

let directory = '';
let version = '';
let btf = '';
/** A file of `directory`. */
const path = (...names: string[]) => join(directory, ...names);
const tarball = (name: string) => path('packages', `${name}-${version}.tgz`);
const project = (...names: string[]) => path('project', ...names);

test.before(async t => {
  t.timeout(300_000);
  directory = await mkdtemp(join(tmpdir(), 'structops-package-'));
  ({version} = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')));
  ({btf} = await getKernel('6.12'));
  await buildArm64Executor();
  await execa('node', ['scripts/pack_all.mjs', path('packages')], {cwd: REPOSITORY});
  await mkdir(project());
  await installPackages();
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** As from a registry, where npm chooses among the executors by `os` and `cpu`. */
async function installPackages(): Promise<void> {
  const executors = ['x64', 'arm64'].map(cpu => `shim-linux-${cpu}`);
  const manifest = {
    type: 'module',
    dependencies: {structops: `file:${tarball('structops')}`},
    optionalDependencies: Object.fromEntries(
      executors.map(name => [`@structops/${name}`, `file:${tarball(`structops-${name}`)}`]),
    ),
  };
  await writeFile(project('package.json'), JSON.stringify(manifest));
  await execa(
    'npm',
    ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'],
    {cwd: project()},
  );
}

/** Files of a tarball, by their paths in the package. */
async function contents(file: string): Promise<string[]> {
  const {stdout} = await execa('tar', ['-tzf', file]);
  return stdout
    .split('\n')
    .map(line => line.replace(/^package\//, ''))
    .sort();
}

async function filesBelow(folder: string, wanted: RegExp): Promise<string[]> {
  const names = await readdir(join(REPOSITORY, folder), {recursive: true});
  return names.filter(name => wanted.test(name)).map(name => `${folder}/${name}`);
}

test('structops has its modules with their types, the core, the executor as source, unit and documents', async t => {
  const sources = await filesBelow('src', /(?<!\.d)\.ts$/);
  const modules = sources
    .filter(source => source !== 'src/core/host_browser.ts')
    .map(source => source.replace(/^src(.*)\.ts$/, 'dist$1'));
  t.true(modules.length > 20);
  t.deepEqual(
    await contents(tarball('structops')),
    [
      ...['LICENSE', 'README.md', 'package.json', 'build/core.wasm', 'dist/structops.1'],
      ...['shim/Makefile', 'shim/PRIVILEGE.md', 'systemd/structops@.service'],
      ...modules.flatMap(module => [`${module}.js`, `${module}.d.ts`]),
      ...(await filesBelow('shim', /\.[ch]$/)),
      ...(await filesBelow('docs', /\.(md|svg)$/)),
    ].sort(),
  );
});

for (const cpu of ['x64', 'arm64']) {
  test(`the executor for ${cpu} is one program, and nothing runs when it is installed`, async t => {
    const name = `structops-shim-linux-${cpu}`;
    t.deepEqual(await contents(tarball(name)), [
      ...['LICENSE', 'README.md', 'package.json', 'structops-shim'],
      // For the VMs of check --run, which are of that machine.
      ...(cpu === 'x64' ? ['structops-shim-stats'] : []),
    ]);
    const {stdout} = await execa('tar', ['-xzOf', tarball(name), 'package/package.json']);
    t.like(JSON.parse(stdout), {version, os: ['linux'], cpu: [cpu], scripts: undefined});
  });
}

test('npm installs the executor of this platform alone, ready to be run', async t => {
  t.deepEqual(await readdir(project('node_modules/@structops')), [`shim-linux-${process.arch}`]);
  const {mode} = await stat(
    project(`node_modules/@structops/shim-linux-${process.arch}/structops-shim`),
  );
  t.is(mode & 0o111, 0o111);
});

test('the command and the library plan, and find the executor', async t => {
  const {stdout} = await execa(
    project('node_modules/.bin/structops'),
    ['plan', OBJECT, '--btf', btf, '--json'],
    {cwd: project()},
  );
  const expected = await expectedPlan();
  t.is(JSON.parse(stdout).plan.sha256, expected.sha256);

  await compile('consumer.ts', {module: 'nodenext', types: ['node'], typeRoots: TYPES});
  const ran = await execa('node', ['consumer.js', OBJECT, btf], {cwd: project()});
  t.deepEqual(JSON.parse(ran.stdout), {...expected, status: 'checked'});
});

const bundled = test.macro({
  async exec(t, bundle: (entry: string, outFile: string) => Promise<unknown>) {
    const source = join(FIXTURES, 'browser_consumer.ts');
    const entry = project(`${t.title.replaceAll(/\W/g, '_')}.ts`);
    await writeFile(entry, await readFile(source));
    // Far from every node_modules: all that it needs is in it.
    const outFile = path('bundles', `${t.title.replaceAll(/\W/g, '_')}.mjs`);
    await bundle(entry, outFile);
    const {look} = await import(pathToFileURL(outFile).href);
    t.deepEqual(look(await readFile(OBJECT), await readFile(btf)), await expectedPlan());
  },
  title: (bundler = '') => `structops/browser plans when it was bundled by ${bundler}`,
});

test('esbuild', bundled, (entry, outfile) =>
  esbuild.build({entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'browser'}),
);
test('Vite', bundled, (entry, outFile) =>
  viteBuild({
    ...{root: project(), configFile: false, logLevel: 'error'},
    build: {
      lib: {entry, formats: ['es'], fileName: () => outFile.slice(outFile.lastIndexOf('/') + 1)},
      outDir: path('bundles'),
      emptyOutDir: false,
    },
  }),
);

test('the types of structops/browser need no types of Node', async t => {
  await t.notThrowsAsync(
    compile('browser_consumer.ts', {module: 'es2022', moduleResolution: 'bundler', types: []}),
  );
});

test('publint and Are The Types Wrong find nothing', async t => {
  const packed = await readFile(tarball('structops'));
  const {messages} = await publint({pkgDir: path('packages/structops'), strict: true});
  t.deepEqual(
    messages.map(({code}) => code),
    [],
  );
  const checked = await checkPackage(createPackageFromTarballData(packed));
  const problems = 'problems' in checked ? checked.problems : [];
  // ES modules alone, found through `exports`: what require() and TypeScript before 4.7 cannot.
  const meant = problems.filter(
    problem =>
      !(problem.kind === 'NoResolution' && problem.resolutionKind === 'node10') &&
      problem.kind !== 'CJSResolvesToESM' &&
      !('entrypoint' in problem && problem.entrypoint === './core.wasm'),
  );
  t.true(checked.types !== false);
  t.deepEqual(meant, []);
});

/** Type declarations of Node: those of this repository. */
const TYPES = [join(REPOSITORY, 'node_modules/@types')];

/** Compiles a fixture as a file of the project; rejects with what tsc says. */
async function compile(name: string, options: object): Promise<void> {
  await writeFile(project(name), await readFile(join(FIXTURES, name)));
  const config = project(`${name}.json`);
  const lib = ['es2023', 'dom'];
  const compilerOptions = {target: 'es2022', lib, strict: true, rootDir: '.', ...options};
  await writeFile(config, JSON.stringify({compilerOptions, files: [name]}));
  const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
  const {exitCode, stdout} = await execa(tsc, ['-p', config], {cwd: project(), reject: false});
  if (exitCode !== 0) throw new Error(`tsc of ${name}:\n${stdout}`);
}

/** What the fixtures print, said by this repository's own library. */
async function expectedPlan() {
  const {plan, steps} = planObject({
    object: await readFile(OBJECT),
    objectName: 'first_link.bpf.o',
    kernelBtf: await readFile(btf),
  }).describe();
  const names = ['so_first'];
  return {sha256: plan.sha256, steps: steps.length, names, code: 'ELF_NOT_ELF'};
}
