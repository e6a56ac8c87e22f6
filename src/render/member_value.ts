import {printable, shortened} from './text.js';

const HEX_CHARACTERS_MAX = 48;

/** The bytes of a member for people: a number, quoted text, or hex. */
export function memberValue(kind: string, hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (kind === 'ARRAY' && isText(bytes)) {
    return JSON.stringify(printable(bytes.toString('utf8').replace(/\0+$/, '')));
  }
  const isNumber = ['INT', 'ENUM', 'ENUM64'].includes(kind) && bytes.length <= 8;
  if (isNumber && bytes.length > 0) return numberText(bytes);
  return shortened(hex, HEX_CHARACTERS_MAX);
}

/** Printable ASCII, then nothing but NULs. */
function isText(bytes: Buffer): boolean {
  return /^[\x20-\x7e]+\0*$/.test(bytes.toString('latin1'));
}

/** Little-endian. Whether it is signed is not said, so large ones are shown in hex as well. */
function numberText(bytes: Buffer): string {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return number < 10n ? String(number) : `${number} (0x${number.toString(16)})`;
}
