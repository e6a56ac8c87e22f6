import {InputError} from '../errors.js';
import {ChunkReader, collect, KERNEL_BYTES_MAX} from './chunk_reader.js';
import {packingOf, unpack} from './decompress.js';

// Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
const SETUP_SECTS = 0x1f1;
const SETUP_MAGIC = 0x202;
const SETUP_END = 0x250;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR_BYTES = 512;

interface Payload {
  readonly start: number;
  readonly end: number;
}

/** Whether bytes begin as a kernel image does that firmware or a boot loader starts. */
export function isBootImage(image: Uint8Array): boolean {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  return bytes.toString('latin1', 0, 2) === 'MZ' || isBzImage(bytes);
}

/**
 * The kernel inside a bzImage or an EFI zboot image, unpacked: a vmlinux ELF file, or for arm64
 * and riscv an image of memory. Other images are returned as they are.
 *
 * @throws {InputError} with code `CANNOT_UNPACK`.
 */
export async function unpackBootImage(image: Uint8Array, what: string): Promise<Uint8Array> {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  const payload = bzImagePayload(bytes) ?? zbootPayload(bytes);
  if (payload === undefined) return image;
  const {start, end} = payload;
  if (start >= end || end > image.length) throw damaged(what, 'its payload lies beyond its end');
  const packed = image.subarray(start, end);
  const packing = packingOf(packed);
  if (packing === undefined) throw damaged(what, 'its payload is packed in a way not known here');
  const reader = new ChunkReader(unpack(packing, one(packed), what));
  try {
    return await collect(reader.take(), KERNEL_BYTES_MAX);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw damaged(what, `unpacked it has ${cause.message}`);
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

function isBzImage(bytes: Buffer): boolean {
  return bytes.toString('latin1', SETUP_MAGIC, SETUP_MAGIC + 4) === 'HdrS';
}

function bzImagePayload(bytes: Buffer): Payload | undefined {
  if (!isBzImage(bytes) || bytes.length < SETUP_END) return undefined;
  const protectedMode = (bytes.readUInt8(SETUP_SECTS) + 1) * SECTOR_BYTES;
  const start = protectedMode + bytes.readUInt32LE(PAYLOAD_OFFSET);
  // The build appends the unpacked size, 4 bytes that no unpacker expects.
  return {start, end: start + bytes.readUInt32LE(PAYLOAD_LENGTH) - 4};
}

/** drivers/firmware/efi/libstub/zboot-header.S of the kernel. */
function zbootPayload(bytes: Buffer): Payload | undefined {
  if (bytes.toString('latin1', 4, 8) !== 'zimg' || bytes.length < 64) return undefined;
  const start = bytes.readUInt32LE(8);
  return {start, end: start + bytes.readUInt32LE(12)};
}

function damaged(what: string, why: string): InputError {
  return new InputError('CANNOT_UNPACK', {
    what: `cannot unpack the kernel image ${what}`,
    why,
    hint: 'copy or download it again',
  });
}
