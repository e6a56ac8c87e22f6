import {createRequire} from 'node:module';
import {InputError} from '../errors.js';
import {runCommand} from '../run_command.js';
import {ChunkReader, type Chunks, collect, KERNEL_BYTES_MAX} from './chunk_reader.js';

/** How many bytes `packingOf` looks at. */
export const PACKING_HEAD_BYTES = 13;

type Unpacked = AsyncGenerator<Uint8Array, void>;

interface Packing {
  readonly name: string;
  /** Of the file's first bytes, in hex. */
  readonly magic: string;
  /** Absent: this package cannot. */
  readonly unpack?: (packed: Chunks) => Chunks;
  /** The command that can. */
  readonly command?: string;
}

/** What kernels and packages are packed with: scripts/Makefile.lib of the kernel, dpkg-deb(1), rpm. */
const PACKINGS: readonly Packing[] = [
  {name: 'gzip', magic: '1f8b', unpack: gunzip},
  {name: 'zstd', magic: '28b52ffd', unpack: unzstd},
  {name: 'xz', magic: 'fd377a585a00', unpack: unxz},
  {name: 'lz4', magic: '02214c18', unpack: unlz4Legacy},
  {name: 'lz4 frames', magic: '04224d18', command: 'lz4 -d'},
  {name: 'bzip2', magic: '425a68', command: 'bunzip2'},
  {name: 'lzo', magic: '894c5a4f', command: 'lzop -d'},
  {name: 'lzma', magic: '5d0000', command: 'unlzma'},
];

/** How bytes are packed that begin so; undefined: not at all, or in no way that is known. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const hex = Buffer.from(head.subarray(0, PACKING_HEAD_BYTES)).toString('hex');
  return PACKINGS.find(({magic}) => hex.startsWith(magic));
}

/**
 * Unpacks while it is read.
 *
 * @param what - For errors: whose bytes they are.
 * @throws {InputError} when read: with code `CANNOT_UNPACK`.
 */
export async function* unpack(packing: Packing, packed: Chunks, what: string): Unpacked {
  if (packing.unpack === undefined) {
    throw new InputError('CANNOT_UNPACK', {
      what: `${what} is packed with ${packing.name}, which structops cannot unpack`,
      why: 'gzip, xz, zstd and lz4 it can, which kernels and packages of today are packed with',
      hint: `unpack it first: ${packing.command}`,
    });
  }
  try {
    yield* packing.unpack(packed);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(
      'CANNOT_UNPACK',
      {
        what: `cannot unpack ${what}, which is packed with ${packing.name}`,
        why: cause instanceof Error && cause.message ? cause.message : 'it is damaged',
        hint: 'copy or download it again',
      },
      {cause},
    );
  }
}

async function* gunzip(packed: Chunks): Unpacked {
  const {createGunzip} = await import('node:zlib');
  const {pipeline} = await import('node:stream');
  const unpacked = createGunzip();
  // An error of either ends both, and is thrown where the output is read.
  pipeline(packed, unpacked, () => {});
  yield* unpacked;
}

async function* unxz(packed: Chunks): Unpacked {
  const reader = new ChunkReader(packed);
  if (isBeyondLibrary(await reader.peek(XZ_HEAD_BYTES))) {
    yield await unxzByCommand(await collect(reader.take(), KERNEL_BYTES_MAX));
    return;
  }
  // CommonJS, whose names ESM does not see alike in every host.
  const xz: typeof import('xz-decompress') = createRequire(import.meta.url)('xz-decompress');
  const unpacked = new xz.XzReadableStream(ReadableStream.from(reader.take())).getReader();
  try {
    for (let next = await unpacked.read(); !next.done; next = await unpacked.read()) {
      yield next.value;
    }
  } finally {
    // It lets go what others wait for; of one that has come to its end it has nothing, and throws.
    await unpacked.cancel().catch(() => {});
  }
}

const XZ_HEAD_BYTES = 14;

/** None, CRC32 and CRC64: "Stream Flags" of the .xz file format. */
const KNOWN_CHECKS = [0, 1, 4];

/** Whether the first block has another filter beside LZMA2, "Block Flags", or a check of another kind. */
function isBeyondLibrary(head: Uint8Array): boolean {
  return ((head[13] ?? 0) & 3) !== 0 || !KNOWN_CHECKS.includes((head[7] ?? 0) & 15);
}

/**
 * Kernels are packed with a filter for machine code, and RPM packages have SHA-256 as their check,
 * which no library for JavaScript knows.
 */
async function unxzByCommand(packed: Uint8Array): Promise<Uint8Array> {
  const {exitCode, stdout, stderr} = await runCommand(['xz', '--decompress', '--stdout'], {
    input: packed,
    packageName: 'xz-utils',
    purpose: 'to unpack what is packed with xz and its filter for machine code, or with SHA-256',
  });
  if (exitCode !== 0) throw new Error(stderr.trim() || 'xz failed');
  return stdout;
}

/** So often in a row may the decoder give nothing; of damaged bytes it gives nothing for ever. */
const ZSTD_EMPTY_MAX = 16;

async function* unzstd(packed: Chunks): Unpacked {
  const {ZSTDDecoder} = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  const pieces: Uint8Array[] = [];
  for await (const piece of packed) pieces.push(piece);
  let empty = 0;
  for (const piece of decoder.decodeStreaming(pieces)) {
    empty = piece.length === 0 ? empty + 1 : 0;
    if (empty > ZSTD_EMPTY_MAX) throw new Error('it is damaged');
    yield piece;
  }
}

/** Bytes of a block before it was packed, at most: LEGACY_BLOCKSIZE of lz4. */
const LZ4_BLOCK_BYTES = 8 * 2 ** 20;

/** `lz4 -l`: the magic, then blocks, each after its packed size. No library has this form. */
async function* unlz4Legacy(packed: Chunks): Unpacked {
  const {default: lz4} = await import('lz4js');
  const reader = new ChunkReader(packed);
  await reader.read(4);
  for (;;) {
    const head = Buffer.from(await reader.read(4));
    // A kernel's payload ends in its unpacked size, or in nothing.
    if (head.length < 4) return;
    const size = head.readUInt32LE(0);
    const block = await reader.read(size);
    if (block.length < size) throw new Error('it ends amid a block');
    const unpacked = new Uint8Array(LZ4_BLOCK_BYTES);
    yield unpacked.subarray(0, lz4.decompressBlock(block, unpacked, 0, size, 0));
  }
}
