import {ByteWriter} from '../bytes/byte_writer';
import {nameText} from '../bytes/c_string';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';

/**
 * How long the description of an object or a kernel may become. Honest ones need more bytes than their description, which
 * names each thing once. A file in which a million variables share one name of a megabyte must not fill the memory.
 */
@final
export class OutputLimit {
  private readonly most: u32;

  constructor(
    private readonly out: ByteWriter,
    /** Bytes of what is described. */
    size: u32,
    private readonly faults: Faults,
    private readonly input: Input = Input.Object,
  ) {
    this.most = size * 4 + (1 << 20);
  }

  /** Whether there is room for what is called `next`; a fault when there is none. */
  allows(next: usize): bool {
    if (this.out.size <= this.most) return true;
    if (!this.faults.any) {
      const isObject = this.input == Input.Object;
      const what = isObject ? 'object' : 'kernel';
      this.faults
        .add(
          isObject ? FaultCode.OBJ_TOO_LARGE : FaultCode.KERN_BAD_BTF,
          `the description of the ${what} is larger than ${this.most} bytes before it tells of ${nameText(next)}`,
        )
        .in(this.input)
        .ofSymbol(nameText(next));
    }
    return false;
  }
}
