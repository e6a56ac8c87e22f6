import {ByteWriter} from '../bytes/byte_writer';
import {REPLACEMENT, sequenceLength} from './utf8';

/** 2^53: larger integers do not survive JSON readers that have doubles only. */
const EXACT_MAX: u64 = 1 << 53;
const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/**
 * Writes one JSON document as UTF-8. Commas are put where they belong; that brackets match and that a key stands before
 * each value of an object is up to the caller.
 */
@final
export class JsonWriter {
  private comma: bool = false;

  constructor(private readonly out: ByteWriter) {}

  beginObject(): void {
    this.open(0x7b);
  }

  endObject(): void {
    this.close(0x7d);
  }

  beginArray(): void {
    this.open(0x5b);
  }

  endArray(): void {
    this.close(0x5d);
  }

  /** `name` is ASCII and needs no escape. */
  key(name: string): void {
    this.separate();
    this.out.u8(QUOTE);
    this.out.ascii(name);
    this.out.ascii('": ');
    this.comma = false;
  }

  /** Half of a surrogate pair alone becomes U+FFFD. */
  text(value: string): void {
    this.separate();
    this.out.u8(QUOTE);
    const length = value.length;
    for (let i = 0; i < length; i++) {
      const point = <u32>value.codePointAt(i);
      if (point > 0xffff) i++;
      this.character(point >= 0xd800 && point < 0xe000 ? REPLACEMENT : point);
    }
    this.out.u8(QUOTE);
  }

  /** UTF-8 from a file. What is none becomes U+FFFD, as TextDecoder does it. */
  bytesText(from: usize, size: u32): void {
    this.separate();
    this.out.u8(QUOTE);
    const end = from + size;
    let at = from;
    while (at < end) {
      const plain = at;
      while (at < end && isPlain(load<u8>(at))) at++;
      this.out.bytes(plain, <u32>(at - plain));
      if (at == end) break;
      if (load<u8>(at) < 0x80) {
        this.character(load<u8>(at++));
        continue;
      }
      const length = sequenceLength(at, end);
      if (length > 0) this.out.bytes(at, length);
      else this.character(REPLACEMENT);
      at += abs(length);
    }
    this.out.u8(QUOTE);
  }

  /** Two digits a byte, eight digits at a time: plans carry megabytes. */
  hex(from: usize, size: u32): void {
    this.separate();
    this.out.u8(QUOTE);
    let at = from;
    for (const end = from + (size & ~3); at < end; at += 4) this.out.u64(hexDigits(load<u32>(at)));
    for (const end = from + size; at < end; at++) this.out.u16(<u32>hexDigits(load<u8>(at)));
    this.out.u8(QUOTE);
  }

  /** Above 2^53 a string: `0x` and hex digits. */
  number(value: u64): void {
    this.separate();
    const digits = value > EXACT_MAX ? `"0x${value.toString(16)}"` : value.toString();
    this.out.ascii(digits);
  }

  boolean(value: bool): void {
    this.separate();
    this.out.ascii(value ? 'true' : 'false');
  }

  nothing(): void {
    this.separate();
    this.out.ascii('null');
  }

  /** Ends a document: a line of its own in a terminal, and in a file. */
  endLine(): void {
    this.out.u8(0x0a);
    this.comma = false;
  }

  private open(bracket: u32): void {
    this.separate();
    this.out.u8(bracket);
    this.comma = false;
  }

  private close(bracket: u32): void {
    this.out.u8(bracket);
    this.comma = true;
  }

  private separate(): void {
    if (this.comma) this.out.ascii(', ');
    this.comma = true;
  }

  private character(point: u32): void {
    const out = this.out;
    if (point < 0x80) {
      if (isPlain(<u8>point)) out.u8(point);
      else this.escape(point);
    } else if (point < 0x800) {
      out.u8(0xc0 | (point >> 6));
      out.u8(0x80 | (point & 0x3f));
    } else {
      if (point < 0x10000) out.u8(0xe0 | (point >> 12));
      else {
        out.u8(0xf0 | (point >> 18));
        out.u8(0x80 | ((point >> 12) & 0x3f));
      }
      out.u8(0x80 | ((point >> 6) & 0x3f));
      out.u8(0x80 | (point & 0x3f));
    }
  }

  private escape(point: u32): void {
    this.out.u8(BACKSLASH);
    switch (point) {
      case 0x08:
        this.out.ascii('b');
        break;
      case 0x09:
        this.out.ascii('t');
        break;
      case 0x0a:
        this.out.ascii('n');
        break;
      case 0x0c:
        this.out.ascii('f');
        break;
      case 0x0d:
        this.out.ascii('r');
        break;
      case QUOTE:
      case BACKSLASH:
        this.out.u8(point);
        break;
      default:
        this.out.ascii('u00');
        this.out.u16(<u32>hexDigits(point));
    }
  }
}

/** ASCII that a JSON string holds as it is. */
function isPlain(byte: u8): bool {
  return byte >= 0x20 && byte < 0x80 && byte != QUOTE && byte != BACKSLASH;
}

/** The hex digits of four bytes, as eight bytes in the order of the text; all in one register. */
function hexDigits(bytes: u32): u64 {
  let wide: u64 = bytes;
  wide = (wide | (wide << 16)) & 0x0000_ffff_0000_ffff;
  wide = (wide | (wide << 8)) & 0x00ff_00ff_00ff_00ff;
  const nibbles = ((wide >> 4) & 0x000f_000f_000f_000f) | ((wide & 0x000f_000f_000f_000f) << 8);
  // 1 in each byte whose nibble is above 9: from '9' to 'a' there are 39 other characters.
  const letters = ((nibbles + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
  return nibbles + 0x3030_3030_3030_3030 + letters * 39;
}
