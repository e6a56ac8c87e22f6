import {readFile} from 'node:fs/promises';
import {execa} from 'execa';
import {ensureSystemPackages, UNPACKERS} from './system_packages.js';

// Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
const SETUP_SECTS = 0x1f1;
const SETUP_MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR_BYTES = 512;

/** How a payload starts -> what unpacks it. */
const PACKINGS: readonly {magic: number; command: readonly string[]}[] = [
  {magic: 0x184c2102, command: ['lz4', '-dc']},
  {magic: 0xfd2fb528, command: ['zstd', '-dc']},
  {magic: 0x587a37fd, command: ['xz', '-dc']},
];

// Documentation/arch/arm64/booting.rst, "Call the kernel image".
const ARM64_MAGIC = 0x38;

/** How BTF begins: magic 0xeb9f, version 1, no flags, a head of 24 bytes. */
const BTF_START = Buffer.from('9feb010018000000', 'hex');

/**
 * The raw BTF in a kernel image, the same bytes as the running kernel shows as
 * /sys/kernel/btf/vmlinux. In a bzImage it is section `.BTF` of the vmlinux ELF file that the
 * payload unpacks to; the Image of arm64 is that file's memory, without its sections.
 */
export async function readBtfOfImage(path: string): Promise<Buffer> {
  const image = await readFile(path);
  const isArm64 = image.toString('latin1', ARM64_MAGIC, ARM64_MAGIC + 4) === 'ARMd';
  const btf = isArm64 ? findBtf(image) : findSection(await unpackVmlinux(image, path), '.BTF');
  if (btf === undefined) throw new Error(`${path}: there is no BTF in it`);
  return btf;
}

/** The first place that has the head of a BTF, with its types and strings, one after the other. */
function findBtf(image: Buffer): Buffer | undefined {
  for (let at = image.indexOf(BTF_START); at >= 0; at = image.indexOf(BTF_START, at + 1)) {
    const head = image.subarray(at, at + 24);
    if (head.length < 24) return undefined;
    const [typesAt, typeBytes, stringsAt, stringBytes] = [8, 12, 16, 20].map(offset =>
      head.readUInt32LE(offset),
    ) as [number, number, number, number];
    if (typesAt !== 0 || typeBytes === 0 || stringsAt !== typeBytes) continue;
    const btf = image.subarray(at, at + 24 + stringsAt + stringBytes);
    if (btf.at(24 + stringsAt) === 0 && btf.at(-1) === 0) return btf;
  }
  return undefined;
}

async function unpackVmlinux(image: Buffer, name: string): Promise<Buffer> {
  if (image.toString('latin1', SETUP_MAGIC, SETUP_MAGIC + 4) !== 'HdrS') {
    throw new Error(`${name}: not a bzImage (no HdrS at ${SETUP_MAGIC})`);
  }
  const protectedMode = (image.readUInt8(SETUP_SECTS) + 1) * SECTOR_BYTES;
  const start = protectedMode + image.readUInt32LE(PAYLOAD_OFFSET);
  // The build appends the unpacked size, 4 bytes that no unpacker expects.
  const end = start + image.readUInt32LE(PAYLOAD_LENGTH) - 4;
  const magic = image.readUInt32LE(start);
  const [file, ...args] = PACKINGS.find(packing => packing.magic === magic)?.command ?? [];
  if (file === undefined) {
    throw new Error(`${name}: payload packed in a way not known here (0x${magic.toString(16)})`);
  }
  await ensureSystemPackages(UNPACKERS);
  const input = image.subarray(start, end);
  const unpacked = await execa(file, args, {input, encoding: 'buffer', maxBuffer: 2 ** 30});
  return Buffer.from(unpacked.stdout);
}

/** A section's bytes in a 64-bit little-endian ELF file of our own machine's kind. */
function findSection(elf: Buffer, wanted: string): Buffer | undefined {
  if (elf.readUInt32BE(0) !== 0x7f454c46) throw new Error('the payload is not an ELF file');
  const tableOffset = Number(elf.readBigUInt64LE(0x28));
  const entryBytes = elf.readUInt16LE(0x3a);
  const count = elf.readUInt16LE(0x3c);
  const section = (index: number) => {
    const header = elf.subarray(tableOffset + index * entryBytes);
    const offset = Number(header.readBigUInt64LE(0x18));
    const sizeBytes = Number(header.readBigUInt64LE(0x20));
    return {nameOffset: header.readUInt32LE(0), bytes: elf.subarray(offset, offset + sizeBytes)};
  };
  const names = section(elf.readUInt16LE(0x3e)).bytes;
  for (let index = 0; index < count; index += 1) {
    const {nameOffset, bytes} = section(index);
    const name = names.toString('latin1', nameOffset, names.indexOf(0, nameOffset));
    if (name === wanted) return bytes;
  }
  return undefined;
}
