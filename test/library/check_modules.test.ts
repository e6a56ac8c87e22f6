import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {type CheckRequest, checkObjects} from '../../src/check/check_objects.js';
import {InputError} from '../../src/errors.js';
import {bpfObject} from '../helpers/bpf_objects.js';
import {buildElf} from '../helpers/elf_builder.js';
import {debOf} from '../helpers/kernel_packages.js';
import {moduleBtf} from '../module/btf_of_module.js';
import {getKernel} from '../rig/kernels.js';
import {runCli} from './run_cli.js';

/** Modules of the kernels that are checked: beside them, in their packages, in others, in files. */

let directory = '';
let vmlinux: Buffer;
let module: Buffer;
const path = (name: string) => join(directory, name);

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'structops-modules-'));
  const banner = Buffer.from('Linux version 6.12.1-x (x@y) #1\0');
  const btf = await readFile((await getKernel('6.12')).btf);
  vmlinux = buildElf(
    [
      {name: '.rodata', content: banner},
      {name: '.BTF', content: btf},
    ],
    [],
  );
  const {of_module = ''} = await moduleBtf('6.12');
  module = await readFile(of_module);
  const ko = buildElf([{name: '.BTF', content: module}], []);
  const below = (release: string) => `./usr/lib/modules/${release}/kernel/drivers/x/of-module.ko`;
  const kernel = {'./boot/vmlinuz-6.12.1-x': vmlinux};
  const packages = {
    'alone.deb': kernel,
    'both.deb': {
      ...kernel,
      './boot/config-6.12.1-x': '',
      [`${below('6.12.1-x')}.gz`]: gzipSync(ko),
    },
    'modules.deb': {[below('6.12.1-x')]: ko},
    'of_another.deb': {[below('6.13.0')]: ko},
    'bare.deb': {...kernel, [below('6.12.1-x')]: buildElf([], [])},
  };
  for (const [name, files] of Object.entries(packages)) {
    await writeFile(path(name), await debOf(files, gzipSync, '.gz'));
  }
  await writeFile(path('of_module.ko'), ko);
  await writeFile(path('of_module.btf'), module);
  await mkdir(path('btf'));
  await writeFile(path('btf/vmlinux'), btf);
  await writeFile(path('btf/of_module'), module);
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

async function check(kernel: string, modules: CheckRequest['modules'] = []) {
  const objects = [
    {object: await bpfObject('conformance/module_kind'), objectName: 'module_kind.bpf.o'},
  ];
  return checkObjects({objects, kernels: [path(kernel)], modules});
}

interface Case {
  readonly kernel: string;
  readonly from?: string;
  readonly loads: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  "the kernel's own package": {kernel: 'both.deb', loads: true},
  'a package without it': {kernel: 'alone.deb', loads: false},
  'the directory of a raw BTF': {kernel: 'btf/vmlinux', loads: true},
  'a package of modules': {kernel: 'alone.deb', from: 'modules.deb', loads: true},
  'a package for another kernel': {kernel: 'alone.deb', from: 'of_another.deb', loads: false},
  'its .ko': {kernel: 'alone.deb', from: 'of_module.ko', loads: true},
  'its raw BTF': {kernel: 'alone.deb', from: 'of_module.btf', loads: true},
};

for (const [what, {kernel, from, loads}] of Object.entries(CASES)) {
  test(`a module of ${what}: ${loads ? 'its kind loads' : 'is not there'}`, async t => {
    const one = {name: 'of-module', ...(from !== undefined && {path: path(from)})};
    const {cells, kernels, problems} = await check(kernel, [one]);
    t.deepEqual(problems, []);
    t.is(cells[0]?.loader, loads ? 'loads' : 'refused', JSON.stringify(cells[0]?.faults));
    t.deepEqual(kernels[0]?.modules, loads ? ['of_module'] : []);
    t.is(kernels[0]?.struct_ops.includes('module_ops'), loads);
  });
}

test('without modules nothing is said of them', async t => {
  const {kernels, cells} = await check('both.deb');
  t.false('modules' in (kernels[0] ?? {}));
  t.is(cells[0]?.faults[0]?.code, 'KERN_NO_STRUCT_OPS');
});

test('a module without BTF is a problem of its kernel', async t => {
  const {problems, kernels} = await check('bare.deb', [{name: 'of_module'}]);
  t.deepEqual(kernels, []);
  t.regex(problems[0]?.message ?? '', /no section \.BTF/);
});

test('a package that does not have the module, when it is named as its place', async t => {
  const error = await t.throwsAsync(
    check('alone.deb', [{name: 'other', path: path('modules.deb')}]),
    {instanceOf: InputError},
  );
  t.regex(error?.message ?? '', /modules\.deb has no module other/);
});

test('structops check --module-btf: the table says which kernel does not have it', async t => {
  const object = 'test/bpf/conformance/module_kind.bpf.o';
  const kernels = ['both.deb', 'alone.deb'].flatMap(name => ['--btf', path(name)]);
  const run = await runCli(['check', object, ...kernels, '--module-btf', 'of-module']);
  t.is(run.exitCode, 1);
  t.regex(run.stdout, /loader: ok/);
  t.regex(run.stdout, /KERN_NO_STRUCT_OPS/);
  t.regex(run.stdout, /no module of_module: 6\.12\.1-x/);
  const nameless = await runCli(['check', object, '--btf', path('both.deb'), '--module-btf', '=x']);
  t.is(nameless.exitCode, 2);
  t.regex(nameless.stderr, /the module's name is missing/);
});
