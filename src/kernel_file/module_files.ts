import {basename, dirname, join} from 'node:path';
import {Readable} from 'node:stream';
import {type CoreModule, callCore} from '../core/wasm_core.js';
import {InputError, StructopsError} from '../errors.js';
import {ARCHIVE_HEAD_BYTES, archiveKindOf, type Entries, type Entry, entriesOf} from './archive.js';
import {ChunkReader, collect, KERNEL_BYTES_MAX} from './chunk_reader.js';
import {packingOf, unpack} from './decompress.js';
import {streamFile} from './files.js';

/** A module of a kernel. */
export interface GivenModule {
  /** As the kernel says it: with underscores. */
  readonly name: string;
  /** Raw, split. */
  readonly btf: Uint8Array;
  /** What it can be loaded from: the .ko, unpacked. */
  readonly file?: Uint8Array;
  /** Of the kernel that it is for, where its place tells that. */
  readonly release?: string;
}

/** `lib/modules/RELEASE/kernel/drivers/hid/hid.ko.xz`, below / or below /usr. */
const MODULE = /(?:^|\/)lib\/modules\/([^/]+)\/(?:.*\/)?([^/]+)\.ko(?:\.(?:xz|zst|gz))?$/;

/** The kernel has no dashes in names of modules, and files have both. */
export function moduleName(text: string): string {
  return text.replaceAll('-', '_');
}

/** A module as it lies in an archive: unpacked when the archive is done with, since one xz decoder waits for the other. */
export interface PackedModule {
  readonly name: string;
  readonly release: string;
  readonly bytes: Uint8Array;
}

/** The module in an entry, if it is one of these names. */
export async function takeModule(
  entry: Entry,
  names: ReadonlySet<string>,
  place: string,
): Promise<PackedModule | undefined> {
  const [, release = '', file = ''] = MODULE.exec(entry.path) ?? [];
  const name = moduleName(file);
  if (!names.has(name)) return undefined;
  if (entry.size > KERNEL_BYTES_MAX) {
    throw new InputError('INPUT_SIZE', {what: `${entry.path} in ${place} is too large`});
  }
  return {name, release, bytes: await entry.read()};
}

/** @throws {PlanError} It has no BTF. */
export async function unpackModule(
  {name, release, bytes}: PackedModule,
  place: string,
  core?: CoreModule,
): Promise<GivenModule> {
  const reader = new ChunkReader(Readable.from([bytes]));
  const file = await unpacked(reader, `${name} in ${place}`);
  return {name, release, file, btf: btfOf(file, core)};
}

/**
 * A module as the user gives it: raw BTF, a .ko, packed or not, or a package with the modules of a
 * kernel, of which it takes the one.
 *
 * @throws {InputError} It cannot be read or unpacked, or the package does not have it.
 * @throws {PlanError} It has no BTF.
 */
export async function openModule(
  name: string,
  path: string,
  core?: CoreModule,
): Promise<GivenModule> {
  const wanted = moduleName(name);
  const reader = new ChunkReader(streamFile(path, 'the module'));
  try {
    const kind = archiveKindOf(await reader.peek(ARCHIVE_HEAD_BYTES));
    if (kind === undefined) {
      const bytes = await unpacked(reader, path);
      const isElf = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '\x7fELF';
      return {name: wanted, ...(isElf ? {btf: btfOf(bytes, core), file: bytes} : {btf: bytes})};
    }
    const packed = await findModule(entriesOf(kind, reader, path), wanted, path);
    if (packed !== undefined) return await unpackModule(packed, path, core);
  } finally {
    await reader.close();
  }
  throw new InputError('FILE_NOT_FOUND', {
    what: `${path} has no module ${name}`,
    why: `no file in it is lib/modules/RELEASE/…/${name}.ko`,
    hint: 'since Linux 7.2 Debian has the modules in linux-modules-RELEASE; it may also be built in',
  });
}

async function findModule(entries: Entries, name: string, place: string) {
  for await (const entry of entries) {
    const packed = await takeModule(entry, new Set([name]), place);
    if (packed !== undefined) return packed;
  }
  return undefined;
}

/** Those of the modules that have their BTF in the directory of a raw vmlinux BTF, as in /sys/kernel/btf. */
export async function modulesBeside(
  vmlinux: string,
  names: readonly string[],
): Promise<GivenModule[]> {
  if (basename(vmlinux) !== 'vmlinux') return [];
  const found: GivenModule[] = [];
  for (const name of names) {
    try {
      found.push(await openModule(name, join(dirname(vmlinux), moduleName(name))));
    } catch (error) {
      if (!(error instanceof InputError) || error.code !== 'FILE_NOT_FOUND') throw error;
    }
  }
  return found;
}

async function unpacked(reader: ChunkReader, place: string): Promise<Uint8Array> {
  const packing = packingOf(await reader.peek(ARCHIVE_HEAD_BYTES));
  const chunks = packing === undefined ? reader.take() : unpack(packing, reader.take(), place);
  try {
    return await collect(chunks, KERNEL_BYTES_MAX);
  } catch (cause) {
    if (cause instanceof StructopsError || !(cause instanceof RangeError)) throw cause;
    throw new InputError('INPUT_SIZE', {what: `${place} is too large`, why: cause.message});
  }
}

function btfOf(module: Uint8Array, core?: CoreModule): Uint8Array {
  return callCore('extractBtf', [{kind: 'kernelImage', bytes: module}], core);
}
