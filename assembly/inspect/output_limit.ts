import {ByteWriter} from '../bytes/byte_writer';
import {nameText} from '../bytes/c_string';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';

/**
 * How long the description of an object may become. Honest objects need more bytes than their description, which names
 * each thing once. A file in which a million variables share one name of a megabyte must not fill the memory.
 */
@final
export class OutputLimit {
  private readonly most: u32;

  constructor(
    private readonly out: ByteWriter,
    objectSize: u32,
    private readonly faults: Faults,
  ) {
    this.most = objectSize * 4 + (1 << 20);
  }

  /** Whether there is room for what is called `next`; a fault when there is none. */
  allows(next: usize): bool {
    if (this.out.size <= this.most) return true;
    if (!this.faults.any) {
      this.faults
        .add(
          FaultCode.OBJ_TOO_LARGE,
          `the description of the object is larger than ${this.most} bytes before it tells of ${nameText(next)}`,
        )
        .ofSymbol(nameText(next));
    }
    return false;
  }
}
