import {InputError} from '../errors.js';
import {ChunkReader, type Chunks, collect} from './chunk_reader.js';
import {PACKING_HEAD_BYTES, packingOf, unpack} from './decompress.js';

/** A regular file in an archive. Its bytes are to be had until the next one is asked for. */
export interface Entry {
  /** Without `./` or `/` at its start. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  read(): Promise<Uint8Array>;
}

export type Entries = AsyncGenerator<Entry, void>;

/** How many bytes `archiveKindOf` looks at: to the magic of tar. */
export const ARCHIVE_HEAD_BYTES = 262;

const TAR_MAGIC_OFFSET = 257;
const RPM_MAGIC = 'edabeedb';

const KINDS = {ar: readDebian, cpio: readCpio, tar: readTar, rpm: readRpm} as const;

export type ArchiveKind = keyof typeof KINDS;

export function archiveKindOf(head: Uint8Array): ArchiveKind | undefined {
  const bytes = Buffer.from(head);
  if (bytes.toString('latin1', 0, 8) === '!<arch>\n') return 'ar';
  if (bytes.toString('hex', 0, 4) === RPM_MAGIC) return 'rpm';
  if (bytes.toString('latin1', 0, 6) === '070701') return 'cpio';
  if (bytes.toString('latin1', TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5) === 'ustar') return 'tar';
  return undefined;
}

/**
 * The regular files of an archive, in its order.
 *
 * @param what - For errors: which file it is.
 * @throws {InputError} when read: with code `CANNOT_UNPACK`.
 */
export function entriesOf(kind: ArchiveKind, reader: ChunkReader, what: string): Entries {
  return KINDS[kind](reader, what);
}

/** deb(5): an ar archive whose member data.tar… has the files. */
async function* readDebian(reader: ChunkReader, what: string): Entries {
  await reader.skip(8);
  for (;;) {
    const head = Buffer.from(await reader.read(60)).toString('latin1');
    const size = Number(head.slice(48, 58));
    if (head.length < 60 || !head.endsWith('`\n') || !Number.isInteger(size)) {
      throw damaged(what, 'it is an ar archive without a member data.tar, or is cut off');
    }
    if (!head.startsWith('data.tar')) {
      // Members begin at even offsets.
      await reader.skip(size + (size % 2));
      continue;
    }
    yield* unpackedEntries(new ChunkReader(reader.take(size)), readTar, what);
    return;
  }
}

const TAR_BLOCK_BYTES = 512;
/** What a name that does not fit into a header may have. */
const TAR_NAME_MAX = 2 ** 16;

/**
 * tar(5): ustar, with the long names of GNU and pax. Libraries for it wait for ever on an archive
 * that is cut off, where a promise of an entry's content is never settled.
 */
async function* readTar(reader: ChunkReader, what: string): Entries {
  let longName: string | undefined;
  for (;;) {
    const head = Buffer.from(await reader.read(TAR_BLOCK_BYTES));
    // Two blocks of zeros end an archive.
    if (head.length === TAR_BLOCK_BYTES && head.every(byte => byte === 0)) return;
    const size = octal(head.subarray(124, 136));
    if (head.length < TAR_BLOCK_BYTES || checksum(head) !== octal(head.subarray(148, 156))) {
      throw damaged(what, 'its tar archive is cut off or damaged');
    }
    const type = String.fromCharCode(head[156] ?? 0);
    const content = reader.take(size);
    if (type === 'L' || type === 'x') {
      if (size > TAR_NAME_MAX) throw damaged(what, 'a name in its tar archive is too long');
      const text = Buffer.from(await collect(content, size)).toString();
      longName = type === 'L' ? text.replace(/\0.*$/s, '') : /\d+ path=(.*)\n/.exec(text)?.[1];
    } else {
      const prefix = textOf(head.subarray(345, 500));
      const name = textOf(head.subarray(0, 100));
      const path = longName ?? (prefix === '' ? name : `${prefix}/${name}`);
      longName = undefined;
      if (type === '0' || type === '\0') yield entryOf(path, size, content, what);
    }
    await passOver(content);
    await reader.skip((TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES);
  }
}

function octal(field: Buffer): number {
  return Number.parseInt(textOf(field).trim() || '0', 8);
}

function textOf(field: Buffer): string {
  return field.toString('utf8').replace(/\0.*$/s, '');
}

/** The sum of a header's bytes, its checksum taken for blanks. */
function checksum(head: Buffer): number {
  const inChecksum = (index: number) => index >= 148 && index < 156;
  return head.reduce((sum, byte, index) => sum + (inChecksum(index) ? 0x20 : byte), 0);
}

function entryOf(path: string, size: number, content: Chunks, what: string): Entry {
  return {
    path: path.replace(/^(\.?\/)+/, ''),
    size,
    async read() {
      const bytes = await collect(content, size);
      if (bytes.length === size) return bytes;
      throw damaged(what, `it ends amid ${path}`);
    },
  };
}

/** What was not read of an entry. */
async function passOver(content: Chunks): Promise<void> {
  for await (const _ of content) {
    // Not wanted.
  }
}

const CPIO_HEAD_BYTES = 110;
const CPIO_END = 'TRAILER!!!';

/** Documentation/driver-api/early-userspace/buffer-format.rst of the kernel: "newc". */
async function* readCpio(reader: ChunkReader, what: string): Entries {
  for (;;) {
    const head = Buffer.from(await reader.read(CPIO_HEAD_BYTES)).toString('latin1');
    if (!/^07070[12][\da-f]{104}$/i.test(head)) throw damaged(what, 'its cpio archive is cut off');
    const field = (index: number) => Number.parseInt(head.slice(6 + 8 * index, 14 + 8 * index), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = Buffer.from(await reader.read(nameSize)).toString('utf8', 0, nameSize - 1);
    await reader.skip(padding(CPIO_HEAD_BYTES + nameSize));
    if (name === CPIO_END) return;
    const content = reader.take(size);
    if ((mode & 0o170000) === 0o100000) yield entryOf(name, size, content, what);
    await passOver(content);
    await reader.skip(padding(size));
  }
}

/** Up to a multiple of 4. */
function padding(size: number): number {
  return (4 - (size % 4)) % 4;
}

const RPM_LEAD_BYTES = 96;
const RPM_HEADER_MAGIC = '8eade801';

/** The file format of RPM 4: a lead, two headers, and a packed cpio archive. */
async function* readRpm(reader: ChunkReader, what: string): Entries {
  await reader.skip(RPM_LEAD_BYTES);
  for (const isSignature of [true, false]) {
    const head = Buffer.from(await reader.read(16));
    if (head.toString('hex', 0, 4) !== RPM_HEADER_MAGIC || head.length < 16) {
      throw damaged(what, 'it begins as an RPM package does, but its headers are damaged');
    }
    const size = 16 * head.readUInt32BE(8) + head.readUInt32BE(12);
    await reader.skip(size + (isSignature ? (8 - (size % 8)) % 8 : 0));
  }
  yield* unpackedEntries(reader, readCpio, what);
}

/** The files of an archive that is packed in some way, or not at all. */
async function* unpackedEntries(
  reader: ChunkReader,
  read: (unpacked: ChunkReader, what: string) => Entries,
  what: string,
): Entries {
  const packing = packingOf(await reader.peek(PACKING_HEAD_BYTES));
  if (packing === undefined) {
    yield* read(reader, what);
    return;
  }
  const unpacked = new ChunkReader(unpack(packing, reader.take(), what));
  try {
    yield* read(unpacked, what);
  } finally {
    // Whoever has seen enough leaves the rest: an unpacker that is not let go keeps others waiting.
    await unpacked.close();
  }
}

function damaged(what: string, why: string): InputError {
  return new InputError('CANNOT_UNPACK', {
    what: `cannot unpack ${what}`,
    why,
    hint: 'copy or download it again',
  });
}
