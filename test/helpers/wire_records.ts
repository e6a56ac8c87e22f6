/** The plan format's records, read out of the three places that write them down. */

/** Field -> its first byte and its bytes, in order. */
export type WireRecord = Readonly<Record<string, {readonly offset: number; readonly size: number}>>;

const BYTES_OF_TYPE: Readonly<Record<string, number>> = {
  u8: 1,
  uint8_t: 1,
  u32: 4,
  uint32_t: 4,
  u64: 8,
  uint64_t: 8,
};

/** `struct plan_NAME { uint32_t field; uint8_t field[8]; };` -> NAME -> record. */
export function recordsOfC(header: string): Map<string, WireRecord> {
  const records = new Map<string, WireRecord>();
  for (const [, name = '', body = ''] of header.matchAll(/^struct plan_(\w+) \{\n(.*?)^\};/gms)) {
    const record: Record<string, {offset: number; size: number}> = {};
    let offset = 0;
    for (const [, type = '', field = '', count] of body.matchAll(
      /^\t(\w+) (\w+)(?:\[(\d+)\])?;/gm,
    )) {
      const size = bytesOf(type) * Number(count ?? 1);
      record[field] = {offset, size};
      offset += size;
    }
    records.set(name, record);
  }
  return records;
}

/** `#define PLAN_NAME 1`, and `NAME = 1,` of an enum. Shifts and UINT32_MAX are understood. */
export function constantsOfC(header: string): Map<string, number> {
  const lines = header.matchAll(/^(?:#define (\w+) (\S.*?)|\t(\w+) = (\S+),)(?: *\/\*.*)?$/gm);
  return new Map([...lines].map(line => [line[1] ?? line[3] ?? '', numberOf(line[2] ?? line[4])]));
}

/** `export const NAME: u32 = 1;` */
export function constantsOfCore(source: string): Map<string, number> {
  const lines = source.matchAll(/^export const (\w+): u(?:32|64) = (.+);$/gm);
  return new Map([...lines].map(([, name = '', value]) => [name, numberOf(value)]));
}

/** Rows `| 0 | u32 | \`field\` | …` below a heading; what has no name is reserved: `zero`. */
export function recordOfDocument(document: string, heading: string): WireRecord {
  const from = document.indexOf(`\n## ${heading}\n`);
  const section = document.slice(from, document.indexOf('\n## ', from + 1));
  const rows = section.matchAll(/^\| (\d+) \| (\w+?)(?:\[(\d+)\])? \| (?:`(\w+)`)?/gm);
  return Object.fromEntries(
    [...rows].map(([, offset, type = '', count, field = 'zero']) => [
      field,
      {offset: Number(offset), size: bytesOf(type) * Number(count ?? 1)},
    ]),
  );
}

function bytesOf(type: string): number {
  const bytes = BYTES_OF_TYPE[type];
  if (bytes === undefined) throw new Error(`no integer type of the plan format: ${type}`);
  return bytes;
}

/** NaN for what is no number, such as a text. */
function numberOf(text = ''): number {
  if (/^(UINT32_MAX|u32\.MAX_VALUE)$/.test(text)) return 0xffff_ffff;
  const [, value = '', shift = '0'] = /^\(?([\dx][\w]*?)u?(?: << (\d+)\)?)?$/.exec(text) ?? [];
  return Number(value.replaceAll('_', '') || Number.NaN) * 2 ** Number(shift);
}
