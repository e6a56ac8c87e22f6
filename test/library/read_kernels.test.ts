import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {execaSync} from 'execa';
import {StructopsError} from '../../src/errors.js';
import {readKernels} from '../../src/kernel_file/read_kernels.js';
import {buildElf} from '../helpers/elf_builder.js';
import {
  arOf,
  bzImageOf,
  cpioOf,
  debOf,
  type Files,
  rpmOf,
  tarOf,
  zbootOf,
} from '../helpers/kernel_packages.js';
import {smallKernel} from '../malformed/refused.js';
import {ensureSystemPackages, XZ} from '../rig/system_packages.js';

/** Every form that a kernel comes in, and everything else that lies beside. */

let directory = '';
let btf: Buffer;
let vmlinux: Buffer;
let counter = 0;

test.before(async () => {
  await ensureSystemPackages([XZ]);
  directory = await mkdtemp(join(tmpdir(), 'structops-read-kernels-'));
  btf = await smallKernel();
  const banner = Buffer.from('\0Linux version %s\0Linux version 6.6.1-small (x@y) #1\0');
  vmlinux = buildElf(
    [
      {name: '.rodata', content: banner},
      {name: '.BTF', content: btf},
    ],
    [],
  );
});

test.after.always(() => rm(directory, {recursive: true, force: true}));

async function fileOf(content: Uint8Array): Promise<string> {
  const path = join(directory, `kernel-${counter++}`);
  await writeFile(path, content);
  return path;
}

const asIs = (bytes: Uint8Array) => bytes;
const xz = (bytes: Uint8Array) =>
  execaSync('xz', ['-c', '--x86', '--lzma2=preset=1', '--check=crc32'], {
    input: bytes,
    encoding: 'buffer',
  }).stdout;

const PACKED: Files = {
  './boot/System.map-6.6.1-small': 'none',
  './boot/config-6.6.1-small': 'CONFIG_HZ=250\n',
};

interface Form {
  readonly make: () => Uint8Array | Promise<Uint8Array>;
  /** What it tells beside its BTF. */
  readonly kconfig?: string;
  /** Absent: that of the vmlinux. */
  readonly release?: undefined;
}

const debian = () => ({...PACKED, './boot/vmlinuz-6.6.1-small': bzImageOf(gzipSync(vmlinux))});
const CONFIG = 'CONFIG_HZ=250\n';

const FORMS: Readonly<Record<string, Form>> = {
  'raw BTF': {make: () => btf, release: undefined},
  'raw BTF, gzip': {make: () => gzipSync(btf), release: undefined},
  vmlinux: {make: () => vmlinux},
  'vmlinux, xz': {make: () => xz(vmlinux)},
  'bzImage with gzip': {make: () => bzImageOf(gzipSync(vmlinux))},
  'bzImage with xz': {make: () => bzImageOf(xz(vmlinux))},
  'EFI zboot image': {make: () => zbootOf(gzipSync(vmlinux))},
  'Debian package, gzip': {make: () => debOf(debian(), gzipSync, '.gz'), kconfig: CONFIG},
  'Debian package, xz': {make: () => debOf(debian(), xz, '.xz'), kconfig: CONFIG},
  'Debian package, not packed': {make: () => debOf(debian(), asIs, ''), kconfig: CONFIG},
  'Debian package since Linux 7.2': {
    make: () => debOf({'./usr/lib/modules/6.6.1-small/vmlinuz': bzImageOf(xz(vmlinux))}, xz, '.xz'),
  },
  'RPM package, xz': {
    make: () =>
      rpmOf(
        {
          './lib/modules/6.6.1-small/.vmlinuz.hmac': 'x',
          './lib/modules/6.6.1-small/config': CONFIG,
          './lib/modules/6.6.1-small/vmlinuz': bzImageOf(gzipSync(vmlinux)),
        },
        xz,
      ),
    kconfig: CONFIG,
  },
  'RPM package, gzip': {make: () => rpmOf({'./boot/vmlinuz-6.6.1-small': vmlinux}, gzipSync)},
  'tar with a BTF, xz': {
    make: async () => xz(await tarOf({'6.6/x86_64/a.btf': btf})),
    release: undefined,
  },
};

for (const [what, {make, kconfig, ...rest}] of Object.entries(FORMS)) {
  const release = 'release' in rest ? undefined : '6.6.1-small';
  test(`${what}: its BTF, and what it tells of the kernel`, async t => {
    const kernels = await readKernels(await fileOf(await make()));
    t.is(kernels.length, 1);
    const [kernel] = kernels;
    t.true(btf.equals(kernel?.btf ?? Buffer.alloc(0)));
    t.is(kernel?.release, release);
    t.is(kernel?.kconfig && Buffer.from(kernel.kconfig).toString(), kconfig);
    t.is(kernel?.image, undefined);
  });
}

test('the image is kept where it is asked for, and only what boots', async t => {
  const image = bzImageOf(gzipSync(vmlinux));
  const [kernel] = await readKernels(await fileOf(image), {keepImage: true});
  t.deepEqual(Buffer.from(kernel?.image ?? []), image);
  const [elf] = await readKernels(await fileOf(vmlinux), {keepImage: true});
  t.is(elf?.image, undefined);
});

test('a tar of many BTFs is many kernels, each by its name', async t => {
  const path = await fileOf(await tarOf({'a/6.1.btf': btf, README: 'x', 'b/6.2.btf': btf}));
  const kernels = await readKernels(path);
  t.deepEqual(
    kernels.map(({name}) => name),
    [`6.1.btf`, `6.2.btf`],
  );
});

test('packages whose rest is left are read one after the other', async t => {
  const files = {...debian(), './lib/modules/huge.ko': Buffer.alloc(2 ** 22, 1)};
  const path = await fileOf(await debOf(files, xz, '.xz'));
  for (let i = 0; i < 3; i++) t.is((await readKernels(path)).length, 1);
});

const noKernel = test.macro({
  async exec(t, make: () => Uint8Array | Promise<Uint8Array>, code: string, says: RegExp) {
    const path = await fileOf(await make());
    const error = await t.throwsAsync<StructopsError>(readKernels(path));
    t.true(error instanceof StructopsError, error?.stack);
    t.is(error?.code, code, error?.message);
    t.regex(error?.message ?? '', says);
  },
  title: (why = '', _make, code) => `${why}: ${code}`,
});

test('an empty file', noKernel, () => Buffer.alloc(0), 'NOT_A_KERNEL', /it is empty/);
test('text', noKernel, () => Buffer.from('hello\n'), 'NOT_A_KERNEL', /no BTF, vmlinux/);
test('a Windows program', noKernel, () => Buffer.from('MZ and more'), 'KERN_NO_BTF', /no BTF/);
test('an ELF file without BTF', noKernel, () => buildElf([], []), 'KERN_NO_BTF', /no section/);
test(
  'a package without a kernel',
  noKernel,
  () => debOf(PACKED, xz, '.xz'),
  'NOT_A_KERNEL',
  /no file in it/,
);
test(
  'a package whose kernel has no BTF',
  noKernel,
  () => debOf({'./boot/vmlinuz-1': bzImageOf(gzipSync(buildElf([], [])))}, xz, '.xz'),
  'KERN_NO_BTF',
  /no section \.BTF/,
);
test(
  'an ar archive that is no package',
  noKernel,
  () => arOf({x: 'y'}),
  'CANNOT_UNPACK',
  /data\.tar/,
);
test(
  'gzip that is cut off',
  noKernel,
  () => gzipSync(vmlinux).subarray(0, 99),
  'CANNOT_UNPACK',
  /gzip[\s\S]*copy/,
);
test(
  'xz that is damaged',
  noKernel,
  () => {
    const bytes = Buffer.from(xz(vmlinux));
    bytes.fill(0xff, 40, 60);
    return bytes;
  },
  'CANNOT_UNPACK',
  /xz/,
);
test(
  'zstd that is damaged',
  noKernel,
  () => Buffer.from('28b52ffd0000ffffff', 'hex'),
  'CANNOT_UNPACK',
  /zstd/,
);
test(
  'lz4 that ends amid a block',
  noKernel,
  () => Buffer.from('02214c18ff000000ab', 'hex'),
  'CANNOT_UNPACK',
  /lz4[\s\S]*amid/,
);
test('bzip2', noKernel, () => Buffer.from('BZh91AY&SY'), 'CANNOT_UNPACK', /bunzip2/);
test(
  'a bzImage that is cut off',
  noKernel,
  () => bzImageOf(gzipSync(vmlinux)).subarray(0, 1100),
  'CANNOT_UNPACK',
  /beyond its end/,
);
test(
  'a bzImage packed in an unknown way',
  noKernel,
  () => bzImageOf(Buffer.alloc(64, 1)),
  'CANNOT_UNPACK',
  /not known/,
);
test(
  'an RPM package whose headers are damaged',
  noKernel,
  () => Buffer.from('edabeedb'.padEnd(400, '0'), 'hex'),
  'CANNOT_UNPACK',
  /headers/,
);
test(
  'a cpio archive that is cut off',
  noKernel,
  () => cpioOf({a: 'b'}).subarray(0, 130),
  'CANNOT_UNPACK',
  /cut off/,
);
test(
  'files packed in each other',
  noKernel,
  () => {
    let bytes: Uint8Array = vmlinux;
    for (let i = 0; i < 9; i++) bytes = gzipSync(bytes);
    return bytes;
  },
  'NOT_A_KERNEL',
  /too many times/,
);

test('a kernel that is not there', async t => {
  const error = await t.throwsAsync(readKernels(join(directory, 'none')));
  t.like(error, {code: 'FILE_NOT_FOUND'});
});

test('every byte of a package cut off or changed ends in kernels or an error of ours', async t => {
  const good = await debOf(debian(), gzipSync, '.gz');
  const places = Array.from({length: 40}, (_, i) => Math.floor((good.length * i) / 40));
  for (const place of places) {
    const changed = Buffer.from(good);
    changed.writeUInt8(changed.readUInt8(place) ^ 0x55, place);
    for (const bytes of [good.subarray(0, place), changed]) {
      const path = await fileOf(bytes);
      try {
        await readKernels(path);
      } catch (error) {
        t.true(error instanceof StructopsError, `${place}: ${error}`);
      }
    }
  }
});
