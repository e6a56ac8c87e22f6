import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';

/**
 * Where the parts of a raw BTF lie, checked against its size: `btf_parse_hdr` of libbpf. Null and a fault when it is not
 * usable. `fileOffset` is where the BTF starts in the input.
 */
@final
export class BtfHeader {
  private constructor(
    readonly headerSize: u32,
    readonly typesOffset: u32,
    readonly typesSize: u32,
    readonly stringsOffset: u32,
    readonly stringsSize: u32,
    /** Of the kinds' sizes, between types and strings; 0 bytes without. */
    readonly layoutOffset: u32,
    readonly layoutSize: u32,
  ) {}

  /** Whether the header says anything of a layout. */
  hasLayout(at: usize): bool {
    return this.headerSize >= uapi.BTF_HDR_SIZE_LAYOUT && load<u64>(at, uapi.BTF_LAYOUT_OFF) != 0;
  }

  static parse(
    at: usize,
    size: u32,
    input: Input,
    fileOffset: u32,
    split: bool,
    faults: Faults,
  ): BtfHeader | null {
    const header = BtfHeader.parseHead(at, size, input, fileOffset, faults);
    if (header === null) return null;
    const strings = at + header.stringsOffset;
    const stringsSize = header.stringsSize;
    const empty = stringsSize == 0;
    if (
      (empty && !split) ||
      (!empty && load<u8>(strings + stringsSize - 1) != 0) ||
      (!empty && !split && load<u8>(strings) != 0)
    ) {
      faults
        .add(
          codeFor(input, FaultCode.BTF_BAD_STRINGS),
          'the BTF string section does not start and end in NUL',
        )
        .in(input)
        .at(fileOffset + header.stringsOffset);
      return null;
    }
    return header;
  }

  /** The same of the header alone, without a look at the strings: what follows it need not be in memory. */
  static parseHead(
    at: usize,
    size: u32,
    input: Input,
    fileOffset: u32,
    faults: Faults,
  ): BtfHeader | null {
    if (size < uapi.BTF_HDR_SIZE_MIN || load<u16>(at) != uapi.BTF_MAGIC) {
      const swapped = size >= 2 && load<u16>(at) == 0x9feb;
      const found = swapped
        ? 'the magic of the other byte order'
        : size < uapi.BTF_HDR_SIZE_MIN
          ? `${size} bytes`
          : `0x${load<u16>(at).toString(16)}`;
      faults
        .add(codeFor(input, FaultCode.BTF_NOT_BTF), 'the bytes are not BTF of this byte order')
        .in(input)
        .at(fileOffset)
        .differs('magic 0xeb9f and a header of 24 bytes or more', found);
      return null;
    }
    // The kernel knows no other (btf_parse_hdr).
    if (load<u8>(at, uapi.BTF_VERSION_OFF) != 1 || load<u8>(at, uapi.BTF_FLAGS_OFF) != 0) {
      const version: u32 = load<u8>(at, uapi.BTF_VERSION_OFF);
      const flags: u32 = load<u8>(at, uapi.BTF_FLAGS_OFF);
      faults
        .add(codeFor(input, FaultCode.BTF_BAD_HEADER), 'the BTF is of an unknown version')
        .in(input)
        .at(fileOffset + uapi.BTF_VERSION_OFF)
        .differs('version 1, flags 0', `version ${version}, flags ${flags}`);
      return null;
    }
    const headerSize = load<u32>(at, uapi.BTF_HDR_LEN);
    if (headerSize < uapi.BTF_HDR_SIZE_MIN || headerSize > size) {
      faults
        .add(codeFor(input, FaultCode.BTF_BAD_HEADER), 'the BTF header has an impossible length')
        .in(input)
        .at(fileOffset + uapi.BTF_HDR_LEN)
        .differs(`24 to ${size}`, `${headerSize}`);
      return null;
    }
    const rest = size - headerSize;
    const typesOffset = load<u32>(at, uapi.BTF_TYPE_OFF);
    const typesSize = load<u32>(at, uapi.BTF_TYPE_LEN);
    const stringsOffset = load<u32>(at, uapi.BTF_STR_OFF);
    const stringsSize = load<u32>(at, uapi.BTF_STR_LEN);
    if (typesOffset > rest || typesSize > rest - typesOffset) {
      return outside(input, fileOffset, 'type', typesOffset, typesSize, rest, faults);
    }
    if (stringsOffset > rest || stringsSize > rest - stringsOffset) {
      return outside(input, fileOffset, 'string', stringsOffset, stringsSize, rest, faults);
    }
    if ((typesOffset & 3) != 0 || typesOffset + typesSize > stringsOffset) {
      faults
        .add(
          codeFor(input, FaultCode.BTF_BAD_HEADER),
          'the BTF type section is misaligned or does not come before the strings',
        )
        .in(input)
        .at(fileOffset + uapi.BTF_TYPE_OFF)
        .differs(
          'types at a multiple of 4, then strings',
          `types at ${typesOffset}, ${typesSize} bytes, strings at ${stringsOffset}`,
        );
      return null;
    }
    const knows = headerSize >= uapi.BTF_HDR_SIZE_LAYOUT;
    const layoutSize: u32 = knows ? load<u32>(at, uapi.BTF_LAYOUT_LEN) : 0;
    const layoutOffset: u32 = layoutSize > 0 ? load<u32>(at, uapi.BTF_LAYOUT_OFF) : 0;
    if (
      layoutSize > 0 &&
      ((layoutOffset & 3) != 0 ||
        layoutOffset < typesOffset + typesSize ||
        layoutOffset > stringsOffset ||
        layoutSize > stringsOffset - layoutOffset)
    ) {
      faults
        .add(
          codeFor(input, FaultCode.BTF_BAD_HEADER),
          'the BTF layout section does not lie between types and strings',
        )
        .in(input)
        .at(fileOffset + uapi.BTF_LAYOUT_OFF)
        .differs(
          `a multiple of 4 from ${typesOffset + typesSize} to ${stringsOffset}`,
          `${layoutSize} bytes at ${layoutOffset}`,
        );
      return null;
    }
    return new BtfHeader(
      headerSize,
      headerSize + typesOffset,
      typesSize,
      headerSize + stringsOffset,
      stringsSize,
      headerSize + layoutOffset,
      layoutSize,
    );
  }
}

/** The kernel's BTF has two codes for all that can be wrong with it; the object's says which. */
export function codeFor(input: Input, code: FaultCode): FaultCode {
  if (input == Input.Object) return code;
  return code == FaultCode.BTF_NOT_BTF ? FaultCode.KERN_NOT_BTF : FaultCode.KERN_BAD_BTF;
}

function outside(
  input: Input,
  fileOffset: u32,
  what: string,
  offset: u32,
  size: u32,
  rest: u32,
  faults: Faults,
): BtfHeader | null {
  faults
    .add(
      codeFor(input, FaultCode.BTF_TRUNCATED),
      `the BTF ${what} section lies beyond the end of the BTF`,
    )
    .in(input)
    .at(fileOffset)
    .differs(`${size} bytes at ${offset}`, `${rest} bytes after the header`);
  return null;
}
