/** Controls, also those that turn the direction of writing, line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text that does nothing to a terminal. Names in objects and plans come from strangers: one with
 * an escape sequence must not hide a step from its reviewer.
 */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    character => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
}

/** A copy of JSON with every string in it made `printable`, keys as well. */
export function printableJson<Json>(json: Json): Json {
  if (typeof json === 'string') return printable(json) as Json;
  if (Array.isArray(json)) return json.map(item => printableJson(item)) as Json;
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).map(([key, value]) => [
    printable(key),
    printableJson(value),
  ]);
  return Object.fromEntries(entries) as Json;
}

/**
 * `1234567` → `1,234,567`, the same in every locale, of an integer from 0 on. `toLocaleString()`
 * takes as long as a plan to load what it knows of languages.
 */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

export function bytesText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'byte' : 'bytes'}`;
}

/** `text`, or its start with a mark that something is missing. */
export function shortened(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}

export function indented(lines: readonly string[], spaces: number): string[] {
  return lines.map(line => (line === '' ? '' : ' '.repeat(spaces) + line));
}
