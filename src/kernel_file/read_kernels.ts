import {basename, dirname} from 'node:path';
import {Readable} from 'node:stream';
import {type CoreModule, callCore, INPUT_BYTES_MAX} from '../core/wasm_core.js';
import {InputError, StructopsError} from '../errors.js';
import {ARCHIVE_HEAD_BYTES, archiveKindOf, type Entries, type Entry, entriesOf} from './archive.js';
import {isBootImage, unpackBootImage} from './boot_image.js';
import {ChunkReader, collect, KERNEL_BYTES_MAX} from './chunk_reader.js';
import {packingOf, unpack} from './decompress.js';
import {streamFile} from './files.js';
import {
  type GivenModule,
  moduleName,
  modulesBeside,
  type PackedModule,
  takeModule,
  unpackModule,
} from './module_files.js';

/** A kernel out of a file, with all that the file tells of it. */
export interface KernelFile {
  /** For people: its release, or the name of the file where that does not tell. */
  readonly name: string;
  /** The file that it came from. */
  readonly path: string;
  /** As `uname -r` says it. */
  readonly release?: string;
  /** Raw. */
  readonly btf: Uint8Array;
  /** The text of its configuration, if a package has it. */
  readonly kconfig?: Uint8Array;
  /** What boots: the bzImage. Only with `keepImage`. */
  readonly image?: Uint8Array;
  /** Those of the wanted modules that its package has too, or its directory of raw BTFs. */
  readonly modules?: readonly GivenModule[];
}

export interface ReadKernelsOptions {
  /** Default: false. */
  readonly keepImage?: boolean;
  /** Modules that are looked for beside the kernel, by name. */
  readonly modules?: readonly string[];
  /** Default: the core of this package, compiled once. */
  readonly core?: CoreModule;
}

/** A package in a package in a compressed file: more than that nobody makes. */
const DEPTH_MAX = 4;

/**
 * The kernels in a file: raw BTF, a vmlinux, a bzImage, an EFI image, each as it is or packed by
 * gzip, xz, zstd or lz4; a Debian or RPM package, or a tar or cpio archive with any of these.
 *
 * @param path - `-` is standard input.
 * @throws {InputError} It cannot be read or unpacked, or holds no kernel.
 * @throws {PlanError} It holds a kernel without usable BTF; `error.faults` says why.
 */
export async function readKernels(
  path: string,
  options: ReadKernelsOptions = {},
): Promise<readonly KernelFile[]> {
  const reader = new ChunkReader(streamFile(path, 'the kernel'));
  try {
    return await kernelsIn(reader, {path, place: path, depth: 0, options});
  } finally {
    await reader.close();
  }
}

interface Source {
  /** The file. */
  readonly path: string;
  /** For errors: the file, and what of it. */
  readonly place: string;
  readonly depth: number;
  readonly options: ReadKernelsOptions;
}

async function kernelsIn(reader: ChunkReader, source: Source): Promise<KernelFile[]> {
  const head = await reader.peek(ARCHIVE_HEAD_BYTES);
  const kind = archiveKindOf(head);
  const deeper = {...source, depth: source.depth + 1};
  if (source.depth > DEPTH_MAX) throw notKernel(source, 'it is packed too many times');
  if (kind !== undefined) {
    return kernelsInArchive(entriesOf(kind, reader, source.place), deeper);
  }
  const packing = packingOf(head);
  if (packing !== undefined) {
    const unpacked = new ChunkReader(unpack(packing, reader.take(), source.place));
    try {
      return await kernelsIn(unpacked, deeper);
    } finally {
      await unpacked.close();
    }
  }
  return [await kernelOf(await readAll(reader, source), source)];
}

async function readAll(reader: ChunkReader, source: Source): Promise<Uint8Array> {
  try {
    return await collect(reader.take(), KERNEL_BYTES_MAX);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError('INPUT_SIZE', {
      what: `${source.place} is too large`,
      why: `it has ${cause.message}`,
    });
  }
}

async function kernelOf(bytes: Uint8Array, source: Source): Promise<KernelFile> {
  const {path, place, options} = source;
  if (isRawBtf(bytes)) {
    const modules = await modulesBeside(path, options.modules ?? []);
    return {name: basename(path), path, btf: bytes, ...(modules.length > 0 && {modules})};
  }
  const isImage = isBootImage(bytes);
  if (!isImage && !isElf(bytes)) {
    const why = 'it is no BTF, vmlinux, kernel image or package';
    throw notKernel(source, bytes.length === 0 ? 'it is empty' : why);
  }
  const kernel = isImage ? await unpackBootImage(bytes, place) : bytes;
  const btf = callCore('extractBtf', [{kind: 'kernelImage', bytes: kernel}], options.core);
  const release = releaseIn(kernel);
  return {
    name: release ?? basename(path),
    path,
    ...(release !== undefined && {release}),
    btf,
    ...(options.keepImage && isImage && {image: bytes}),
  };
}

/** Both byte orders: of the other one the core says what it is. */
function isRawBtf(bytes: Uint8Array): boolean {
  return (bytes[0] === 0x9f && bytes[1] === 0xeb) || (bytes[0] === 0xeb && bytes[1] === 0x9f);
}

function isElf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '\x7fELF';
}

/** `linux_banner` of the kernel's init/version.c. */
function releaseIn(kernel: Uint8Array): string | undefined {
  const bytes = Buffer.from(kernel.buffer, kernel.byteOffset, kernel.length);
  const banner = 'Linux version ';
  for (let at = bytes.indexOf(banner); at >= 0; at = bytes.indexOf(banner, at + 1)) {
    const text = bytes.toString('latin1', at + banner.length, at + banner.length + 80);
    const release = /^(\d+\.\d+\S*) /.exec(text)?.[1];
    if (release !== undefined) return release;
  }
  return undefined;
}

/** Where packages have a kernel: its image, its vmlinux, or a collection of BTFs. */
const KERNEL = /(^|\/)(vmlinu[xz]|bzImage|Image)(-[^/]+|\.efi)?$|\.btf$/;
/** Where they have its configuration, with the release. */
const KCONFIG = /(?:^boot\/config-([^/]+)|lib\/modules\/([^/]+)\/config)$/;

async function kernelsInArchive(entries: Entries, source: Source): Promise<KernelFile[]> {
  const kernels: KernelFile[] = [];
  const kconfigs: {directory: string; bytes: Uint8Array}[] = [];
  const missing = new Set((source.options.modules ?? []).map(moduleName));
  const packed: PackedModule[] = [];
  let problem: StructopsError | undefined;
  let directory: string | undefined;
  for await (const entry of entries) {
    // What belongs to a kernel lies beside it; the modules that follow are hundreds of megabytes.
    const isPast = directory !== undefined && dirname(entry.path) !== directory;
    if (isPast && missing.size === 0) break;
    const module = await takeModule(entry, missing, source.place);
    if (module !== undefined) {
      missing.delete(module.name);
      packed.push(module);
    }
    if (isPast) continue;
    if (KCONFIG.test(entry.path) && entry.size <= INPUT_BYTES_MAX.kconfig) {
      kconfigs.push({directory: dirname(entry.path), bytes: await entry.read()});
    } else if (KERNEL.test(entry.path) && entry.size > 0) {
      try {
        kernels.push(...(await kernelsInEntry(entry, source)));
      } catch (error) {
        if (!(error instanceof StructopsError)) throw error;
        problem ??= error;
      }
      if (!entry.path.endsWith('.btf')) directory = dirname(entry.path);
    }
  }
  if (kernels.length === 0) throw problem ?? notKernel(source, 'no file in it is a kernel');
  const kconfig = kconfigs[0]?.bytes;
  const modules = await Promise.all(
    packed.map(module => unpackModule(module, source.place, source.options.core)),
  );
  return kernels.map(kernel => ({
    ...kernel,
    ...(kconfig !== undefined && {kconfig}),
    ...(modules.length > 0 && {modules}),
  }));
}

async function kernelsInEntry(entry: Entry, source: Source): Promise<KernelFile[]> {
  const place = `${entry.path} in ${source.place}`;
  if (entry.size > KERNEL_BYTES_MAX) {
    throw new InputError('INPUT_SIZE', {
      what: `${place} is too large`,
      why: `it has ${entry.size} bytes, and may have ${KERNEL_BYTES_MAX}`,
    });
  }
  const path = entry.path.endsWith('.btf') ? `${source.path}:${entry.path}` : source.path;
  const reader = new ChunkReader(Readable.from([await entry.read()]));
  return kernelsIn(reader, {...source, place, path});
}

function notKernel({place}: Source, why: string): InputError {
  return new InputError('NOT_A_KERNEL', {
    what: `${place} is not a kernel`,
    why,
    hint: 'a kernel is its /sys/kernel/btf/vmlinux, a vmlinux or vmlinuz, or its Debian or RPM package',
  });
}
