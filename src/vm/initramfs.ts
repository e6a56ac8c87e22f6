/** A file of a guest. */
export interface InitramfsFile {
  /** From the root, without a slash at its start. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable?: boolean;
}

const DIRECTORY = 0o040755;
const END = 'TRAILER!!!';

/** What a kernel unpacks as its root: cpio, "newc", of the kernel's buffer-format.rst. */
export function initramfsOf(
  directories: readonly string[],
  files: readonly InitramfsFile[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (path: string, mode: number, content: Uint8Array) => {
    const fields = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length + 1, 0];
    const head = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`;
    parts.push(...padded(Buffer.from(`${head}${path}\0`)), ...padded(content));
  };
  for (const path of directories) add(path, DIRECTORY, new Uint8Array());
  for (const {path, content, executable = false} of files) {
    add(path, executable ? 0o100755 : 0o100644, content);
  }
  add(END, 0, new Uint8Array());
  return Buffer.concat(parts);
}

function padded(bytes: Uint8Array): Uint8Array[] {
  return [bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)];
}
