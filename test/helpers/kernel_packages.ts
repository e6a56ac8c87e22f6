import {packTar} from 'modern-tar';

/** Packages of kernels from nothing, by the documents of their formats. */

export type Files = Readonly<Record<string, Uint8Array | string>>;

export function tarOf(files: Files): Promise<Uint8Array> {
  return packTar(
    Object.entries(files).map(([name, content]) => {
      const body = Buffer.from(content);
      return {header: {name, size: body.length, type: 'file' as const}, body};
    }),
  );
}

/** ar(5) */
export function arOf(members: Files): Buffer {
  const parts = Object.entries(members).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const fields = [`${name}/`.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6)];
    const head = `${fields.join('')}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
    return [Buffer.from(head), bytes, Buffer.alloc(bytes.length % 2, '\n')];
  });
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

/** deb(5); `pack` packs data.tar, whose name gets `ending`. */
export async function debOf(
  files: Files,
  pack: (tar: Uint8Array) => Uint8Array,
  ending: string,
): Promise<Buffer> {
  const data = pack(await tarOf(files));
  return arOf({'debian-binary': '2.0\n', 'control.tar': 'odd', [`data.tar${ending}`]: data});
}

/** The "newc" format of the kernel's buffer-format.rst. */
export function cpioOf(files: Files): Buffer {
  const entries = [...Object.entries(files), ['TRAILER!!!', ''] as const];
  return Buffer.concat(
    entries.flatMap(([name, content]) => {
      const bytes = Buffer.from(content);
      const fields = [1, 0o100644, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
      const head = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`;
      return [padded(Buffer.from(`${head}${name}\0`)), padded(bytes)];
    }),
  );
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** The file format of RPM 4, with headers that hold one tag. */
export function rpmOf(files: Files, pack: (cpio: Uint8Array) => Uint8Array): Buffer {
  const lead = Buffer.alloc(96);
  lead.write('edabeedb0300', 'hex');
  const header = (store: string) => {
    const head = Buffer.from('8eade801000000000000000100000000', 'hex');
    head.writeUInt32BE(store.length, 12);
    return Buffer.concat([head, Buffer.alloc(16), Buffer.from(store)]);
  };
  const signature = header('signed');
  const gap = Buffer.alloc((8 - (signature.length % 8)) % 8);
  return Buffer.concat([lead, signature, gap, header('a tag'), pack(cpioOf(files))]);
}

/** The parts of a bzImage that boot.rst tells of, around a packed kernel. */
export function bzImageOf(payload: Uint8Array): Buffer {
  const setup = Buffer.alloc(1024);
  setup.write('MZ');
  setup.writeUInt8(1, 0x1f1);
  setup.write('HdrS', 0x202);
  setup.writeUInt32LE(16, 0x248);
  setup.writeUInt32LE(payload.length + 4, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(16), payload, Buffer.alloc(4)]);
}

/** drivers/firmware/efi/libstub/zboot-header.S */
export function zbootOf(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(64);
  head.write('MZ\0\0zimg');
  head.writeUInt32LE(64, 8);
  head.writeUInt32LE(payload.length, 12);
  return Buffer.concat([head, payload]);
}
