import {copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {checkObjects} from '../../src/check/check_objects.js';
import {readKernels} from '../../src/kernel_file/read_kernels.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {getKernel} from '../rig/kernels.js';
import {ensureSystemPackages, RPM} from '../rig/system_packages.js';

/** RPM packages of a kernel as rpmbuild makes them, for the layout of Fedora and its kin. */

let directory = '';
let release = '';

test.before(async t => {
  t.timeout(300_000);
  await ensureSystemPackages([RPM]);
  directory = await mkdtemp(join(tmpdir(), 'structops-rpm-'));
  const kernel = await getKernel('6.12');
  ({release} = kernel);
  const root = join(directory, 'root/lib/modules', release);
  await mkdir(join(root, 'kernel'), {recursive: true});
  await copyFile(kernel.vmlinuz, join(root, 'vmlinuz'));
  await writeFile(join(root, 'config'), 'CONFIG_HZ=250\n');
  await writeFile(join(root, 'System.map'), '');
  await writeFile(join(root, 'kernel/x.ko'), 'no module');
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

/** Builds the package; the payload is packed in this way. */
async function rpm(payload: string): Promise<string> {
  const top = join(directory, payload);
  await mkdir(top);
  const spec = [
    ...['Name: kernel-core', 'Version: 6.12.1', 'Release: 1', 'Summary: x', 'License: GPL-2.0'],
    ...['%description', 'x', '%install', `cp -a ${directory}/root/. %{buildroot}`],
    ...['%files', `/lib/modules/${release}`],
  ];
  await writeFile(join(top, 'kernel.spec'), `${spec.join('\n')}\n`);
  const defines = {
    ...{_topdir: top, _binary_payload: payload, debug_package: '%{nil}'},
    // Nothing is to be looked for, or changed, in what is packed.
    ...{__os_install_post: '%{nil}', _build_id_links: 'none'},
  };
  const args = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await execa('rpmbuild', ['-bb', '--quiet', ...args, join(top, 'kernel.spec')]);
  const made = await readdir(join(top, 'RPMS'), {recursive: true});
  return join(top, 'RPMS', made.find(name => name.endsWith('.rpm')) ?? '');
}

const PAYLOADS: Readonly<Record<string, string>> = {
  'zstd, as Fedora packs': 'w3.zstdio',
  'xz, as RHEL 8 and 9 do': 'w1.xzdio',
  gzip: 'w1.gzdio',
};

for (const [what, payload] of Object.entries(PAYLOADS)) {
  test(`a real RPM package, ${what}: its BTF, release and configuration`, async t => {
    t.timeout(300_000);
    const path = await rpm(payload);
    const [kernel, ...others] = await readKernels(path);
    t.is(others.length, 0);
    t.is(kernel?.release, release);
    t.is(Buffer.from(kernel?.kconfig ?? []).toString(), 'CONFIG_HZ=250\n');
    const {btf} = await getKernel('6.12');
    t.true((await readFile(btf)).equals(kernel?.btf ?? Buffer.alloc(0)));
    const objects = [{object: await exampleObject('first_link'), objectName: 'first_link.bpf.o'}];
    const {cells, problems} = await checkObjects({objects, kernels: [path]});
    t.deepEqual(problems, []);
    t.is(cells[0]?.loader, 'loads');
  });
}
