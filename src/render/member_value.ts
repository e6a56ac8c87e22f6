import {shortened} from './text.js';

const HEX_CHARACTERS_MAX = 48;

/** The bytes of a member for people: a number, quoted text, or hex. */
export function memberValue(kind: string, hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16));
  const text = bytes.map(byte => String.fromCharCode(byte)).join('');
  if (kind === 'ARRAY' && isText(text)) return JSON.stringify(text.replace(/\0+$/, ''));
  const isNumber = ['INT', 'ENUM', 'ENUM64'].includes(kind) && bytes.length <= 8;
  if (isNumber && bytes.length > 0) return numberText(bytes);
  return shortened(hex, HEX_CHARACTERS_MAX);
}

/** Printable ASCII, then nothing but NULs. */
function isText(text: string): boolean {
  return /^[\x20-\x7e]+\0*$/.test(text);
}

/** Little-endian. Whether it is signed is not said, so large ones are shown in hex as well. */
function numberText(bytes: readonly number[]): string {
  const number = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return number < 10n ? String(number) : `${number} (0x${number.toString(16)})`;
}
