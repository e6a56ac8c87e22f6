import {fstatSync} from 'node:fs';
import {type Bytes, INPUT_BYTES_MAX} from '../core/wasm_core.js';
import {InputError} from '../errors.js';
import {fileIs, readToEnd, readUntilFull, withFile} from './open_input.js';

/** Where a kernel shows its own BTF, and that of each module. */
const BTF_DIRECTORY = '/sys/kernel/btf';

export const VMLINUX_BTF = `${BTF_DIRECTORY}/vmlinux`;

/** How files begin that hold a kernel, but are no raw BTF -> how to get the BTF out of them. */
const CONTAINERS: readonly {magic: string; name: string; hint: (path: string) => string}[] = [
  {
    magic: '7f454c46',
    name: 'an ELF file',
    hint: path =>
      `take the BTF out of it: objcopy --dump-section .BTF=kernel.btf ${path} /dev/null`,
  },
  {magic: '4d5a', name: 'a kernel image', hint: unpackFirst},
  {magic: '1f8b', name: 'compressed (gzip)', hint: path => `unpack it: zcat ${path} > kernel.btf`},
  {magic: '28b52ffd', name: 'compressed (zstd)', hint: path => `unpack it: zstd -d ${path}`},
  {magic: 'fd377a585a00', name: 'compressed (xz)', hint: path => `unpack it: xz -dk ${path}`},
];

function unpackFirst(path: string): string {
  return (
    'unpack it with scripts/extract-vmlinux of the kernel source, then take the BTF out:\n' +
    `extract-vmlinux ${path} > vmlinux && ` +
    'objcopy --dump-section .BTF=kernel.btf vmlinux /dev/null'
  );
}

/** The path of the running kernel's BTF for a module, or of vmlinux. */
export function runningBtfPath(module: string): string {
  return `${BTF_DIRECTORY}/${module}`;
}

/**
 * The raw BTF in a file, by default that of the running kernel. It is read when the core wants
 * it, straight into the core's memory; only what has no size beforehand, such as a pipe or `-`
 * for standard input, is read at once.
 *
 * @throws {InputError} The file cannot be read, or is something else than raw BTF.
 */
export function openBtf(path: string = VMLINUX_BTF): Bytes {
  const opened = withFile(path, 'the kernel BTF', fd => {
    const status = fstatSync(fd);
    const size = path !== '-' && status.isFile() ? status.size : 0;
    const start =
      size > 0 ? new Uint8Array(Math.min(8, size)) : readToEnd(fd, path, INPUT_BYTES_MAX.kernelBtf);
    if (size > 0) readUntilFull(fd, start);
    refuseContainer(path, start);
    return size > 0 ? size : start;
  });
  if (opened instanceof Uint8Array) return opened;
  return {
    size: opened,
    readInto: target => readInto(path, target),
    isSame: held => withFile(path, 'the kernel BTF', fd => fileIs(fd, held)),
  };
}

/**
 * As `openBtf()`, and says what to do on a kernel that has none.
 *
 * @throws {InputError} with code `KERNEL_WITHOUT_BTF`.
 */
export function openRunningKernelBtf(): Bytes {
  try {
    return openBtf();
  } catch (cause) {
    if (!(cause instanceof InputError) || cause.code !== 'FILE_NOT_FOUND') throw cause;
    throw new InputError(
      'KERNEL_WITHOUT_BTF',
      {
        what: `this machine's kernel has no ${VMLINUX_BTF}`,
        why: 'it was built without CONFIG_DEBUG_INFO_BTF, or sysfs is not mounted here',
        hint: 'plan for another kernel with its BTF in a file: --btf FILE',
      },
      {cause},
    );
  }
}

function readInto(path: string, target: Uint8Array): void {
  const have = withFile(path, 'the kernel BTF', fd => readUntilFull(fd, target));
  if (have === target.length) return;
  const bytes = `${have} of ${target.length} bytes`;
  throw new InputError('FILE_NOT_READABLE', {
    what: `cannot read the kernel BTF ${path}`,
    why: `it ended after ${bytes}: it has changed meanwhile`,
  });
}

function refuseContainer(path: string, start: Uint8Array): void {
  const hex = Buffer.from(start.subarray(0, 8)).toString('hex');
  const container = CONTAINERS.find(({magic}) => hex.startsWith(magic));
  if (container === undefined) return;
  throw new InputError('NOT_RAW_BTF', {
    what: `${path} is ${container.name}, not raw BTF`,
    why: 'the BTF of a kernel is wanted, as the file /sys/kernel/btf/vmlinux has it',
    hint: container.hint(path),
  });
}
