import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';

/** Records of one kind for one ELF section. */
@final
export class BtfExtBlock {
  constructor(
    /** Name of the ELF section. */
    readonly section: usize,
    readonly records: usize,
    readonly count: u32,
    readonly recordSize: u32,
    /** Where the records are in the object file. */
    readonly fileOffset: u32,
  ) {}

  record(index: u32): usize {
    return this.records + index * this.recordSize;
  }
}

/**
 * The object's .BTF.ext: func_info, line_info and CO-RE relocation records by section, every record known to lie inside it
 * (`btf_ext_parse` of libbpf).
 */
@final
export class BtfExt {
  readonly funcInfo: BtfExtBlock[] = [];
  readonly lineInfo: BtfExtBlock[] = [];
  readonly coreRelos: BtfExtBlock[] = [];
  /** Bytes of a record; 0 without any. */
  funcInfoSize: u32 = 0;
  lineInfoSize: u32 = 0;

  private constructor() {}

  /** Differs from libbpf: a damaged .BTF.ext is a fault; libbpf drops it, and the verifier complains of what is missing. */
  static parse(at: usize, size: u32, btf: Btf, fileOffset: u32, faults: Faults): BtfExt | null {
    const headerSize = size >= uapi.BTF_EXT_HDR_SIZE_MIN ? load<u32>(at, uapi.BTF_HDR_LEN) : 0;
    if (
      headerSize < uapi.BTF_EXT_HDR_SIZE_MIN ||
      headerSize > size ||
      load<u16>(at) != uapi.BTF_MAGIC ||
      load<u8>(at, 2) != 1 ||
      load<u8>(at, 3) != 0
    ) {
      bad(faults, fileOffset, 'has no usable header');
      return null;
    }
    const ext = new BtfExt();
    const reader = new SectionReader(at, size, headerSize, btf, fileOffset, faults);
    if (!reader.read(uapi.FUNC_INFO_OFF, 8, 'func_info', ext.funcInfo)) return null;
    ext.funcInfoSize = reader.recordSize;
    if (!reader.read(uapi.LINE_INFO_OFF, 16, 'line_info', ext.lineInfo)) return null;
    ext.lineInfoSize = reader.recordSize;
    if (headerSize >= uapi.BTF_EXT_HDR_SIZE_CORE) {
      if (!reader.read(uapi.CORE_RELO_OFF, 16, 'CO-RE relocation', ext.coreRelos)) return null;
    }
    return ext;
  }
}

@final
class SectionReader {
  recordSize: u32 = 0;

  constructor(
    private readonly at: usize,
    private readonly size: u32,
    private readonly headerSize: u32,
    private readonly btf: Btf,
    private readonly fileOffset: u32,
    private readonly faults: Faults,
  ) {}

  /** One of the three parts, whose offset and length stand at `field` of the header. */
  read(field: u32, least: u32, what: string, blocks: BtfExtBlock[]): bool {
    const part = load<u32>(this.at + field);
    const partSize = load<u32>(this.at + field, 4);
    this.recordSize = 0;
    if (partSize == 0) return true;
    const rest = this.size - this.headerSize;
    if (part > rest || partSize > rest - part || (part & 3) != 0 || partSize < 4) {
      return this.refuse(field, `has its ${what} part beyond its end or misaligned`);
    }
    const start = this.headerSize + part;
    const end = start + partSize;
    const recordSize = load<u32>(this.at + start);
    if (recordSize < least || (recordSize & 3) != 0 || recordSize > partSize) {
      return this.refuse(start, `has ${what} records of ${recordSize} bytes`);
    }
    this.recordSize = recordSize;
    let here = start + 4;
    if (here == end) return this.refuse(start, `has an empty ${what} part`);
    while (here < end) {
      if (end - here < 8) return this.refuse(here, `has a cut ${what} block`);
      const count = load<u32>(this.at + here, 4);
      const left = end - here - 8;
      if (count == 0 || count > left / recordSize) {
        return this.refuse(here + 4, `has ${count} ${what} records where ${left} bytes are left`);
      }
      const records = here + 8;
      blocks.push(
        new BtfExtBlock(
          this.btf.nameAt(load<u32>(this.at + here)),
          this.at + records,
          count,
          recordSize,
          this.fileOffset + records,
        ),
      );
      here = records + count * recordSize;
    }
    return true;
  }

  private refuse(offset: u32, what: string): bool {
    bad(this.faults, this.fileOffset + offset, what);
    return false;
  }
}

function bad(faults: Faults, offset: u32, what: string): Fault {
  return faults
    .add(FaultCode.BTF_EXT_BAD, `the object's .BTF.ext ${what}`)
    .at(offset)
    .ofSection('.BTF.ext');
}
